// The curves of one run: loss by step, and the measure that stands for quality by epoch.

import { Chart } from "./chart.js";
import { byId, el, folded, put, svg, table } from "./dom.js";
import { measure, number, significant } from "./format.js";
import { Smoothing } from "./smooth.js";
import { series } from "./theme.js";

/** Measures that tell best how well a model does, the first that is there. */
const HEADLINES = ["accuracy", "rmse", "mae"];

/** What is known of steps besides the loss: how it is called, its lines, how it is read. */
const BY_STEP = {
  lr: { called: "learning rate", lines: ({ lr, loss }) => [{ name: "learning rate", ...series(2), x: loss.step, y: lr.some((y) => y > 0) ? lr : [] }] },
  gradient: {
    called: "gradient norm", log: true,
    lines: ({ gradient: g }) => [{ name: "gradient norm", ...series(0), x: g.step, y: g.norm }, { name: "noise of a batch", ...series(1), x: g.step, y: g.noise }],
  },
  scale: {
    called: "noise scale", log: true,
    lines: ({ gradient: g }) => [{ name: "noise scale, in rows", ...series(2), x: g.step, y: g.scale }, { name: "batch", ...series(3), x: g.step, y: g.step.map(() => g.batch || NaN) }],
  },
};

/** The section of curves. */
export class Curves {
  /** `ask()` fetches the range that is looked at closely, or the whole where it is null. */
  constructor({ ask }) {
    this.range = null;
    this.ask = ask;
    this.loss = new Chart("Loss by step", 205);
    this.quality = new Chart("Quality by epoch", 130);
    this.log = el("input", { type: "checkbox", onchange: () => this.draw() });
    this.smoothing = new Smoothing(() => this.draw());
    this.loss.onzoom = (range) => this.look(range);
    this.whole = el("button", { type: "button", hidden: true, onclick: () => this.look(null) }, "Show all steps");
    this.measure = el("select", { "aria-label": "Measure", onchange: () => this.draw() });
    this.legend = el("p", { class: "legend quiet" });
    this.table = folded("As a table", () => asTable(this.data));
    this.keys = el("p", { class: "legend quiet" });
    this.part = el("div", {}, el("div", { class: "row" }, this.measure, this.keys), this.quality.element);
    const section = byId("curves");
    put(section,
      el("div", { class: "row" }, section.querySelector("h2"), this.whole, this.legend, this.smoothing.element, el("label", {}, this.log, " logarithmic")),
      this.loss.element, this.part, this.table);
  }

  /** Shows the curves that the server sent; `nothing` while they are on their way. */
  show(data) {
    const other = data.id !== this.data?.id;
    this.data = data;
    this.whole.hidden = !this.range;
    if (other) this.log.checked = wide(data.loss.mean);
    this.offer(data);
    this.draw();
    if (this.table.open) this.table.dispatchEvent(new Event("toggle"));
  }

  /** Looks at a range of steps closely; null is all of them. */
  look(range) {
    const last = this.data?.epochs.step.at(-1) ?? Infinity;
    const all = !range || range[1] - range[0] > Math.max(last, this.data.loss.step.at(-1) ?? 0);
    this.range = all ? null : [Math.max(0, range[0]), range[1]];
    this.whole.hidden = all;
    this.ask();
  }

  /** Offers the measures that the run has, without those that only the end has. */
  offer(data) {
    const measures = data.epochs.measures;
    const names = measures.map((m) => m.name).filter((name) => name !== "loss");
    names.sort((a, b) => rank(a) - rank(b));
    const steps = Object.keys(BY_STEP).filter((name) => known(BY_STEP[name].lines(data)).length);
    const offered = [...names, ...steps].join();
    if (offered === this.offered) return;
    this.offered = offered;
    const called = (name) => measures.find((m) => m.name === name).called;
    const options = [...names.map((name) => [name, called(name)]), ...steps.map((name) => [name, BY_STEP[name].called])];
    const had = this.measure.value;
    put(this.measure, options.map(([value, text]) => el("option", { value }, text)));
    if (options.some(([value]) => value === had)) this.measure.value = had;
  }

  draw() {
    if (!this.data) return;
    const { loss, nonfinite, epochs } = this.data;
    const byEpoch = epochs.measures.find((m) => m.name === "loss");
    const validation = byEpoch?.validation ?? [];
    // Another program may record epochs alone.
    const train = !loss.step.length ? { name: "training", ...series(0), x: epochs.step, y: (byEpoch?.train ?? []).map(number), dots: epochs.step.length < 60 } : { name: "training", ...series(0), x: loss.step, y: loss.mean, low: loss.size > 1 ? loss.low : undefined, high: loss.high };
    const lines = [...this.calm(train), { name: "validation", ...series(1), x: epochs.step, y: validation.map(number), dots: epochs.step.length < 60 }];
    const shown = lines.filter((line) => line.y.some(Number.isFinite));
    const marks = nonfinite ? [{ x: nonfinite, text: `✕ not finite at step ${nonfinite}` }] : [];
    this.loss.show({ lines: shown, log: this.log.checked, marks, range: this.range });
    put(this.legend, shown.filter((line) => !line.pale).map(key), shown.some((line) => line.pale) && el("span", {}, "pale: as measured"), loss.size > 1 && el("span", {}, `band: least to greatest of ${loss.size} steps`));
    this.drawQuality();
  }

  /** A long line, smoothed, over what it was made from. */
  calm(line) {
    if (!this.smoothing.on(line.y)) return [line];
    return [{ ...line, pale: true }, { ...line, name: `${line.name}, smooth`, y: this.smoothing.of(line.y), low: undefined }];
  }

  /** Draws the measure that is chosen, by epoch or by step. */
  drawQuality() {
    const { epochs } = this.data;
    const step = BY_STEP[this.measure.value];
    if (step) {
      this.quality.label = `${step.called} by step`;
      const lines = known(step.lines(this.data));
      put(this.keys, lines.length > 1 && lines.map(key));
      return this.quality.show({ lines, log: step.log });
    }
    put(this.keys);
    const own = epochs.measures.find((m) => m.name === this.measure.value);
    if (!own) return;
    const line = (name, at, y) => ({ name, ...series(at), x: epochs.epoch, y: y.map(number), dots: epochs.epoch.length < 60 });
    const lines = [line("training", 0, own.train), line("validation", 1, own.validation)];
    this.quality.label = `${own.called} by epoch`;
    this.quality.show({ lines: lines.filter((l) => l.y.some(Number.isFinite)), xName: "epoch", reads: (y) => measure(own.name, y) });
  }
}

/** The lines that have something to show. */
const known = (lines) => lines.filter((line) => line.y.some(Number.isFinite));
const rank = (name) => (HEADLINES.includes(name) ? HEADLINES.indexOf(name) : HEADLINES.length);

/** Whether losses span so much that only a logarithmic scale shows it. */
export function wide(values) {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return low > 0 && high / low > 30;
}

/** A line's name beside a piece of it. */
export function key(line) {
  const stroke = svg("line", { x2: 30, y1: 4, y2: 4, stroke: line.colour, "stroke-width": 2.5, "stroke-dasharray": line.dash.join(" ") || null });
  return el("span", {}, svg("svg", { class: "key", width: 30, height: 8, "aria-hidden": "true" }, stroke), ` ${line.name}`);
}

function asTable({ epochs, loss }) {
  if (epochs.epoch.length === 0) {
    return table("Loss by step", ["step", "mean loss", "least", "greatest"], loss.step.map((s, i) => [String(s), significant(loss.mean[i]), significant(loss.low[i]), significant(loss.high[i])]));
  }
  const columns = epochs.measures.flatMap((m) => [["training", m.train], ["validation", m.validation]]
    .filter(([, values]) => values.some((v) => v !== null)).map(([rows, values]) => [`${rows} ${m.called}`, m.name, values]));
  const rows = epochs.epoch.map((epoch, i) => [String(epoch), ...columns.map(([, name, values]) => measure(name, values[i]))]);
  return table("Measures by epoch", ["epoch", ...columns.map(([head]) => head)], rows);
}
