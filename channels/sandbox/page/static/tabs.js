// On a narrow screen one thing at a time; the tabs at the foot choose which.

import { h, icon } from "./dom.js";
import { focus, CHANNELS } from "./state.js";
import { t } from "./words.js";

const TABS = [["people", "person"], ["wechat", "chat"], ["sms", "phone"], ["telegram", "plane"], ["staff", "group"], ["timeline", "line"]];

export function tab(name) {
  document.body.dataset.tab = name;
  for (const node of document.querySelectorAll("#tabs button")) node.setAttribute("aria-selected", String(node.dataset.tab === name));
  if (CHANNELS.includes(name)) focus(name);
}

export function tabs() {
  const bar = document.getElementById("tabs");
  const buttons = TABS.map(([name, sign]) => h("button", { type: "button", role: "tab", data: { tab: name }, aria: { selected: String(document.body.dataset.tab === name) }, onclick: () => tab(name) }, icon(sign), h("span", {}, t(name))));
  bar.replaceChildren(...buttons);
  bar.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  };
}
