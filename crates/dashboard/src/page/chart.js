// A chart: lines with bands on a canvas, a cursor for mouse and keys, its reading in words.

import { scale } from "./axes.js";
import { el } from "./dom.js";
import { significant } from "./format.js";
import { band, curve, flag, grid } from "./plot.js";
import { context } from "./spark.js";
import { colour } from "./theme.js";

const MARGIN = { left: 50, right: 12, top: 10, bottom: 26 };
/** Up to so many lines are read out together; of more, the nearest one. */
const TOGETHER = 6;

/** A chart in a place of its own. What it shows is given to `show`. */
export class Chart {
  constructor(label, height = 230) {
    this.canvas = el("canvas", {});
    this.frame = el("div", { class: "chart", tabindex: 0, role: "img", "aria-label": label }, this.canvas);
    this.reading = el("p", { class: "reading", "aria-live": "polite" }, "\u00a0");
    this.element = el("div", {}, this.frame, this.reading);
    this.label = label;
    this.height = height;
    this.frame.style.height = `${height}px`;
    this.cursor = this.pressed = this.near = null;
    this.shown = { lines: [] };
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.frame.addEventListener("pointermove", (event) => this.point(event));
    this.frame.addEventListener("pointerdown", (event) => this.press(event));
    this.frame.addEventListener("pointerup", (event) => this.release(event));
    this.frame.addEventListener("dblclick", () => this.onzoom?.(null));
    this.frame.addEventListener("pointerleave", () => this.move(null));
    this.frame.addEventListener("keydown", (event) => this.key(event));
  }

  /**
   * Shows lines: { lines: [{ name, colour, dash, x, y, low, high, dots, thin, pale }], log, xName,
   * reads(y), marks: [{ x, text }], top, range }; what is above `top` or outside of the
   * range of x is cut off. Where `onzoom` is set, it hears which range the user wants.
   */
  show(what) {
    this.shown = what;
    this.near = what.lines.find((line) => line.name === this.near?.name) ?? null;
    this.frame.setAttribute("aria-label", `${this.label}. ${what.lines.slice(0, TOGETHER).map(inWords).join("; ")}`);
    this.draw();
  }

  draw() {
    const width = this.frame.clientWidth;
    if (width < 20) return;
    const { lines, log, marks = [], top = Infinity, range } = this.shown;
    const ctx = context(this.canvas, width, this.height);
    const within = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: this.height - MARGIN.bottom };
    const xs = lines.flatMap((line) => [line.x[0], line.x[line.x.length - 1]]);
    const ys = lines.flatMap((line) => [...line.y, ...(line.low ?? []), ...(line.high ?? [])]).filter((y) => !(y > top));
    this.x = scale(range ?? xs, within.left, within.right, { whole: this.shown.xName !== "seconds" });
    this.y = scale(ys, within.bottom, within.top, { log });
    grid(ctx, within, this.x, this.y, this.shown.xName);
    ctx.save();
    ctx.beginPath();
    ctx.rect(within.left - 4, within.top - 4, within.right - within.left + 8, within.bottom - within.top + 8);
    ctx.clip();
    for (const line of lines) band(ctx, line, this.x, this.y);
    for (const line of lines) curve(ctx, line, this.x, this.y);
    if (this.near && this.cursor !== null) curve(ctx, { ...this.near, thin: false, wide: true }, this.x, this.y);
    ctx.restore();
    for (const mark of marks) flag(ctx, within, this.x.at(mark.x), mark.text);
    if (this.cursor !== null) this.drawCursor(ctx, within);
  }

  drawCursor(ctx, within) {
    if (this.pressed !== null && this.onzoom) {
      const [from, to] = [this.x.at(this.pressed), this.x.at(this.cursor)];
      ctx.globalAlpha = 0.15;
      ctx.fillStyle = colour("--text");
      ctx.fillRect(from, within.top, to - from, within.bottom - within.top);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = colour("--quiet");
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    const at = Math.round(this.x.at(this.cursor)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(at, within.top);
    ctx.lineTo(at, within.bottom);
    ctx.stroke();
  }

  point(event) {
    const box = this.frame.getBoundingClientRect();
    this.move(this.x?.back(event.clientX - box.left), this.y?.back(event.clientY - box.top));
  }

  press(event) {
    if (!this.onzoom || event.button || !this.x) return;
    this.frame.setPointerCapture(event.pointerId);
    this.pressed = this.cursor;
  }

  /** A range that was drawn is looked at closely; a click alone means nothing. */
  release() {
    const [from, to] = [this.pressed, this.cursor].sort((a, b) => a - b);
    const drawn = this.pressed !== null && this.x.at(to) - this.x.at(from) > 6;
    this.pressed = null;
    drawn ? this.onzoom([from, to]) : this.draw();
  }

  /** Of many lines, goes to the next one or the one before. */
  choose(turn) {
    const { lines } = this.shown;
    const at = lines.indexOf(this.near);
    const line = lines[(at < 0 ? (turn > 0 ? 0 : lines.length - 1) : at + turn + lines.length) % lines.length];
    const i = nearest(line, this.cursor ?? this.x.high);
    this.move(this.cursor ?? this.x.high, i < 0 ? undefined : line.y[i], line);
  }

  /** Halves or doubles the range around the cursor. */
  zoom(factor) {
    const middle = this.cursor ?? (this.x.low + this.x.high) / 2;
    const half = ((this.x.high - this.x.low) * factor) / 2;
    this.onzoom([middle - half, middle + half]);
  }

  key(event) {
    const factor = { "+": 0.5, "-": 2 }[event.key];
    if (this.onzoom && factor) return this.zoom(factor);
    if (this.onzoom && event.key === "Escape") return this.onzoom(null);
    const turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (turn && this.shown.lines.length > TOGETHER) return event.preventDefault(), this.choose(turn);
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const ends = { Home: this.x?.low, End: this.x?.high }[event.key];
    if (step === undefined && ends === undefined) return;
    event.preventDefault();
    const from = this.cursor ?? this.x.low;
    this.move(ends ?? from + (step * (this.x.high - this.x.low)) / 100, undefined, this.near);
  }

  /** Puts the cursor at x and reads out what is there. */
  move(x, y, line) {
    this.cursor = x === null || x === undefined ? null : Math.min(Math.max(x, this.x.low), this.x.high);
    this.near = line ?? null;
    this.reading.textContent = this.cursor === null ? "\u00a0" : this.read(y);
    this.draw();
  }

  read(y) {
    const { lines, reads = significant, xName = "step" } = this.shown;
    let here = lines.map((line) => [line, nearest(line, this.cursor)]).filter(([, i]) => i >= 0);
    if (!here.length) return "\u00a0";
    if (this.near) here = here.filter(([line]) => line === this.near);
    if (!here.length) return `${this.near.name}: nothing here`;
    if (here.length > TOGETHER && y !== undefined) {
      const away = ([line, i]) => Math.abs(this.y.at(line.y[i]) - this.y.at(y));
      here = [here.reduce((a, b) => (away(b) < away(a) ? b : a))];
      this.near = here[0][0];
    }
    const [first, at] = here[0];
    const told = here.slice(0, TOGETHER).map(([line, i]) => `${line.name} ${reads(line.y[i])}`);
    return `${xName} ${significant(first.x[at])} · ${told.join(" · ")}`;
  }
}

/** The place of the finite value nearest to x, -1 if there is none. */
function nearest(line, x) {
  let [low, high] = [0, line.x.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line.x[middle] < x) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && x - line.x[low - 1] < line.x[low] - x) low--;
  return Number.isFinite(line.y[low]) ? low : -1;
}

function inWords(line) {
  const finite = line.y.filter((y) => Number.isFinite(y));
  if (!finite.length) return `${line.name}: nothing yet`;
  return `${line.name} from ${significant(finite[0])} to ${significant(finite[finite.length - 1])}`;
}
