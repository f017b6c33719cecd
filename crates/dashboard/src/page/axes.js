// Scales from values to pixels, with round ticks.

import { short } from "./format.js";

/** A scale between two pixels for the range of values; logarithmic where asked and possible; ticks are whole numbers where asked. */
export function scale(values, from, to, { log = false, whole = false } = {}) {
  const [low, high] = range(values, log);
  if (log && low > 0) return logarithmic(low, high, from, to);
  return linear(low, high, from, to, whole);
}

/** Least and greatest finite value; a range of nothing is made wider. */
function range(values, positive) {
  let [low, high] = [Infinity, -Infinity];
  for (const x of values) {
    if (x === null || !Number.isFinite(x) || (positive && x <= 0)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (low > high) return [0, 1];
  if (low === high) {
    const half = Math.abs(low) * 0.1 || 0.5;
    return [low - half, high + half];
  }
  return [low, high];
}

function linear(low, high, from, to, whole) {
  const at = (x) => from + ((x - low) / (high - low)) * (to - from);
  const back = (pixel) => low + ((pixel - from) / (to - from)) * (high - low);
  const ticks = linearTicks(low, high, Math.abs(to - from), to < from, whole);
  return { at, back, ticks, label: labels(ticks), low, high };
}

/** How ticks are written: with the digits that tell them apart. */
function labels(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  const most = Math.max(...ticks.map(Math.abs));
  if (step < 1e-5 || most >= 1e6) return short;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const texts = (x) => x.toFixed(digits).replace("-", "−");
  return ticks.every((x) => texts(x).length < 8) ? texts : short;
}

function linearTicks(low, high, pixels, upward, whole) {
  const rough = (high - low) / Math.max(2, Math.round(pixels / (upward ? 32 : 66)));
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.75);
  const step = whole && high - low >= 1 ? Math.max(1, round) : round;
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high * (1 + 1e-9) + 1e-300 && ticks.length < 50; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function logarithmic(low, high, from, to) {
  const [l, h] = [Math.log10(low), Math.log10(high)];
  const at = (x) => from + ((Math.log10(x) - l) / (h - l)) * (to - from);
  const back = (pixel) => 10 ** (l + ((pixel - from) / (to - from)) * (h - l));
  return { at, back, ticks: logTicks(l, h, Math.abs(to - from)), label: short, low, high, log: true };
}

function logTicks(l, h, pixels) {
  const decades = h - l;
  const room = Math.max(2, pixels / 45);
  const parts = decades < room / 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / room));
  const ticks = [];
  for (let decade = Math.floor(l); decade <= h; decade++) {
    if (decade % every) continue;
    for (const part of parts) {
      const x = part * 10 ** decade;
      if (Math.log10(x) >= l - 1e-9 && Math.log10(x) <= h + 1e-9) ticks.push(x);
    }
  }
  return ticks.length > 1 ? ticks : [10 ** l, 10 ** h];
}
