// Drawings of a value's distribution in a layer: at one step, and over time.

import { scale } from "./axes.js";
import { significant } from "./format.js";
import { colour } from "./theme.js";

/** A layer's row, the room beside it for its name and its numbers, and the drawing over time. */
export const ROW = 34, LEFT = 86, RIGHT = 148, OVER = 130;

/** What is known of a layer at a step, or just before it. */
export function moments(layer, step) {
  const i = layer.step.findLastIndex((s) => s <= step);
  const own = layer.histograms.findLast((h) => h.step <= step);
  if (i < 0 && !own) return null;
  const part = i < 0 ? { mean: NaN, std: NaN, min: own.low, max: own.high, zeros: NaN } : Object.fromEntries(["mean", "std", "min", "max", "zeros"].map((k) => [k, layer[k][i]]));
  return { ...part, histogram: own };
}

/** A layer in a row: its name, its distribution at a step, its numbers. */
export function row(ctx, name, part, x, top, width, chosen) {
  const middle = top + ROW / 2;
  if (chosen) {
    ctx.fillStyle = colour("--panel");
    ctx.fillRect(0, top, width, ROW);
  }
  ctx.font = `${chosen ? "600 " : ""}12.5px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = colour("--text");
  ctx.fillText(name.length > 12 ? `${name.slice(0, 11)}…` : name, 4, middle);
  if (!part) return;
  part.histogram ? hill(ctx, part.histogram, x, top) : whisker(ctx, part, x, middle);
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.textAlign = "right";
  ctx.fillText(`${significant(part.mean, 2)} ± ${significant(part.std, 2)}`, width - 4, middle);
}

/** Least to greatest as a line, mean ± deviation as a bar, the mean as a stroke. */
function whisker(ctx, part, x, middle) {
  ctx.fillStyle = colour("--blue");
  ctx.globalAlpha = 0.35;
  ctx.fillRect(x.at(part.min), middle - 1.5, Math.max(1, x.at(part.max) - x.at(part.min)), 3);
  ctx.globalAlpha = 0.75;
  const [from, to] = [Math.max(part.min, part.mean - part.std), Math.min(part.max, part.mean + part.std)];
  ctx.fillRect(x.at(from), middle - 7, Math.max(1.5, x.at(to) - x.at(from)), 14);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour("--text");
  ctx.fillRect(x.at(part.mean) - 1, middle - 9, 2, 18);
}

/** How much of a bin's height or ink a count gets: by its logarithm, so that tails show beside a spike. */
const share = (count, most) => Math.log1p(count) / Math.log1p(most);

/** A histogram as steps over the row's foot. */
function hill(ctx, { low, high, counts }, x, top) {
  const most = Math.max(1, ...counts);
  const foot = top + ROW - 3;
  ctx.fillStyle = colour("--blue");
  counts.forEach((count, i) => {
    const [from, to] = [0, 1].map((j) => x.at(low + ((i + j) / counts.length) * (high - low)));
    const tall = share(count, most) * (ROW - 7);
    ctx.fillRect(from, foot - tall, Math.max(1, to - from - 0.5), tall);
  });
}

/** The scale below the rows. */
export function foot(ctx, x, top) {
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const tick of x.ticks) ctx.fillText(x.label(tick), x.at(tick), top + 5);
}

/** Extremes and mean ± deviation over the steps. */
export function bands(ctx, layer, width, step) {
  const x = scale(layer.step, LEFT, width - 12, { whole: true });
  const y = scale([...layer.min, ...layer.max], OVER - 22, 8);
  frame(ctx, x, y, width);
  const plus = (sign) => layer.mean.map((m, i) => m + sign * layer.std[i]);
  area(ctx, layer.step, layer.min, layer.max, x, y, 0.2);
  area(ctx, layer.step, plus(-1), plus(1), x, y, 0.45);
  line(ctx, layer.step, layer.mean, x, y);
  hand(ctx, x.at(step));
}

function area(ctx, steps, low, high, x, y, alpha) {
  const kept = steps.map((_, i) => i).filter((i) => Number.isFinite(low[i]) && Number.isFinite(high[i]));
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour("--blue");
  ctx.beginPath();
  for (const i of kept) ctx.lineTo(x.at(steps[i]), y.at(high[i]));
  for (const i of kept.reverse()) ctx.lineTo(x.at(steps[i]), y.at(low[i]));
  ctx.fill();
  ctx.globalAlpha = 1;
}

function line(ctx, steps, values, x, y) {
  ctx.strokeStyle = colour("--text");
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  values.forEach((v, i) => Number.isFinite(v) && ctx.lineTo(x.at(steps[i]), y.at(v)));
  ctx.stroke();
}

function frame(ctx, x, y, width) {
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.fillStyle = colour("--quiet");
  ctx.strokeStyle = colour("--rule");
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const tick of y.ticks) {
    ctx.beginPath();
    ctx.moveTo(LEFT, y.at(tick));
    ctx.lineTo(width - 12, y.at(tick));
    ctx.stroke();
    ctx.fillText(y.label(tick), LEFT - 7, y.at(tick));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const tick of x.ticks) ctx.fillText(x.label(tick), x.at(tick), OVER - 16);
}

/** Where the scrubber stands. */
function hand(ctx, x) {
  ctx.strokeStyle = colour("--vermilion");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, 4);
  ctx.lineTo(x, OVER - 18);
  ctx.stroke();
}

/** Histograms side by side: a column for each step, dark where values are many. */
export function heat(ctx, histograms, width, step, steps) {
  const x = scale([...steps], LEFT, width - 12, { whole: true });
  const y = scale(histograms.flatMap((h) => [h.low, h.high]), OVER - 22, 8);
  frame(ctx, x, y, width);
  ctx.fillStyle = colour("--blue");
  histograms.forEach((h, i) => {
    const from = x.at(h.step);
    const to = i + 1 < histograms.length ? x.at(histograms[i + 1].step) : width - 12;
    const most = Math.max(1, ...h.counts);
    h.counts.forEach((count, j) => {
      const [below, above] = [0, 1].map((k) => y.at(h.low + ((j + k) / h.counts.length) * (h.high - h.low)));
      ctx.globalAlpha = share(count, most);
      if (count) ctx.fillRect(from, above, Math.max(1, to - from + 0.3), Math.max(1, below - above + 0.3));
    });
  });
  ctx.globalAlpha = 1;
  hand(ctx, x.at(step));
}
