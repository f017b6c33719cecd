// The network, layer by layer: width by units, colour and sign by health; below it what
// goes through: spread of the activations, size of the gradients, size of the steps.

import { byId, el, put, svg, table } from "./dom.js";
import { count, several, short, significant } from "./format.js";
import { sign } from "./theme.js";

/** What is drawn below the layers: sizes on a logarithmic scale, shares from none to all. */
const FLOWS = [
  ["activation", "spread of activations", "--blue"],
  ["gradient", "size of gradients", "--vermilion"],
  ["ratio", "steps relative to weights", "--green"],
  ["dead", "dead units", "--vermilion", "share"],
  ["saturated", "saturated activations", "--orange", "share"],
];
const TOP = 22, BODY = 120, ROW = 56;
/** Of narrower layers the texts are smaller. */
const TIGHT = 54;
let shown = "", led = "";

/** Shows the network of a run. `go(layer)` leads to a layer; `chosen` is the one looked at. */
export function showNetwork(run, chosen, go) {
  const section = byId("network");
  const width = section.clientWidth - 32;
  const key = JSON.stringify([run.id, run.verdict, run.layers, chosen, width]);
  if (key === shown || width < 50) return;
  shown = key;
  const title = section.querySelector("h2");
  if (!run.layers.length) return put(section, title, el("p", { class: "quiet" }, "No layer was recorded."));
  const had = section.querySelector(".scroll")?.scrollLeft ?? 0;
  const focused = document.activeElement?.dataset?.layer;
  put(section, title, el("div", { class: "scroll" }, drawing(run, chosen, go, width)), legend(run), asTable(run));
  const scroll = section.querySelector(".scroll");
  const titles = scroll.querySelectorAll(".flow");
  scroll.addEventListener("scroll", () => titles.forEach((title) => title.setAttribute("x", scroll.scrollLeft + 4)));
  scroll.scrollLeft = had;
  lead(section, run, chosen);
  if (focused) [...section.querySelectorAll("[data-layer]")].find((g) => g.dataset.layer === focused)?.focus();
}

/** Moves the layer that is looked at into view, or the first sick one of a run that is new here. */
function lead(section, run, chosen) {
  const name = chosen ?? run.layers.find((layer) => layer.severity && layer.severity !== "info")?.name;
  if (led === `${run.id} ${name}`) return;
  led = `${run.id} ${name}`;
  const place = [...section.querySelectorAll("[data-layer]")].find((g) => g.dataset.layer === name)?.querySelector(".hit");
  const scroll = section.querySelector(".scroll");
  scroll.scrollLeft = place ? place.x.baseVal.value + place.width.baseVal.value / 2 - scroll.clientWidth / 2 : 0;
}

function drawing(run, chosen, go, width) {
  const layers = [{ name: "input", units: run.start?.features ?? 0, isInput: true }, ...run.layers];
  const longest = Math.max(...layers.map((layer) => layer.name.length));
  const least = Math.min(60, Math.max(39, 6.4 * longest + 1));
  const step = Math.max(least, Math.min(150, width / layers.length));
  const total = Math.max(width, step * layers.length);
  const measured = FLOWS.filter(([key]) => run.layers.some((layer) => layer.flows[key].value.length));
  const height = TOP + BODY + 54 + measured.length * ROW;
  const at = (i) => (total - step * layers.length) / 2 + step * (i + 0.5);
  const most = Math.log(Math.max(2, ...layers.map((l) => l.units)) + 1);
  const tall = (l) => 18 + (BODY - 18) * (Math.log(l.units + 1) / most);
  return svg("svg", { width: total, height, viewBox: `0 0 ${total} ${height}`, role: "group", "aria-label": "Layers from the input to the output", class: step < TIGHT ? "tight" : "" },
    layers.slice(1).map((layer, i) => link(at(i), tall(layers[i]), at(i + 1), tall(layer), step)),
    layers.map((layer, i) => box(run, layer, at(i), tall(layer), step, layer.name === chosen, go)),
    measured.map((flow, i) => bars(flow, run.layers, (j) => at(j + 1), step, TOP + BODY + 48 + i * ROW)));
}

/** How a layer looks: where something is wrong, one without a finding of its own is not thereby well. */
function look(layer, { verdict }) {
  if (layer.severity) return sign(layer.severity);
  return verdict === "healthy" ? sign("healthy") : { mark: "", kind: "plain", word: "" };
}

/** What one layer gives to the next, as a band between their sides. */
function link(x1, h1, x2, h2, step) {
  const half = boxWidth(step) / 2;
  const middle = TOP + BODY / 2;
  const points = [[x1 + half, middle - h1 / 2], [x2 - half, middle - h2 / 2], [x2 - half, middle + h2 / 2], [x1 + half, middle + h1 / 2]];
  return svg("polygon", { points: points.map((p) => p.join(",")).join(" "), class: "flow-link" });
}

const boxWidth = (step) => Math.min(46, step * 0.5);

function box(run, layer, x, height, step, chosen, go) {
  const half = boxWidth(step) / 2;
  const top = TOP + (BODY - height) / 2;
  const { mark, kind, word } = look(layer, run);
  const label = layer.isInput ? `input, ${several(layer.units, "feature")}` : `${layer.name}, ${several(layer.units, "unit")}, ${layer.activation}: ${layer.severity ? word + ", " + layer.findings.join(", ") : "nothing found"}`;
  const active = layer.isInput ? { role: "img" } : {
    role: "button", tabindex: 0, "data-layer": layer.name, "aria-pressed": String(chosen),
    onclick: () => go(layer.name), onkeydown: (event) => pressed(event) && go(layer.name),
  };
  // The texts stand beside the button, whose label says the same in full.
  return svg("g", { class: `layer ${layer.isInput ? "input" : kind}${chosen ? " chosen" : ""}` },
    svg("g", { "aria-label": label, ...active },
      svg("title", {}, label),
      svg("rect", { x: x - step / 2 + 2, y: 2, width: step - 4, height: TOP + BODY + 40, rx: 6, class: "hit" }),
      svg("rect", { x: x - half, y: top, width: half * 2, height, rx: 5, class: "body" })),
    !layer.isInput && svg("text", { x, y: TOP + BODY / 2 + 6, class: "mark", "aria-hidden": "true" }, mark),
    svg("text", { x, y: TOP + BODY + 14, class: "name", "aria-hidden": "true" }, cut(layer.name, step)),
    svg("text", { x, y: TOP + BODY + 29, class: "fact", "aria-hidden": "true" }, cut(fact(layer, step), step)));
}

const pressed = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), true);
const fact = (layer, step) => (layer.isInput || step < 90 ? count(layer.units) : `${count(layer.units)} ${layer.activation}`);

/** A text that fits into a layer's width; what tells layers apart is the number at the end. */
function cut(text, width) {
  const most = Math.floor(width / (width < TIGHT ? 6 : 7));
  if (text.length <= most) return text;
  const [end] = text.match(/\d{0,4}$/);
  return `${text.slice(0, Math.max(1, most - 1 - end.length))}…${end}`;
}

/** A measure of each layer at its last step, as bars. */
function bars([key, title, ink, share], layers, at, step, top) {
  const last = layers.map((layer) => layer.flows[key].value.at(-1));
  const part = share ? (v) => v : logarithmic(last);
  const height = (v) => (v > 0 ? Math.max(1.5, part(v) * (ROW - 34)) : 0);
  const half = boxWidth(step) / 2;
  const foot = top + ROW - 15;
  return svg("g", { "aria-hidden": "true" },
    svg("line", { x1: 4, x2: at(layers.length - 1) + step / 2, y1: foot + 0.5, y2: foot + 0.5, class: "rule" }),
    svg("text", { x: 4, y: top + 9, class: "flow" }, title),
    layers.map((layer, i) => [
      svg("rect", { x: at(i) - half, y: foot - height(last[i]), width: half * 2, height: height(last[i]), class: "bar" + ink }),
      svg("text", { x: at(i), y: foot + 11, class: "fact" }, told(last[i], share, step)),
    ]));
}

/** A value in few characters. */
function told(value, share, step) {
  if (!Number.isFinite(value)) return "–";
  return share ? `${Math.round(100 * value)} %` : short(value, step < TIGHT ? 2 : 3);
}

/** How large a value is among others, by its logarithm: the least is small, the greatest 1. */
function logarithmic(values) {
  const logs = values.filter((v) => v > 0).map(Math.log10);
  const high = Math.max(...logs);
  const low = Math.min(...logs, high - 1) - 0.25;
  return (v) => (Math.log10(v) - low) / (high - low);
}

function legend(run) {
  const entry = (of, text) => {
    const { mark, kind } = sign(of);
    return el("span", {}, el("span", { class: `sign ${kind}`, "aria-hidden": "true" }, mark), ` ${text}`);
  };
  return el("p", { class: "legend quiet" }, run.verdict === "healthy" && entry("healthy", "healthy"), entry("info", "remark"), entry("warn", "warning"), entry("error", "error"),
    el("span", {}, "height: units · bars: last measured; sizes are logarithmic"));
}

function asTable(run) {
  const last = (small) => significant(small.value.at(-1));
  const rows = run.layers.map((l) => [l.name, count(l.units), l.activation, l.init, count(l.parameters), last(l.flows.activation), last(l.flows.gradient), last(l.flows.ratio), l.findings.join(", ") || "–"]);
  const heads = ["layer", "units", "activation", "init", "parameters", "activation spread", "gradient", "step/weight", "findings"];
  return el("details", {}, el("summary", {}, "As a table"), table("The layers of the network", heads, rows));
}
