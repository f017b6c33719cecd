// Inside the layers: a value's distribution in every layer at one step, with a scrubber
// through the steps, and one layer's over time.

import { scale } from "./axes.js";
import { LEFT, OVER, RIGHT, ROW, bands, foot, heat, moments, row } from "./distributions.js";
import { byId, el, folded, put, table } from "./dom.js";
import { number, significant } from "./format.js";
import { context } from "./spark.js";
import { still } from "./theme.js";

const CALLED = {
  input: "inputs", preactivation: "weighted sums", activation: "activations",
  "activation-gradient": "gradients of activations", "preactivation-gradient": "gradients of weighted sums", weight: "weights", "weight-gradient": "gradients of weights", update: "steps of the weights",
};

/** More layers than these scroll in a frame of their own. */
const DEEP = 16;

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
    this.rowsFrame = el("div", { class: "canvas" }, this.rows);
    this.over = el("canvas", { role: "img" });
    this.overTitle = el("h3", {});
    this.note = el("p", { class: "quiet" });
    this.table = folded("As a table", () => this.asTable());
    this.nothing = el("p", { class: "quiet", hidden: true }, "No value of a layer was recorded.");
    this.body = el("div", {},
      el("div", { class: "row scrubber" }, this.play, this.range, this.step),
      this.rowsFrame, this.overTitle, el("div", { class: "canvas" }, this.over), this.note, this.table);
    const section = byId("values");
    put(section, el("div", { class: "row" }, section.querySelector("h2"), this.value, el("label", {}, this.same, " same scale")), this.nothing, this.body);
    this.rows.addEventListener("click", (event) => this.pick(event));
    new ResizeObserver(() => this.draw()).observe(this.body);
  }

  /** Shows values that the server sent; `chosen` is the layer that is looked at, `last` the run's last step. */
  show(id, data, chosen, last) {
    if (id !== this.id) this.at = null;
    const moved = data.of !== this.data?.of || id !== this.id;
    for (const h of data.layers.flatMap((l) => l.histograms)) [h.low, h.high] = [number(h.low), number(h.high)];
    [this.id, this.data, this.chosen, this.last] = [id, data, chosen, last];
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
    const at = this.data?.layers.findIndex((l) => l.name === layer) ?? -1;
    if (at >= 0) this.rowsFrame.scrollTop = (at - 4) * ROW;
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
    if (!this.data) return;
    const empty = this.steps.length === 0;
    this.body.hidden = this.value.hidden = this.same.parentElement.hidden = empty;
    this.nothing.hidden = !empty;
    const width = this.body.clientWidth;
    if (empty || width < 50) return;
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
    const deep = layers.length > DEEP;
    this.rowsFrame.classList.toggle("deep", deep);
    // What scrolls is scrolled by keys too.
    deep ? this.rowsFrame.setAttribute("tabindex", 0) : this.rowsFrame.removeAttribute("tabindex");
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
    const behind = this.last > 1.2 * this.steps.at(-1) ? `; last measured at step ${this.steps.at(-1)} of ${this.last}` : "";
    this.note.textContent = (dead ? "✕ some values are not finite" : layer.histograms.length ? "dark: many values" : "band: least to greatest; darker: mean ± deviation") + behind;
    const [first, last] = [this.steps[0], this.steps.at(-1)];
    const ends = (first === last ? [first] : [first, last]).map((s) => `at step ${s} ${inWords(moments(layer, s))}`);
    this.over.setAttribute("aria-label", `${this.overTitle.textContent}: ${ends.join("; ")}`);
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

const inWords = (part) => (part ? `mean ${significant(part.mean)}, deviation ${significant(part.std)}, from ${significant(part.min)} to ${significant(part.max)}` : "not measured");
