// The pictures in a run's folder: worst images first, as files of the run.

import { byId, el, put } from "./dom.js";

let told = "";

/** Shows the pictures of a run. `version` changes when they may have. */
export function showPictures(run, pictures) {
  const key = JSON.stringify([run.id, run.state, pictures]);
  if (key === told) return;
  told = key;
  const section = byId("pictures");
  section.hidden = pictures.length === 0;
  const source = (picture) => `/pictures/${run.id}/${encodeURIComponent(picture.file)}?${run.version}`;
  put(section, section.querySelector("h2"), el("div", { class: "gallery" }, pictures.map((picture) =>
    el("figure", {},
      el("a", { href: source(picture), target: "_blank", rel: "noopener" },
        el("img", { src: source(picture), alt: picture.title.replaceAll("-", " "), loading: "lazy" })),
      el("figcaption", {}, picture.title.replaceAll("-", " "))))));
}
