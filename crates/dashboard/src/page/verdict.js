// The head of a run, and the three answers: is it learning, is it healthy, where is it
// sick.

import { byId, el, put } from "./dom.js";
import { roots } from "./findings.js";
import { count, duration, measure, moment, several } from "./format.js";
import { sign } from "./theme.js";

const ANSWERS = {
  yes: ["Yes", "good", "✓"], little: ["A little", "warn", "!"], no: ["No", "bad", "✕"], unknown: ["Not known yet", "unknown", "?"],
};
const ENDS = {
  done: "all epochs done", "early-stop": "stopped early: no more progress", "out-of-time": "its time was over",
  converged: "converged", interrupted: "interrupted; it can be resumed", nonfinite: "ended: numbers were not finite",
  finding: "ended by a finding; it can be resumed", other: "ended",
};

/** Shows name, state and size of a run. */
export function showTitle(run, line) {
  const start = run.start;
  const facts = start ? [
    start.task, several(run.layers.length, "layer"), start.parameters && `${count(start.parameters)} parameters`,
    start.rows && `${count(start.rows)} rows`, start.batch && `batch ${start.batch}`, `seed ${start.seed}`, start.precision,
    start.time ? `started ${moment(start.time)}` : "",
  ] : ["no start was recorded"];
  put(byId("title"),
    el("h2", {}, run.name, el("span", { class: `chip ${run.state}` }, progress(run, line))),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · "),
      run.report && [" · ", el("a", { href: `/pictures/${run.id}/report.html`, target: "_blank", rel: "noopener" }, "report")]),
    run.problems.length > 0 && el("p", { class: "problem" }, `✕ ${run.problems.join(" · ")}`));
}

function progress(run, line) {
  const spent = duration(run.end?.seconds ?? line?.seconds ?? NaN);
  if (run.state === "ended") return `${ENDS[run.end?.reason] ?? "ended"}, ${spent}`;
  if (run.state === "waiting") return "starting";
  const epochs = line?.epochs ? `epoch ${Math.min(line.epoch + 1, line.epochs)} of ${line.epochs}` : `step ${line?.step}`;
  return run.state === "running" ? `running: ${epochs}` : `stopped without an end: ${epochs}`;
}

/** Shows the three answers. `go(layer)` leads to a layer. */
export function showAnswers(run, line, go) {
  const [word, kind, mark] = ANSWERS[run.learning.answer];
  const verdict = sign(run.verdict);
  put(byId("answers"),
    answer("Is it learning?", mark, kind, word, run.learning.text, quality(run, line)),
    answer("Is it healthy?", verdict.mark, verdict.kind, capital(verdict.word), healthText(run)),
    answer("Where is it sick?", ...where(run), sickText(run, go)));
}

function answer(question, mark, kind, word, ...rest) {
  return el("div", { class: `answer ${kind}` },
    el("h3", {}, question),
    el("p", { class: "word" }, el("span", { class: `sign ${kind}`, "aria-hidden": "true" }, mark), word),
    rest.map((text) => text && el("p", {}, typeof text === "string" ? capital(text) : text)));
}

/** The best validation result, and that of the test rows. */
function quality(run, line) {
  const best = line?.best && `best validation ${line.best.called} ${measure(line.best.called, line.best.value)} (epoch ${line.best.epoch})`;
  const test = Object.entries(run.end?.test ?? {}).find(([name]) => name === line?.best?.called);
  return [best, test && `test ${measure(...test)}`].filter(Boolean).join(", ");
}

function healthText(run) {
  const causes = roots(run.findings);
  const of = (severity) => causes.filter((f) => f.severity === severity).length;
  const parts = [[of("error"), "error"], [of("warn"), "warning"], [of("info"), "remark"]];
  const follow = run.findings.length - causes.length;
  const told = [...parts.filter(([n]) => n).map(([n, what]) => several(n, what)), follow && `${several(follow, "finding")} that follow${follow === 1 ? "s" : ""}`].filter(Boolean).join(", ");
  if (!run.verdict) return "nothing was trained yet";
  return told || `nothing is wrong ${run.state === "ended" ? "in what was recorded" : "so far"}`;
}

const sick = (run) => roots(run.findings).filter((f) => f.severity !== "info");

function where(run) {
  const first = sick(run)[0];
  if (!run.verdict) return ["?", "unknown", "Not known yet"];
  if (!first) return ["✓", "good", "Nowhere"];
  const { mark, kind } = sign(first.severity);
  return [mark, kind, first.layer ? `In ${first.layer}` : "In the whole run"];
}

/** The first finding in words, with a way to its layer. */
function sickText(run, go) {
  const first = sick(run)[0];
  if (!first) return run.verdict ? "no layer stands out" : "";
  const text = capital(first.message);
  return first.layer ? el("button", { type: "button", class: "link", onclick: () => go(first.layer) }, text) : text;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
