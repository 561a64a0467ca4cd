// The line one writes in, with pictures, voice, stickers and a bill's code behind the plus.

import { ask, h, icon } from "./dom.js";
import { counted } from "./segments.js";
import { slip } from "./slip.js";
import { t } from "./words.js";

const MOST = 84;

const base64 = (url) => url.slice(url.indexOf(",") + 1);

function fromFile(tell) {
  const picker = h("input", { type: "file", accept: "image/*", onchange: () => {
    const reader = new FileReader();
    reader.onload = () => tell({ picture: base64(reader.result) }, reader.result);
    if (picker.files[0]) reader.readAsDataURL(picker.files[0]);
  } });
  picker.click();
}

const CODED = { telegram: (code) => ({ start: code }), wechat: (code) => ({ scan: code, force: true }), sms: (code) => ({ text: code }) };

async function scanned(channel, tell) {
  const code = await ask(t("scan"), t("scan_label"));
  if (code) tell(CODED[channel](code));
}

function extras(channel, tell) {
  const sample = () => { const url = slip(); tell({ picture: base64(url) }, url); };
  const all = [
    ["picture", () => fromFile(tell)], ["slip", sample], ["voice", () => tell({ voice: true })],
    ["sticker", () => tell({ sticker: true })], ["scan", () => scanned(channel, tell)],
  ];
  return channel === "sms" ? all.filter(([name]) => !["voice", "sticker"].includes(name)) : all;
}

/** `{node, write(text), enable(on)}`; `tell(what, preview)` says it. */
export function composer(channel, tell, { plain = false } = {}) {
  const count = h("small", { className: "count" });
  const input = h("textarea", { rows: 1, placeholder: t("write"), aria: { label: t("write") }, maxLength: 4000, oninput: () => measure(), onkeydown: (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  } });
  const send = h("button", { className: "send", title: t("send"), aria: { label: t("send") } }, icon("send"));
  const tray = h("div", { className: "tray", hidden: true }, extras(channel, (...told) => { tray.hidden = true; tell(...told); }).map(([name, deed]) =>
    h("button", { type: "button", onclick: deed }, icon(name), h("span", {}, t(name)))));
  const plus = h("button", { type: "button", className: "quiet", title: t("attach"), aria: { label: t("attach"), expanded: "false" }, onclick: () => {
    tray.hidden = !tray.hidden;
    plus.setAttribute("aria-expanded", String(!tray.hidden));
  } }, icon("plus"));
  const node = h("form", { className: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } },
    h("div", { className: "line" }, plain ? null : plus, input, channel === "sms" ? count : null, send), plain ? null : tray);

  function measure() {
    const { segments, code } = counted(input.value);
    count.textContent = input.value ? `${segments} · ${code}` : "";
    input.style.height = "auto";
    const whole = input.scrollHeight + input.offsetHeight - input.clientHeight;
    input.style.height = `${Math.min(whole, MOST)}px`;
    input.classList.toggle("full", whole > MOST);
  }
  function submit() {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    measure();
    tell({ text });
  }
  return {
    node,
    write(text) { input.value = text; measure(); input.focus(); },
    enable(on, why = "") {
      for (const part of [input, send, plus]) part.disabled = !on;
      input.placeholder = on ? t("write") : why || t("write");
      if (!on) tray.hidden = true;
    },
  };
}
