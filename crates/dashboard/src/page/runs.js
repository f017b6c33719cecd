// The list of runs: filter, choice, marks for comparing.

import { byId, el } from "./dom.js";
import { count, measure, several, significant } from "./format.js";
import { spark } from "./spark.js";
import { sign } from "./theme.js";

const STATES = { running: "", stopped: "stopped", waiting: "starting", ended: "" };

/** The list. `choose(id)` is called for the run to show, `mark(ids)` for those to compare. */
export class RunList {
  constructor({ choose, mark }) {
    this.rows = new Map();
    this.lines = new Map();
    this.order = [];
    this.marked = new Set();
    this.choose = choose;
    this.mark = mark;
    this.list = byId("list");
    byId("filter").addEventListener("input", () => this.arrange());
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.seen = new IntersectionObserver((rows) => this.see(rows), { rootMargin: "200px" });
  }

  /** Takes in what changed. */
  update({ order, runs }) {
    for (const run of runs) {
      this.lines.set(run.id, run);
      if (!this.rows.has(run.id)) this.rows.set(run.id, this.row(run));
      const row = this.rows.get(run.id);
      show(row, run);
      row.item.classList.contains("seen") ? draw(row, run) : (row.stale = true);
    }
    if (order) this.order = order;
    if (order || runs.length) this.arrange();
  }

  /** Of many runs, only those in sight have their curve drawn. */
  see(rows) {
    for (const { target, isIntersecting } of rows) {
      target.classList.toggle("seen", isIntersecting);
      const [row, run] = [this.rows.get(target.dataset.run), this.lines.get(target.dataset.run)];
      if (isIntersecting && row?.stale) draw(row, run);
    }
  }

  /** Draws all again, in colours that have changed. */
  redraw() {
    this.update({ runs: [...this.lines.values()] });
  }

  /** The newest run, running ones first. */
  newest() {
    const rank = (run) => [run.state === "running" ? 1 : 0, run.time ?? 0];
    const all = this.order.map((id) => this.lines.get(id)).filter(Boolean);
    return all.sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1])[0];
  }

  /** Puts the rows in order: newest first, without those that the filter leaves out. */
  arrange() {
    const wanted = byId("filter").value.toLowerCase();
    const known = this.order.map((id) => this.lines.get(id)).filter(Boolean);
    const shown = known.filter((run) => run.name.toLowerCase().includes(wanted));
    shown.sort((a, b) => (b.time ?? 0) - (a.time ?? 0) || a.name.localeCompare(b.name, undefined, { numeric: true }));
    const rows = shown.map((run) => this.rows.get(run.id).item);
    const same = rows.length === this.list.children.length && rows.every((row, i) => row === this.list.children[i]);
    if (!same) this.rearrange(rows);
    const running = known.filter((run) => run.state === "running").length;
    byId("count").textContent = several(known.length, "run") + (running ? `, ${running} running` : "");
  }

  /** Rows are moved without taking the focus from one. */
  rearrange(rows) {
    const focused = document.activeElement;
    this.list.replaceChildren(...rows);
    if (this.list.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** Shows which run is shown, and which are compared. */
  current(id, marked) {
    this.marked = new Set(marked);
    for (const [own, { item, button, box }] of this.rows) {
      item.classList.toggle("current", own === id);
      own === id ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
      box.checked = this.marked.has(own);
    }
  }

  row(run) {
    const parts = {
      sign: el("span", { class: "sign", "aria-hidden": "true" }), word: el("span", { class: "unseen" }), name: el("span", { class: "name" }),
      facts: el("span", { class: "facts" }), canvas: el("canvas", { "aria-hidden": "true" }),
      bar: el("span", { class: "bar", "aria-hidden": "true" }, el("span", {})),
    };
    const text = el("span", { class: "text" }, parts.name, parts.facts);
    parts.button = el("button", { type: "button", class: "choose", onclick: () => this.choose(run.id) }, parts.sign, text, parts.word, parts.canvas, parts.bar);
    parts.box = el("input", { type: "checkbox", onchange: () => this.toggle(run.id) });
    parts.item = el("li", { "data-run": run.id }, el("label", { class: "mark" }, parts.box), parts.button);
    this.seen.observe(parts.item);
    return parts;
  }

  toggle(id) {
    this.marked.has(id) ? this.marked.delete(id) : this.marked.add(id);
    this.mark([...this.marked]);
  }

  /** Arrows go from run to run. */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)].focus();
  }
}

function show(row, run) {
  const { mark, kind, word } = sign(run.verdict);
  row.sign.textContent = mark;
  row.sign.className = `sign ${kind}`;
  if (row.name.textContent !== run.name) row.name.replaceChildren(el("bdi", { dir: "ltr" }, run.name));
  row.name.title = run.name;
  row.facts.textContent = facts(run);
  row.item.classList.toggle("running", run.state === "running");
  row.word.textContent = `, ${word}, ${run.state}`;
  row.box.setAttribute("aria-label", `Compare ${run.name}`);
  row.bar.firstElementChild.style.width = `${run.steps ? Math.min(100, (100 * run.step) / run.steps) : 0}%`;
}

function draw(row, run) {
  row.stale = false;
  spark(row.canvas, run.spark, { ink: sign(run.verdict).kind === "bad" ? "--bad" : "--blue" });
}

function facts(run) {
  const result = run.best ? `${run.best.called} ${measure(run.best.called, run.best.value)}` : `loss ${significant(run.loss)}`;
  const place = run.epochs > 1 ? `epoch ${run.epoch}/${run.epochs}` : `step ${count(run.step)}`;
  return [STATES[run.state], run.state === "running" ? place : "", run.step ? result : ""].filter(Boolean).join(" · ");
}
