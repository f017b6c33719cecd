// Numbers and times in few characters, as the terminal writes them.

/** A number as it stands in a record: JSON has words for those that are not finite. */
export function number(value) {
  if (typeof value === "number") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return NaN;
}

/** Four significant digits. */
export function significant(value, digits = 4) {
  const x = number(value);
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-4 || size >= 1e7) return x.toExponential(digits - 1).replace("e+", "e").replace("-", "−");
  const text = x.toPrecision(digits);
  const plain = size >= 10 ** digits ? Math.round(x).toString() : text;
  return plain.replace("-", "−");
}

/** Four significant digits at most, without zeros at the end: for single numbers in words. */
export function brief(value) {
  const text = significant(value);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** Three digits at most, without zeros at the end: for axes. */
export function short(x, digits = 3) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e6) return x.toExponential(digits > 2 ? 1 : 0).replace(".0e", "e").replace("-", "−").replace("e+", "e");
  return String(Number(x.toPrecision(digits))).replace("-", "−");
}

/** A count with a unit: 812, 12.3k, 4.57M. */
export function count(x) {
  if (!Number.isFinite(x)) return "–";
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (x >= 0.9995 * size) return Number((x / size).toPrecision(3)) + unit;
  }
  return String(Math.round(x));
}

/** A time: 0.35 s, 4:05, 1:02:33. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A measure: shares that people say in percent, else a number. */
export function measure(name, value) {
  const x = number(value);
  return name === "accuracy" && Number.isFinite(x) ? `${(100 * x).toFixed(2)} %` : significant(x);
}

/** When something was: the time today, else the date. */
export function moment(seconds) {
  const then = new Date(seconds * 1000);
  const today = new Date().toDateString() === then.toDateString();
  return today ? then.toLocaleTimeString() : then.toLocaleString();
}

/** 1 error, 2 errors. */
export const several = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
