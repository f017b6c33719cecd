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
  put(section, section.querySelector("h2"), el("div", { class: "gallery" }, pictures.map((picture) => {
    const name = picture.title.replaceAll("-", " ");
    const image = el("img", { src: source(picture), alt: name, loading: "lazy" });
    // Once it is in sight, and so in the browser's memory.
    image.addEventListener("load", () => describe(image, name, source(picture)), { once: true });
    return el("figure", {},
      el("a", { href: source(picture), target: "_blank", rel: "noopener" }, image),
      el("figcaption", {}, name));
  })));
}

/** Says the numbers of a picture that has them in words, for those who cannot see it. */
async function describe(image, name, source) {
  if (!source.split("?")[0].endsWith(".svg")) return;
  const text = await fetch(source).then((answer) => answer.text()).catch(() => "");
  const words = new DOMParser().parseFromString(text, "image/svg+xml").querySelector("svg > desc")?.textContent;
  if (words) image.alt = `${name}: ${words}`;
}
