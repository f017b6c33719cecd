// Runs side by side: curves over one another, a table, the keys in which they differ.

import { Chart } from "./chart.js";
import { key, wide } from "./curves.js";
import { byId, el, put, table } from "./dom.js";
import { duration, measure, number, significant } from "./format.js";
import { Smoothing } from "./smooth.js";
import { series, sign } from "./theme.js";

/** Of more runs than these the legend is the table alone, and lines are thin. */
const NAMED = 6;
const AXES = { step: "step", epoch: "epoch", seconds: "seconds" };

/** The columns of the results: what a cell shows, and what it is ordered by. */
const COLUMNS = [
  { head: "run", sorts: (line) => line.name, cell: (line, choose) => el("button", { type: "button", class: "link", onclick: () => choose(line.id) }, line.name) },
  { head: "verdict", sorts: (line) => ["healthy", "suspect", "broken"].indexOf(line.verdict), cell: verdict },
  { head: "best validation", sorts: (line) => line.best?.value, cell: ({ best }) => (best ? `${best.called} ${measure(best.called, best.value)}` : "–") },
  { head: "test", sorts: (line) => line.test, cell: (line) => (line.test === null ? "–" : measure(line.best?.called, line.test)) },
  { head: "last loss", sorts: (line) => line.loss, cell: (line) => significant(line.loss) },
  { head: "steps", sorts: (line) => line.step, cell: (line) => String(line.step) },
  { head: "training", sorts: (line) => line.seconds, cell: (line) => duration(line.seconds) },
];

function verdict(line) {
  const { mark, kind, word } = sign(line.verdict);
  return el("span", {}, el("span", { class: `sign ${kind}`, "aria-hidden": "true" }, mark), ` ${word}`);
}

/** Order of two values, upwards (1) or downwards (-1); unknown ones are last. */
function compared(a, b, way) {
  if (typeof a === "string") return way * a.localeCompare(b, undefined, { numeric: true });
  const last = way * Infinity;
  return way * ((a ?? last) - (b ?? last)) || 0;
}

/** A run that explodes is cut off, so that the others stay to be seen. */
function ceiling(lines) {
  const firsts = lines.map((line) => line.y.find(Number.isFinite)).filter((y) => y > 0);
  return lines.length > 1 && firsts.length ? 10 * Math.max(...firsts) : Infinity;
}

/** The runs without the folder that all of them lie in: it tells none of them apart. */
function shortened(lines) {
  const [first] = lines;
  const shared = (end) => lines.every((line) => line.name.startsWith(first.name.slice(0, end)));
  let start = 0;
  for (let end = first?.name.indexOf("/") + 1; end > start && shared(end); end = first.name.indexOf("/", end) + 1) start = end;
  return lines.length < 2 ? lines : lines.map((line) => ({ ...line, name: line.name.slice(start) }));
}

/** The view. `choose(id)` leads to a run. */
export class Compare {
  constructor({ choose, all, none }) {
    this.choose = choose;
    this.data = new Map();
    this.chart = new Chart("Curves of the runs", 320);
    this.of = el("select", { "aria-label": "What is drawn", onchange: () => ((this.decided = false), this.draw()) });
    this.by = el("select", { "aria-label": "Against what", onchange: () => this.draw() },
      Object.entries(AXES).map(([value, text]) => el("option", { value }, `by ${text}`)));
    this.log = el("input", { type: "checkbox", onchange: () => ((this.decided = true), this.draw()) });
    this.smoothing = new Smoothing(() => this.draw());
    this.legend = el("p", { class: "legend quiet" });
    this.table = el("div", {});
    this.keys = el("div", { class: "differences" });
    this.body = el("div", {},
      el("section", { "aria-label": "Curves of the runs" },
        el("div", { class: "row" }, el("h2", {}, "Curves"), this.of, this.by, this.smoothing.element, el("label", {}, this.log, " logarithmic")), this.chart.element, this.legend),
      el("section", { "aria-label": "Results of the runs" }, el("h2", {}, "Results"), this.table),
      el("section", { "aria-label": "Differences of the runs" }, el("h2", {}, "What differs"), this.keys));
    this.head = el("div", { class: "row" },
      el("h2", {}, "Compare runs"), el("button", { type: "button", onclick: all }, "All"), el("button", { type: "button", onclick: none }, "None"));
    this.hint = el("p", { class: "empty" }, "Mark runs in the list to lay them over one another.");
    put(byId("compare"), this.head, this.hint, this.body);
  }

  /** Takes in curves, and shows the runs of these lines. */
  show(lines, curves) {
    for (const curve of curves) this.data.set(curve.id, curve);
    this.lines = shortened(lines);
    this.hint.hidden = lines.length > 0;
    this.body.hidden = lines.length === 0;
    if (!lines.length) return;
    this.offer();
    this.draw();
    this.results();
  }

  /** Offers the losses and every measure that a run has. */
  offer() {
    const found = new Map([["loss", "training loss"], ["lr", "learning rate"]]);
    for (const { id } of this.lines) {
      for (const m of this.data.get(id)?.epochs.measures ?? []) {
        if (m.validation.some((v) => v !== null)) found.set(`validation ${m.name}`, `validation ${m.called}`);
      }
    }
    const offered = JSON.stringify([...found]);
    if (offered === this.offered) return;
    this.offered = offered;
    const had = this.of.value;
    put(this.of, [...found].map(([value, text]) => el("option", { value }, text)));
    if (found.has(had)) this.of.value = had;
  }

  draw() {
    if (!this.lines?.length) return;
    const many = this.lines.length > NAMED;
    const drawn = this.lines.map((line, i) => this.line(line, i, many)).filter((line) => line?.y.some(Number.isFinite));
    const top = ceiling(drawn);
    if (!this.decided) this.log.checked = wide(drawn.flatMap((line) => [line.y.find(Number.isFinite), line.y.findLast(Number.isFinite)]));
    const share = this.of.value.endsWith("accuracy");
    this.chart.show({ lines: drawn, log: this.log.checked, xName: AXES[this.by.value], top, reads: share ? (y) => measure("accuracy", y) : significant });
    put(this.legend, many ? `${drawn.length} runs; point at a line, or use ↑ and ↓, for its name` : drawn.map(key));
  }

  line(run, i, thin) {
    const data = this.data.get(run.id);
    if (!data) return null;
    const style = { name: run.name, ...series(i), thin };
    if (thin) style.dash = [];
    const [first, name] = this.of.value.split(" ");
    if (first !== "validation") {
      const y = first === "lr" ? data.lr : this.smoothing.of(data.loss.mean);
      return { ...style, x: this.places(data, data.loss.step, data.seconds), y };
    }
    const own = data.epochs.measures.find((m) => m.name === name);
    return own && { ...style, x: this.places(data, data.epochs.step, data.epochs.seconds), y: own.validation.map(number), dots: !thin && data.epochs.step.length < 60 };
  }

  /** Where points lie on the axis that was chosen. */
  places(data, steps, seconds) {
    if (this.by.value === "seconds") return seconds;
    return this.by.value === "epoch" ? steps.map((s) => s / data.steps_per_epoch) : steps;
  }

  /** The table of results, in the order of the column that was chosen. */
  results() {
    const lines = [...this.lines];
    if (this.order) {
      const [column, down] = this.order;
      const of = COLUMNS[column].sorts;
      lines.sort((a, b) => compared(of(a), of(b), down ? -1 : 1));
    }
    const rows = lines.map((line) => COLUMNS.map((column) => column.cell(line, this.choose)));
    put(this.table, table("Results of the runs", COLUMNS.map((column, i) => this.heading(column, i)), rows));
  }

  /** A heading that orders the table by its column. */
  heading({ head }, i) {
    const [column, down] = this.order ?? [];
    const order = column === i ? (down ? "descending" : "ascending") : "none";
    const turn = () => ((this.order = [i, column === i && !down]), this.results(), this.table.querySelectorAll("th button")[i].focus());
    return el("th", { scope: "col", "aria-sort": order }, el("button", { type: "button", onclick: turn }, head));
  }

  /** Shows the keys in which the runs differ: a key a row, of many runs a run a row. */
  settings({ runs, keys }) {
    const differing = keys.filter((k) => k.differs);
    if (runs.length < 2 || !differing.length) {
      return put(this.keys, el("p", { class: "quiet" }, runs.length < 2 ? "Mark a second run." : "The run files say the same."));
    }
    const names = new Map(this.lines.map((line) => [line.id, line.name]));
    const title = "Keys in which the runs differ";
    this.keys.classList.toggle("few", runs.length <= NAMED);
    if (runs.length <= NAMED) {
      const rows = differing.map((k) => [k.key, ...k.values.map((v) => v ?? "–")]);
      return put(this.keys, table(title, ["key", ...runs.map((id) => names.get(id) ?? "–")], rows));
    }
    const rows = runs.map((id, i) => [names.get(id) ?? "–", ...differing.map((k) => k.values[i] ?? "–")]);
    put(this.keys, table(title, ["run", ...differing.map((k) => k.key)], rows));
  }
}
