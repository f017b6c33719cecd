// Inside the layers: a value's distribution in every layer at one step, with a scrubber
// through the steps, and one layer's over time.

import { scale } from "./axes.js";
import { byId, el, folded, put, table } from "./dom.js";
import { short, significant } from "./format.js";
import { context } from "./spark.js";
import { colour, still } from "./theme.js";

const CALLED = {
  input: "inputs", preactivation: "weighted sums", activation: "activations",
  "activation-gradient": "gradients of activations", weight: "weights", "weight-gradient": "gradients of weights", update: "steps of the weights",
};
const ROW = 34, LEFT = 86, RIGHT = 148, OVER = 130;

/** The section. `ask(of)` fetches a value; `choose(layer)` tells which layer is looked at. */
export class Layers {
  constructor({ ask, choose }) {
    this.choose = choose;
    this.of = "activation";
    this.at = null;
    this.value = el("select", { "aria-label": "What is shown", onchange: () => ask((this.of = this.value.value)) });
    this.same = el("input", { type: "checkbox", onchange: () => this.draw() });
    this.range = el("input", { type: "range", min: 0, value: 0, "aria-label": "Step", oninput: () => this.scrub() });
    this.play = el("button", { type: "button", onclick: () => this.playOrStop() }, "Play");
    this.step = el("output", { class: "step" });
    this.rows = el("canvas", { role: "img" });
    this.over = el("canvas", { role: "img" });
    this.overTitle = el("h3", {});
    this.note = el("p", { class: "quiet" });
    this.table = folded("As a table", () => this.asTable());
    this.body = el("div", {},
      el("div", { class: "row scrubber" }, this.play, this.range, this.step),
      el("div", { class: "canvas" }, this.rows), this.overTitle, el("div", { class: "canvas" }, this.over), this.note, this.table);
    const section = byId("values");
    put(section, el("div", { class: "row" }, section.querySelector("h2"), this.value, el("label", {}, this.same, " same scale")), this.body);
    this.rows.addEventListener("click", (event) => this.pick(event));
    new ResizeObserver(() => this.draw()).observe(this.body);
  }

  /** Shows values that the server sent; `chosen` is the layer that is looked at. */
  show(id, data, chosen) {
    if (id !== this.id) this.at = null;
    const moved = data.of !== this.data?.of || id !== this.id;
    [this.id, this.data, this.chosen] = [id, data, chosen];
    this.of = data.of;
    this.steps = [...new Set(data.layers.flatMap((l) => [...l.step, ...l.histograms.map((h) => h.step)]))].sort((a, b) => a - b);
    if (data.known.join() !== this.known) {
      this.known = data.known.join();
      put(this.value, data.known.map((name) => el("option", { value: name }, CALLED[name] ?? name)));
    }
    this.value.value = data.of;
    if (moved) this.same.checked = comparable(data.layers);
    this.range.max = Math.max(0, this.steps.length - 1);
    this.range.value = this.at === null ? this.range.max : this.steps.findLastIndex((s) => s <= this.at);
    this.draw();
  }

  /** Looks at a layer, at a step if one is given. */
  look(layer, step) {
    this.chosen = layer;
    if (step !== undefined && step !== null && this.steps?.length) {
      this.range.value = Math.max(0, this.steps.findIndex((s) => s >= step));
      this.scrub();
    }
    this.draw();
  }

  /** The last step is followed, any other stays. */
  scrub() {
    this.at = Number(this.range.value) === Number(this.range.max) ? null : this.steps[this.range.value];
    this.draw();
  }

  playOrStop() {
    if (this.timer) return this.stop();
    if (Number(this.range.value) === Number(this.range.max)) this.range.value = 0;
    this.play.textContent = "Stop";
    const pause = Math.max(still() ? 500 : 60, 6000 / Math.max(1, this.steps.length));
    this.timer = setInterval(() => {
      this.range.value = Number(this.range.value) + 1;
      this.scrub();
      if (this.at === null) this.stop();
    }, pause);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  pick(event) {
    const at = Math.floor((event.clientY - this.rows.getBoundingClientRect().top) / ROW);
    const layer = this.data?.layers[at];
    if (layer) this.choose(layer.name);
  }

  draw() {
    const width = this.body.clientWidth;
    if (!this.data || width < 50) return;
    const empty = this.steps.length === 0;
    this.body.hidden = empty;
    if (empty) return;
    const step = this.steps[this.range.value];
    this.step.textContent = `step ${step}`;
    this.range.setAttribute("aria-valuetext", `step ${step}`);
    this.drawRows(width, step);
    this.drawOver(width, step);
    if (this.table.open) this.table.dispatchEvent(new Event("toggle"));
  }

  drawRows(width, step) {
    const { layers } = this.data;
    const height = layers.length * ROW + 22;
    this.rows.style.height = `${height}px`;
    const ctx = context(this.rows, width, height);
    const parts = layers.map((layer) => moments(layer, step));
    const ends = (part) => (part ? [part.min, part.max] : []);
    const all = parts.flatMap(ends);
    parts.forEach((part, i) => {
      const x = scale(this.same.checked ? all : ends(part), LEFT, width - RIGHT);
      row(ctx, layers[i].name, part, x, i * ROW, width, layers[i].name === this.chosen);
    });
    if (this.same.checked) foot(ctx, scale(all, LEFT, width - RIGHT), layers.length * ROW);
    this.rows.setAttribute("aria-label", parts.map((p, i) => `${layers[i].name}: ${inWords(p)}`).join("; "));
  }

  drawOver(width, step) {
    const layer = this.data.layers.find((l) => l.name === this.chosen) ?? this.data.layers[0];
    this.overTitle.textContent = `${CALLED[this.data.of] ?? this.data.of} of ${layer.name} over time`;
    this.over.style.height = `${OVER}px`;
    const ctx = context(this.over, width, OVER);
    layer.histograms.length ? heat(ctx, layer.histograms, width, step, this.steps) : bands(ctx, layer, width, step);
    const dead = layer.nonfinite.some((share) => share > 0);
    this.note.textContent = dead ? "✕ some values are not finite" : layer.histograms.length ? "dark: many values" : "band: least to greatest; darker: mean ± deviation";
    this.over.setAttribute("aria-label", this.overTitle.textContent);
  }

  asTable() {
    const step = this.steps[this.range.value];
    const rows = this.data.layers.map((layer) => {
      const part = moments(layer, step);
      const values = part ? [part.mean, part.std, part.min, part.max].map((x) => significant(x)) : ["–", "–", "–", "–"];
      return [layer.name, ...values, part ? `${(100 * part.zeros).toFixed(1)} %` : "–"];
    });
    return table(`${CALLED[this.data.of]} at step ${step}`, ["layer", "mean", "deviation", "least", "greatest", "zeros"], rows);
  }
}

/** Whether the layers' values are of about the same size. */
function comparable(layers) {
  const spreads = layers.map((l) => l.max.at(-1) - l.min.at(-1)).filter((x) => x > 0);
  return Math.max(...spreads) / Math.min(...spreads) < 20;
}

/** What is known of a layer at a step, or just before it. */
function moments(layer, step) {
  const i = layer.step.findLastIndex((s) => s <= step);
  const own = layer.histograms.findLast((h) => h.step <= step);
  if (i < 0 && !own) return null;
  const part = i < 0 ? { mean: NaN, std: NaN, min: own.low, max: own.high, zeros: NaN } : Object.fromEntries(["mean", "std", "min", "max", "zeros"].map((k) => [k, layer[k][i]]));
  return { ...part, histogram: own };
}

const inWords = (part) => (part ? `mean ${significant(part.mean)}, deviation ${significant(part.std)}, from ${significant(part.min)} to ${significant(part.max)}` : "not measured");

function row(ctx, name, part, x, top, width, chosen) {
  const middle = top + ROW / 2;
  if (chosen) {
    ctx.fillStyle = colour("--panel");
    ctx.fillRect(0, top, width, ROW);
  }
  ctx.font = `${chosen ? "600 " : ""}12.5px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = colour("--text");
  ctx.fillText(name.length > 12 ? `${name.slice(0, 11)}…` : name, 4, middle);
  if (!part) return;
  part.histogram ? hill(ctx, part.histogram, x, top) : whisker(ctx, part, x, middle);
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.textAlign = "right";
  ctx.fillText(`${significant(part.mean, 2)} ± ${significant(part.std, 2)}`, width - 4, middle);
}

/** Least to greatest as a line, mean ± deviation as a bar, the mean as a stroke. */
function whisker(ctx, part, x, middle) {
  ctx.fillStyle = colour("--blue");
  ctx.globalAlpha = 0.35;
  ctx.fillRect(x.at(part.min), middle - 1.5, Math.max(1, x.at(part.max) - x.at(part.min)), 3);
  ctx.globalAlpha = 0.75;
  const [from, to] = [Math.max(part.min, part.mean - part.std), Math.min(part.max, part.mean + part.std)];
  ctx.fillRect(x.at(from), middle - 7, Math.max(1.5, x.at(to) - x.at(from)), 14);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour("--text");
  ctx.fillRect(x.at(part.mean) - 1, middle - 9, 2, 18);
}

/** A histogram as steps over the row's foot; the root of the counts, so that tails show. */
function hill(ctx, { low, high, counts }, x, top) {
  const most = Math.sqrt(Math.max(1, ...counts));
  const foot = top + ROW - 3;
  ctx.fillStyle = colour("--blue");
  counts.forEach((count, i) => {
    const [from, to] = [0, 1].map((j) => x.at(low + ((i + j) / counts.length) * (high - low)));
    const tall = (Math.sqrt(count) / most) * (ROW - 7);
    ctx.fillRect(from, foot - tall, Math.max(1, to - from - 0.5), tall);
  });
}

function foot(ctx, x, top) {
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const tick of x.ticks) ctx.fillText(short(tick), x.at(tick), top + 5);
}

/** Extremes and mean ± deviation over the steps. */
function bands(ctx, layer, width, step) {
  const x = scale(layer.step, LEFT, width - 12);
  const y = scale([...layer.min, ...layer.max], OVER - 22, 8);
  frame(ctx, x, y, width);
  const plus = (sign) => layer.mean.map((m, i) => m + sign * layer.std[i]);
  area(ctx, layer.step, layer.min, layer.max, x, y, 0.2);
  area(ctx, layer.step, plus(-1), plus(1), x, y, 0.45);
  line(ctx, layer.step, layer.mean, x, y);
  hand(ctx, x.at(step));
}

function area(ctx, steps, low, high, x, y, alpha) {
  const kept = steps.map((_, i) => i).filter((i) => Number.isFinite(low[i]) && Number.isFinite(high[i]));
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour("--blue");
  ctx.beginPath();
  for (const i of kept) ctx.lineTo(x.at(steps[i]), y.at(high[i]));
  for (const i of kept.reverse()) ctx.lineTo(x.at(steps[i]), y.at(low[i]));
  ctx.fill();
  ctx.globalAlpha = 1;
}

function line(ctx, steps, values, x, y) {
  ctx.strokeStyle = colour("--text");
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  values.forEach((v, i) => Number.isFinite(v) && ctx.lineTo(x.at(steps[i]), y.at(v)));
  ctx.stroke();
}

function frame(ctx, x, y, width) {
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.strokeStyle = colour("--rule");
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const tick of y.ticks) {
    ctx.beginPath();
    ctx.moveTo(LEFT, y.at(tick));
    ctx.lineTo(width - 12, y.at(tick));
    ctx.stroke();
    ctx.fillText(short(tick), LEFT - 7, y.at(tick));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const tick of x.ticks) ctx.fillText(short(tick), x.at(tick), OVER - 16);
}

/** Where the scrubber stands. */
function hand(ctx, x) {
  ctx.strokeStyle = colour("--vermilion");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, 4);
  ctx.lineTo(x, OVER - 18);
  ctx.stroke();
}

/** Histograms side by side: a column for each step, dark where values are many. */
function heat(ctx, histograms, width, step, steps) {
  const x = scale([...steps], LEFT, width - 12);
  const y = scale(histograms.flatMap((h) => [h.low, h.high]), OVER - 22, 8);
  frame(ctx, x, y, width);
  ctx.fillStyle = colour("--blue");
  histograms.forEach((h, i) => {
    const from = x.at(h.step);
    const to = i + 1 < histograms.length ? x.at(histograms[i + 1].step) : width - 12;
    const most = Math.max(1, ...h.counts);
    h.counts.forEach((count, j) => {
      const [below, above] = [0, 1].map((k) => y.at(h.low + ((j + k) / h.counts.length) * (h.high - h.low)));
      ctx.globalAlpha = Math.sqrt(count / most);
      if (count) ctx.fillRect(from, above, Math.max(1, to - from + 0.3), Math.max(1, below - above + 0.3));
    });
  });
  ctx.globalAlpha = 1;
  hand(ctx, x.at(step));
}
