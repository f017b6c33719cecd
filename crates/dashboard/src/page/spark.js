// The small curve in a line of the list, and canvases that are sharp on every screen.

import { colour } from "./theme.js";

/** A drawing context in CSS pixels, as large as the canvas is shown. */
export function context(canvas, width, height) {
  const dots = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * dots), Math.round(height * dots)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const ctx = canvas.getContext("2d");
  ctx.setTransform(dots, 0, 0, dots, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

/** Draws values as a line from left to right; on a logarithmic scale where they allow. */
export function spark(canvas, values, { width = 60, height = 24, ink = "--blue" } = {}) {
  const ctx = context(canvas, width, height);
  const finite = values.filter((y) => Number.isFinite(y));
  if (finite.length < 2) return;
  const of = finite.every((y) => y > 0) ? Math.log : (y) => y;
  const [low, high] = [of(Math.min(...finite)), of(Math.max(...finite))];
  const x = (i) => 2 + (i / (values.length - 1)) * (width - 4);
  const y = (v) => height - 3 - (high > low ? (of(v) - low) / (high - low) : 0.5) * (height - 6);
  ctx.strokeStyle = colour(ink);
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  ctx.beginPath();
  let pen = false;
  values.forEach((v, i) => {
    if (!Number.isFinite(v)) { pen = false; return; }
    pen ? ctx.lineTo(x(i), y(v)) : ctx.moveTo(x(i), y(v));
    pen = true;
  });
  ctx.stroke();
}
