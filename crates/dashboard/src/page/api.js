// Questions to the server.

/** Asks; what was refused is an error with the server's words. */
async function ask(path, options) {
  const answer = await fetch(path, { cache: "no-store", ...options });
  if (!answer.ok) throw new Error(await answer.text() || `${answer.status}`);
  return answer;
}

const json = async (path) => (await ask(path)).json();
const joined = (ids) => encodeURIComponent(ids.join(","));

/** What changed since a version. */
export const runs = (since) => json(`/api/runs?since=${since}`);
/** A run: what it is and what is wrong with it. */
export const detail = (id) => json(`/api/runs/${id}`);
/** A value of all layers over time. */
export const values = (id, of) => json(`/api/runs/${id}/values?of=${encodeURIComponent(of)}`);
/** The pictures of a run. */
export const pictures = (id) => json(`/api/runs/${id}/pictures`);
/** The curves of runs, in a range of steps if one is given. */
export const curves = (ids, points, range) => {
  const part = range ? `&from=${Math.floor(range[0])}&to=${Math.ceil(range[1])}` : "";
  return json(`/api/curves?runs=${joined(ids)}&points=${points}${part}`);
};
/** The run files of runs. */
export const settings = (ids) => json(`/api/settings?runs=${joined(ids)}`);
/** Asks for the full look at a run. */
export const examine = (id) => ask(`/api/runs/${id}/examine`, { method: "POST" });
