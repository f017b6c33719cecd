// The page: what is shown is in the address, what changed is asked for twice a second.

import * as api from "./api.js";
import { Compare } from "./compare.js";
import { Curves } from "./curves.js";
import { byId } from "./dom.js";
import { showFindings } from "./findings.js";
import { Layers } from "./layers.js";
import { showNetwork } from "./network.js";
import { showPictures } from "./pictures.js";
import { RunList } from "./runs.js";
import { Settings } from "./settings.js";
import { onPaper, onTheme } from "./theme.js";
import { showAnswers, showTitle } from "./verdict.js";

const PAUSE = 500, HIDDEN_PAUSE = 3000, VALUES_PAUSE = 1500;
/** Points of a curve: of many runs, fewer each. */
const POINTS = 240, SEVERAL = 300, MANY = 150;

const state = { version: 0, session: null, id: null, view: "run", marked: [], layer: null, detail: null };
const seen = new Map();

const list = new RunList({ choose: (id) => go({ view: "run", id }), mark: (marked) => go({ marked, view: marked.length ? "compare" : "run" }) });
const curves = new Curves({ ask: () => showCurves().catch(complain) });
const layers = new Layers({ ask: () => showValues(true).catch(complain), choose: (layer) => look(layer) });
const settings = new Settings({ ask: () => showSettings().catch(complain) });
const compare = new Compare({
  choose: (id) => go({ view: "run", id }),
  all: () => go({ marked: [...list.order] }), none: () => go({ marked: [] }),
});

/** Puts what is shown into the address, from where it is read again. */
function go(change) {
  Object.assign(state, change);
  const parts = new URLSearchParams({ view: state.view });
  if (state.id) parts.set("run", state.id);
  if (state.marked.length) parts.set("marked", state.marked.join(","));
  history.replaceState(null, "", `#${parts}`);
  refresh().catch(complain);
}

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  state.view = parts.get("view") === "compare" ? "compare" : "run";
  state.id = parts.get("run");
  state.marked = (parts.get("marked") ?? "").split(",").filter(Boolean);
}

/** Asks what changed, again and again. */
async function follow() {
  try {
    await step();
    say("");
  } catch (error) {
    complain(error);
  }
  setTimeout(follow, document.hidden ? HIDDEN_PAUSE : PAUSE);
}

async function step() {
  const news = await api.runs(state.version);
  if (state.session && news.session !== state.session) return startOver();
  const first = state.version === 0;
  [state.session, state.version] = [news.session, news.version];
  list.update(news);
  const changed = news.runs.map((run) => run.id);
  if (first || news.order || changed.includes(state.id) || changed.some((id) => state.marked.includes(id))) await refresh();
}

/** Another server answers: versions and ids are its own. */
function startOver() {
  Object.assign(state, { version: 0, session: null });
  seen.clear();
}

let showing = null, again = false;

/** Shows what is chosen, as far as it changed: one showing after the other, the last one whole. */
function refresh() {
  again = true;
  showing ??= showAll().finally(() => (showing = null));
  return showing;
}

async function showAll() {
  while (again) {
    again = false;
    await show();
  }
}

async function show() {
  const any = list.order.length > 0;
  state.marked = state.marked.filter((id) => list.order.includes(id));
  if (!list.order.includes(state.id)) state.id = list.newest()?.id ?? null;
  byId("empty").hidden = any;
  byId("empty").textContent = "No runs yet. `gradwise train RUN.toml` makes one; it appears here by itself.";
  byId("run").hidden = !any || state.view !== "run";
  byId("compare").hidden = !any || state.view !== "compare";
  byId("view-run").setAttribute("aria-pressed", String(state.view === "run"));
  byId("view-compare").setAttribute("aria-pressed", String(state.view === "compare"));
  list.current(state.view === "run" ? state.id : null, state.marked);
  if (!any) return;
  await (state.view === "run" ? showRun() : showCompare());
}

/** Whether a run has changed since a part of the page last showed it. */
function isNew(part, id) {
  const version = list.lines.get(id)?.version;
  const key = `${id} ${version}`;
  if (seen.get(part) === key) return false;
  seen.set(part, key);
  return true;
}

async function showRun() {
  const id = state.id;
  const line = list.lines.get(id);
  document.title = line ? `${line.name} – gradwise` : "gradwise";
  settings.offer(id, list.order.map((other) => list.lines.get(other)).filter(Boolean));
  if (!isNew("run", id)) return;
  if (state.detail?.id !== id) [state.layer, curves.range] = [null, null];
  const [detail, [curve]] = await Promise.all([api.detail(id), api.curves([id], POINTS, curves.range)]);
  if (state.id !== id) return;
  state.detail = detail;
  showParts(line);
  if (curve) curves.show(curve);
  await Promise.all([showValues(), showFiles(detail), seen.get("settings") !== id && showSettings()]);
}

/** Shows all that follows from the detail. */
function showParts(line) {
  const detail = state.detail;
  showTitle(detail, line);
  showAnswers(detail, line, look);
  showNetwork(detail, state.layer, look);
  showFindings(detail, { go: look, examine });
}

async function showCurves() {
  const [curve] = await api.curves([state.id], POINTS, curves.range);
  if (curve?.id === state.id) curves.show(curve);
}

async function showFiles(detail) {
  const pictures = await api.pictures(detail.id);
  if (state.id === detail.id) showPictures(detail, pictures);
}

let waiting = null;

/** Shows a value of the layers; of a run that goes on, not at each step of it. */
async function showValues(now = false) {
  const id = state.id;
  const wait = seen.get("values") === id && !now ? (seen.get("values at") ?? 0) + VALUES_PAUSE - performance.now() : 0;
  if (wait > 0) {
    waiting ??= setTimeout(() => ((waiting = null), showValues().catch(complain)), wait);
    return;
  }
  seen.set("values", id).set("values at", performance.now());
  const values = await api.values(id, layers.of);
  if (state.id === id) layers.show(id, values, state.layer, list.lines.get(id)?.step);
}

async function showSettings() {
  const id = state.id;
  seen.set("settings", id);
  const other = settings.other.value;
  const both = other && other !== id ? [id, other] : [id];
  const told = await api.settings(both);
  if (state.id === id) settings.show(told, (of) => list.lines.get(of)?.name ?? of);
}

/** Looks at a layer, and at a step if one is given. */
function look(layer, step) {
  state.layer = layer;
  showNetwork(state.detail, layer, look);
  layers.look(layer, step);
  byId("values").scrollIntoView({ block: "nearest" });
}

async function examine(id) {
  await api.examine(id).catch(complain);
}

async function showCompare() {
  document.title = "Compare – gradwise";
  const marked = state.marked;
  const lines = marked.map((id) => list.lines.get(id)).filter(Boolean);
  const stale = marked.filter((id) => isNew(`curves of ${id}`, id));
  const points = marked.length > 20 ? MANY : SEVERAL;
  const fresh = stale.length ? await api.curves(stale, points) : [];
  if (state.view !== "compare") return;
  compare.show(lines, fresh);
  const key = marked.join();
  if (seen.get("compared settings") === key) return;
  seen.set("compared settings", key);
  const told = await api.settings(marked);
  if (!again) compare.settings(told);
}

function complain(error) {
  say(error instanceof TypeError ? "The server does not answer: what is shown is the last that it said." : error.message);
}

function say(text) {
  if (byId("status").textContent !== text) byId("status").textContent = text;
}

/** Draws all again, since canvases do not follow the style sheet. */
function redraw() {
  list.redraw();
  curves.draw();
  layers.draw();
  compare.draw();
}

// The address holds what is shown, so the way to the run may not go through it.
document.querySelector(".skip").addEventListener("click", (event) => (event.preventDefault(), byId("main").focus()));
byId("view-run").addEventListener("click", () => go({ view: "run" }));
byId("view-compare").addEventListener("click", () => go({ view: "compare" }));
addEventListener("hashchange", () => (readAddress(), refresh().catch(complain)));
addEventListener("resize", () => state.detail && state.view === "run" && showNetwork(state.detail, state.layer, look));
onTheme(redraw);
onPaper(redraw);
if (matchMedia("(max-width: 760px)").matches) byId("runs").open = false;
readAddress();
follow();
