// The curves of one run: loss by step, and the measure that stands for quality by epoch.

import { Chart } from "./chart.js";
import { byId, el, folded, put, table } from "./dom.js";
import { measure, number, significant } from "./format.js";
import { series } from "./theme.js";

/** Measures that tell best how well a model does, the first that is there. */
const HEADLINES = ["accuracy", "rmse", "mae"];

/** What is known of steps besides the loss. */
const BY_STEP = { lr: "learning rate" };

/** The section of curves. */
export class Curves {
  /** `ask()` fetches the range that is looked at closely, or the whole where it is null. */
  constructor({ ask }) {
    this.range = null;
    this.ask = ask;
    this.loss = new Chart("Loss by step", 205);
    this.quality = new Chart("Quality by epoch", 130);
    this.log = el("input", { type: "checkbox", onchange: () => this.draw() });
    this.loss.onzoom = (range) => this.look(range);
    this.whole = el("button", { type: "button", hidden: true, onclick: () => this.look(null) }, "Show all steps");
    this.measure = el("select", { "aria-label": "Measure", onchange: () => this.draw() });
    this.legend = el("p", { class: "legend quiet" });
    this.table = folded("As a table", () => asTable(this.data));
    this.part = el("div", {}, el("div", { class: "row" }, this.measure), this.quality.element);
    const section = byId("curves");
    put(section,
      el("div", { class: "row" }, section.querySelector("h2"), this.whole, this.legend, el("label", {}, this.log, " logarithmic")),
      this.loss.element, this.part, this.table);
  }

  /** Shows the curves that the server sent; `nothing` while they are on their way. */
  show(data) {
    const other = data.id !== this.data?.id;
    this.data = data;
    this.whole.hidden = !this.range;
    if (other) this.log.checked = wide(data.loss.mean);
    this.offer(data.epochs.measures);
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
  offer(measures) {
    const names = measures.map((m) => m.name).filter((name) => name !== "loss");
    names.sort((a, b) => rank(a) - rank(b));
    if (names.join() === this.offered) return;
    this.offered = names.join();
    const called = (name) => measures.find((m) => m.name === name).called;
    const options = [...names.map((name) => [name, called(name)]), ...Object.entries(BY_STEP)];
    put(this.measure, options.map(([value, text]) => el("option", { value }, text)));
  }

  draw() {
    if (!this.data) return;
    const { loss, nonfinite, epochs } = this.data;
    const validation = epochs.measures.find((m) => m.name === "loss")?.validation ?? [];
    const train = { name: "training", ...series(0), x: loss.step, y: loss.mean, low: loss.size > 1 ? loss.low : undefined, high: loss.high };
    const lines = [train, { name: "validation", ...series(1), x: epochs.step, y: validation.map(number), dots: epochs.step.length < 60 }];
    const shown = lines.filter((line) => line.y.some(Number.isFinite));
    const marks = nonfinite ? [{ x: nonfinite, text: `✕ not finite at step ${nonfinite}` }] : [];
    this.loss.show({ lines: shown, log: this.log.checked, marks, range: this.range });
    put(this.legend, shown.map(key), loss.size > 1 && el("span", {}, `band: least to greatest of ${loss.size} steps`));
    this.drawQuality();
  }

  /** Draws the measure that is chosen, by epoch or by step. */
  drawQuality() {
    const { epochs, loss } = this.data;
    const called = BY_STEP[this.measure.value];
    if (called) {
      this.quality.label = `${called} by step`;
      return this.quality.show({ lines: [{ name: called, ...series(2), x: loss.step, y: this.data[this.measure.value] }] });
    }
    const own = epochs.measures.find((m) => m.name === this.measure.value);
    if (!own) return;
    const line = (name, at, y) => ({ name, ...series(at), x: epochs.epoch, y: y.map(number), dots: epochs.epoch.length < 60 });
    const lines = [line("training", 0, own.train), line("validation", 1, own.validation)];
    this.quality.label = `${own.called} by epoch`;
    this.quality.show({ lines: lines.filter((l) => l.y.some(Number.isFinite)), xName: "epoch", reads: (y) => measure(own.name, y) });
  }
}

const rank = (name) => (HEADLINES.includes(name) ? HEADLINES.indexOf(name) : HEADLINES.length);

/** Whether losses span so much that only a logarithmic scale shows it. */
export function wide(values) {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return low > 0 && high / low > 30;
}

/** A line's name beside a piece of it. */
export function key(line) {
  const stroke = el("span", { class: "key" });
  stroke.style.borderTopColor = line.colour;
  stroke.style.borderTopStyle = line.dash.length === 0 ? "solid" : line.dash[0] > 3 ? "dashed" : "dotted";
  return el("span", {}, stroke, ` ${line.name}`);
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
