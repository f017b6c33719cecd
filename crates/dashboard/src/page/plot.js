// The marks of a chart on a canvas: grid, bands, curves, flags.

import { colour } from "./theme.js";

/** Lines and numbers that guide the eye. */
export function grid(ctx, within, x, y, xName = "step") {
  ctx.font = "11.5px system-ui, sans-serif";
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = colour("--rule");
  ctx.fillStyle = colour("--quiet");
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const tick of y.ticks) {
    const at = Math.round(y.at(tick)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(within.left, at);
    ctx.lineTo(within.right, at);
    ctx.stroke();
    ctx.fillText(y.label(tick), within.left - 7, at);
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  const room = ctx.measureText(xName).width + 30;
  for (const tick of x.ticks) {
    if (x.at(tick) < within.right - room) ctx.fillText(x.label(tick), x.at(tick), within.bottom + 8);
  }
  ctx.textAlign = "right";
  ctx.fillText(xName, within.right, within.bottom + 8);
}

/** What lies between the least and the greatest value. */
export function band(ctx, line, x, y) {
  if (!line.low) return;
  ctx.fillStyle = line.colour;
  ctx.globalAlpha = line.alpha ?? 0.18;
  for (const [from, to] of stretches(line.low)) {
    ctx.beginPath();
    for (let i = from; i < to; i++) ctx.lineTo(x.at(line.x[i]), y.at(line.high[i]));
    for (let i = to - 1; i >= from; i--) ctx.lineTo(x.at(line.x[i]), floor(line.low[i], y));
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** A value at or below zero has no place on a logarithmic scale: it is drawn at its foot. */
const floor = (value, y) => y.at(y.log && value <= 0 ? y.low : value);

/** A line, broken where nothing finite is known. */
export function curve(ctx, line, x, y) {
  ctx.strokeStyle = ctx.fillStyle = line.colour;
  ctx.lineWidth = line.wide ? 3.5 : line.thin || line.pale ? 1 : 1.8;
  ctx.setLineDash(line.dash ?? []);
  ctx.lineJoin = "round";
  ctx.globalAlpha = line.pale ? 0.35 : line.thin ? 0.6 : 1;
  for (const [from, to] of stretches(line.y)) {
    ctx.beginPath();
    for (let i = from; i < to; i++) ctx.lineTo(x.at(line.x[i]), floor(line.y[i], y));
    ctx.stroke();
    if (line.dots || to - from === 1) {
      for (let i = from; i < to; i++) dot(ctx, x.at(line.x[i]), floor(line.y[i], y));
    }
  }
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
}

function dot(ctx, x, y) {
  ctx.beginPath();
  ctx.arc(x, y, 2.2, 0, 7);
  ctx.fill();
}

/** Where values are finite without a gap: pairs of first place and end. */
function stretches(values) {
  const found = [];
  let from = -1;
  for (let i = 0; i <= values.length; i++) {
    const finite = i < values.length && Number.isFinite(values[i]);
    if (finite && from < 0) from = i;
    if (!finite && from >= 0) {
      found.push([from, i]);
      from = -1;
    }
  }
  return found;
}

/** A place on the axis that has something to say. */
export function flag(ctx, within, x, text) {
  ctx.strokeStyle = ctx.fillStyle = colour("--bad");
  ctx.setLineDash([3, 3]);
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.moveTo(x, within.top);
  ctx.lineTo(x, within.bottom);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.textBaseline = "top";
  ctx.textAlign = x > (within.left + within.right) / 2 ? "right" : "left";
  ctx.fillText(text, x + (ctx.textAlign === "right" ? -5 : 5), within.top);
}
