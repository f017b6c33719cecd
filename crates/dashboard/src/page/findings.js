// Findings in words: root causes with what follows from them; evidence one click away.

import { byId, el, put, table } from "./dom.js";
import { brief } from "./format.js";
import { sign } from "./theme.js";

let opened = new Set();
let told = "";

/** Shows the findings of a run. `go(layer, step)` leads to a layer at a step. */
export function showFindings(run, { go, examine }) {
  const key = JSON.stringify([run.id, run.findings, run.examined, run.state === "running"]);
  if (key === told) return;
  told = key;
  const causes = roots(run.findings);
  const cards = causes.map((root) => card(root, run.findings.filter((f) => !causes.includes(f) && f.caused_by === root.id), go));
  // The place stays the same, so that screen readers tell what comes into it.
  put(byId("found"), cards.length ? cards : el("p", { class: "quiet" }, nothing(run)));
  put(byId("looked"), looked(run, examine));
}

/** The findings that follow from no other one; all where each follows from one, as a foreign log may say. */
export function roots(findings) {
  const found = findings.filter((f) => !findings.some((of) => of !== f && of.id === f.caused_by));
  return found.length ? found : findings;
}

function nothing(run) {
  if (!run.verdict) return "Nothing was trained yet, so there is nothing to judge.";
  return run.state === "ended" ? "Nothing is wrong in what was recorded." : "Nothing is wrong so far.";
}

function card(finding, follows, go) {
  const { mark, kind, word } = sign(finding.severity);
  const key = `${finding.id} ${finding.layer ?? ""}`;
  const box = el("details", { class: `finding ${kind}`, open: opened.has(key) },
    el("summary", {},
      el("span", { class: `sign ${kind}`, role: "img", "aria-label": word }, mark),
      el("span", {}, el("strong", {}, finding.id), " ", el("span", { class: "quiet" }, place(finding)),
        el("span", { class: "message" }, finding.message))),
    el("div", { class: "evidence" }, evidence(finding, follows, go)));
  box.addEventListener("toggle", () => (box.open ? opened.add(key) : opened.delete(key)));
  return box;
}

function place({ layer, step }) {
  const where = layer ? `in ${layer}` : "";
  const when = step === 0 ? "from the start" : step ? `by step ${step}` : "";
  return [where, when].filter(Boolean).join(", ");
}

function evidence(finding, follows, go) {
  const numbers = Object.entries(finding.evidence ?? {}).map(([name, value]) => [name.replaceAll("_", " "), shown(value)]);
  return [
    finding.because && el("p", {}, el("b", {}, "Because "), finding.because),
    finding.rule && el("p", {}, el("b", {}, "Harm "), finding.rule.harm),
    numbers.length > 0 && table(`Evidence of ${finding.id}`, ["measured", "value"], numbers),
    ...(finding.remedies ?? []).map(remedy),
    finding.layer && el("p", {}, el("button", { type: "button", onclick: () => go(finding.layer, finding.step) }, `Look inside ${finding.layer}`)),
    follows.length > 0 && el("p", {}, el("b", {}, "From it follows")),
    follows.length > 0 && el("ul", {}, follows.map((f) => el("li", {}, el("b", {}, f.id), ` ${f.message}`))),
    finding.rule && rule(finding.rule),
  ];
}

const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : typeof value === "number" ? brief(value) : String(value));

/** A remedy as it is written in the run file, to be copied. */
function remedy({ set, why }) {
  const text = Object.entries(set).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(", ");
  const options = Object.entries(set).map(([key, value]) => `--set '${key}=${typeof value === "string" ? value : JSON.stringify(value)}'`).join(" ");
  const copy = el("button", { type: "button", title: "Copies it as options of gradwise train", onclick: (event) => copied(event.target, options) }, "Copy");
  return el("p", { class: "remedy" }, el("b", {}, "Try "), el("code", {}, text), ` ${why} `, copy);
}

async function copied(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Cannot copy";
  }
}

/** What the rule looks at, and where its numbers come from. */
function rule({ looks_at, thresholds }) {
  const rows = thresholds.map((t) => [t.of, brief(t.value), t.source]);
  return el("details", {}, el("summary", {}, "How this is judged"), el("p", {}, looks_at),
    rows.length > 0 && table("Thresholds", ["of", "bound", "where it comes from"], rows));
}

/** What was looked at, and a way to the full look. */
function looked(run, examine) {
  const state = run.examined.state;
  const ask = (text) => el("button", { type: "button", onclick: () => examine(run.id) }, text);
  if (state === "underway") return el("p", { class: "quiet", role: "status" }, "Looking at data and weights …");
  if (state === "failed") return el("p", { class: "problem" }, `✕ ${run.examined.reason} `, ask("Try again"));
  if (state === "done" && run.examined.current) {
    const lacking = run.examined.unknown;
    return el("p", { class: "quiet" }, lacking.length ? `Not looked at: ${lacking.join("; ")}` : "Data and weights were looked at too.");
  }
  return el("p", { class: "quiet" }, "Judged by the records alone. ", ask("Look at data and weights too"));
}
