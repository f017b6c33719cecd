// Colours and marks. Colour never stands alone: a series has a dash, a verdict a sign.

/** Things that are compared: colour and dash, as in the program's other pictures. */
const SERIES = [
  ["--blue", []], ["--vermilion", [6, 4]], ["--green", [8, 3, 2, 3]],
  ["--purple", [2, 3]], ["--orange", [12, 4]], ["--sky", []],
];

/** How a verdict or severity is shown: sign, class and word. */
const SIGNS = {
  healthy: ["✓", "good", "healthy"], suspect: ["!", "warn", "suspect"], broken: ["✕", "bad", "broken"],
  info: ["i", "info", "remark"], warn: ["!", "warn", "warning"], error: ["✕", "bad", "error"],
};

/** Colours by name as the style sheet has them now: asking it anew makes the browser lay out the page. */
const known = new Map();

/** The value of a colour of the style sheet, for canvases. */
export function colour(name) {
  if (!known.has(name)) known.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return known.get(name);
}

/** Colour and dash of the series at a position. */
export function series(position) {
  const [name, dash] = SERIES[position % SERIES.length];
  return { colour: colour(name), dash };
}

/** Sign, class and word of a verdict or severity; of none, that nobody knows. */
export function sign(of) {
  const [mark, kind, word] = SIGNS[of] ?? ["?", "unknown", "not judged"];
  return { mark, kind, word };
}

/** Calls back when the user's system turns light or dark. */
export function onTheme(call) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (known.clear(), call()));
}

/** Calls back before the page is printed, with the colours of paper, and after it. */
export function onPaper(call) {
  const turn = (paper) => (document.documentElement.classList.toggle("paper", paper), known.clear(), call());
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
}

/** Whether the user wants as little motion as can be. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
