// Elements from plain values. Text is only ever text: names of runs and classes come
// from files, and are never markup.

/** An element with attributes and children; a child that is no element is text. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for drawings. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The element of that id. */
export const byId = (id) => document.getElementById(id);

/** Puts children in place of those that an element has. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

/** A table with a caption for those who cannot see it at a glance; heads are texts or cells. */
export function table(caption, heads, rows) {
  const head = el("tr", {}, heads.map((text) => (text instanceof Element ? text : el("th", { scope: "col" }, text))));
  const body = rows.map(([first, ...rest]) =>
    el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell))));
  const title = el("caption", { class: "unseen" }, caption);
  // What may be too large for its place is scrolled by keys too.
  const large = heads.length > 3 || rows.length > 12;
  return el("div", { class: "scroll", ...(large && { tabindex: 0, role: "group", "aria-label": caption }) },
    el("table", {}, title, heads.length > 0 && el("thead", {}, head), el("tbody", {}, body)));
}

/** A part that is folded away, and made when it is first opened. */
export function folded(title, make) {
  const box = el("details", {}, el("summary", {}, title));
  box.addEventListener("toggle", () => {
    if (box.open) {
      box.lastElementChild.tagName === "SUMMARY" ? box.append(make()) : box.lastElementChild.replaceWith(make());
    }
  });
  return box;
}
