// Making elements, telling a person something, asking a person something.

import { t } from "./words.js";

/** An element; `on*` are listeners, `data`, `aria` are maps, other keys are properties or attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) set(node, key, value);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
  else if (key === "data") Object.assign(node.dataset, value);
  else if (key === "aria") for (const [name, said] of Object.entries(value)) node.setAttribute(`aria-${name}`, said);
  else if (key in node && key !== "list" && key !== "form") node[key] = value;
  else node.setAttribute(key, value === true ? "" : value);
}

const ICONS = {
  plus: "M12 5v14M5 12h14", more: "M5 12h.01M12 12h.01M19 12h.01", close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-8-6 16-3-7z", back: "M15 5l-7 7 7 7", out: "M14 5h5v5M19 5l-8 8M18 14v5H5V6h5",
  play: "M7 5l12 7-12 7z", stop: "M7 7h10v10H7z", next: "M5 5l9 7-9 7zM18 5v14", search: "M11 4a7 7 0 105 12l4 4-4-4a7 7 0 00-5-12z",
  picture: "M4 6h16v12H4zM4 16l5-5 4 4 3-3 4 4", voice: "M12 4a2.5 2.5 0 00-2.5 2.5v5a2.5 2.5 0 005 0v-5A2.5 2.5 0 0012 4zM6.500 11.500a5.500 5.500 0 0011 0M12 17v3",
  sticker: "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM8.500 10h.01M15.500 10h.01M8 14.500c2 2.500 6 2.500 8 0",
  slip: "M7 3.500h10v17l-2.500-1.500-2.500 1.500-2.500-1.500L7 20.500zM10 8h4M10 12h4", scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z", reset: "M5 12a7 7 0 107-7H7M10 2L7 5l3 3", tour: "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM9.700 9.500a2.400 2.400 0 114 1.800c-.9.700-1.700 1.100-1.700 2.200M12 16.700h.01",
  person: "M12 4a4 4 0 100 8 4 4 0 000-8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500", chat: "M4 5h16v11H10l-5 4v-4H4z",
  phone: "M8 3h8v18H8zM11 18h2", plane: "M3 11l18-7-4 16-5-5-3 4v-6z", group: "M9 5a3 3 0 100 6 3 3 0 000-6zM16.500 6a2.500 2.500 0 100 5M3 19c.5-3.500 3-5 6-5s5.500 1.500 6 5M16 14c2.800 0 4.600 1.600 5 4.500",
  line: "M4 6h10M4 12h16M4 18h7", pay: "M6 4l6 8 6-8M12 12v8M7.500 13h9M7.500 16.500h9", pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7", bell: "M6 16h12l-1.500-2v-4a4.500 4.500 0 00-9 0v4zM10.500 19h3",
};

/** A line icon; decorative. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.more);
  svg.append(path);
  return svg;
}

/** A short word at the foot of the page; with a deed it is a button that does it. */
export function toast(text, kind = "", deed = null) {
  const act = () => { note.remove(); deed(); };
  const note = deed ? h("button", { type: "button", className: `toast ${kind}`, onclick: act }, text) : h("p", { className: `toast ${kind}` }, text);
  const shelf = document.getElementById("toasts");
  shelf.append(note);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(() => note.remove(), kind === "bad" ? 8000 : 4500);
}

/** A modal box; gives `close`. Escape and the cross close it. */
export function dialog(title, ...body) {
  const close = () => box.close();
  const box = h("dialog", { className: "box", onclose: () => box.remove(), aria: { label: title } },
    h("header", {}, h("h2", {}, title), h("button", { className: "quiet", type: "button", title: t("close"), aria: { label: t("close") }, onclick: close }, icon("close"))),
    ...body);
  box.addEventListener("click", (event) => { if (event.target === box) close(); });
  document.body.append(box);
  box.showModal();
  return close;
}

/** Asks for one line; resolves to it, or to null. */
export function ask(title, label, value = "") {
  return new Promise((resolve) => {
    const input = h("input", { value, required: true, autocomplete: "off" });
    let answer = null;
    const form = h("form", { className: "ask", onsubmit: (event) => { event.preventDefault(); answer = input.value.trim(); close(); } },
      h("label", {}, label, input), h("button", { className: "main" }, t("ok")));
    const close = dialog(title, form);
    form.closest("dialog").addEventListener("close", () => resolve(answer || null));
    input.select();
  });
}

/** Asks yes or no. */
export function sure(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const close = dialog(title, h("p", {}, text), h("footer", {},
      h("button", { type: "button", onclick: () => close() }, t("no")),
      h("button", { type: "button", className: "main", onclick: () => { answer = true; close(); } }, yes)));
    document.querySelector("dialog.box:last-of-type").addEventListener("close", () => resolve(answer));
  });
}
