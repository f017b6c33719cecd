// Scales from values to pixels, with round ticks.

/** A scale between two pixels for the range of values; logarithmic where asked and possible. */
export function scale(values, from, to, { log = false, zero = false } = {}) {
  const [low, high] = range(values, log);
  if (log && low > 0) return logarithmic(low, high, from, to);
  return linear(zero ? Math.min(0, low) : low, high, from, to);
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

function linear(low, high, from, to) {
  const at = (x) => from + ((x - low) / (high - low)) * (to - from);
  const back = (pixel) => low + ((pixel - from) / (to - from)) * (high - low);
  return { at, back, ticks: linearTicks(low, high, Math.abs(to - from), to < from), low, high };
}

function linearTicks(low, high, pixels, upward) {
  const rough = (high - low) / Math.max(2, Math.round(pixels / (upward ? 42 : 80)));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
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
  return { at, back, ticks: logTicks(l, h, Math.abs(to - from)), low, high, log: true };
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
