// The run file of a run, and what a run changes against another.

import { byId, el, put, table } from "./dom.js";

/** Shows the run file beside that of another run, where one is chosen. */
export class Settings {
  constructor({ ask }) {
    this.other = el("select", { "aria-label": "Compare with", onchange: () => ask(this.other.value) });
    this.body = el("div", {});
    const section = byId("settings");
    put(section, el("div", { class: "row" }, section.querySelector("h2"), el("label", {}, "differences to ", this.other)), this.body);
  }

  /** Offers the other runs. */
  offer(id, lines) {
    const others = lines.filter((line) => line.id !== id).map((line) => [line.id, line.name]);
    const key = JSON.stringify(others);
    if (key === this.offered) return;
    this.offered = key;
    const had = this.other.value;
    put(this.other, el("option", { value: "" }, "no other run"), others.map(([value, name]) => el("option", { value }, name)));
    this.other.value = others.some(([value]) => value === had) ? had : "";
  }

  /** Shows the keys of one run, or those in which two differ. */
  show({ runs, keys }, name) {
    if (!keys.length) return put(this.body, el("p", { class: "quiet" }, "There is no run file in this run's folder."));
    if (runs.length < 2) return put(this.body, el("div", { class: "keys" }, groups(keys).map(group)));
    const differing = keys.filter((key) => key.differs);
    put(this.body, differing.length
      ? table("Keys in which the runs differ", ["key", "this run", name(runs[1])], differing.map((k) => [k.key, ...k.values.map((v) => v ?? "–")]))
      : el("p", { class: "quiet" }, "Both run files say the same."));
  }
}

/** Keys by their part of the run file. */
function groups(keys) {
  const parts = new Map();
  for (const { key, values } of keys) {
    const [part, rest] = key.includes(".") ? [key.slice(0, key.indexOf(".")), key.slice(key.indexOf(".") + 1)] : ["run", key];
    parts.set(part, [...(parts.get(part) ?? []), [rest, values[0] ?? "–"]]);
  }
  return [...parts];
}

const group = ([part, rows]) => el("div", {}, el("h3", {}, part), table(part, [], rows));
