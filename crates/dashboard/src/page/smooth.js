// Curves without the noise of their batches: an exponential moving average.

import { el } from "./dom.js";

/** Of shorter lines each point can be read. */
const LEAST = 30;

/**
 * Each value as the mean of those up to it, the weight of which falls by the factor `weight` from
 * one to the one before: 0 leaves them as they are. Weights sum to 1 from the first value on
 * (Kingma and Ba 2015, section 3). A gap stays a gap.
 */
export function smooth(values, weight) {
  let sum = 0, weights = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    weights = weight * weights + (1 - weight);
    return sum / weights;
  });
}

/** How much is smoothed, as a slider with a label; `changed` is called when it moves. */
export class Smoothing {
  constructor(changed) {
    this.input = el("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0.6, class: "smoothing", oninput: changed });
    this.element = el("label", { title: "An exponential moving average; 0 shows the values themselves" }, "smooth ", this.input);
  }

  /** The values of a line, smoothed if it is long. */
  of(values) {
    return this.on(values) ? smooth(values, Number(this.input.value)) : values;
  }

  /** Whether these values are changed. */
  on(values) {
    return values.length >= LEAST && Number(this.input.value) > 0;
  }
}
