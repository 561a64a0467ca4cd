// A first visit is led through five places, once.

import { h } from "./dom.js";
import { tab } from "./tabs.js";
import { t } from "./words.js";

const KEY = "yinuo.toured";
const STOPS = [["#people", "people"], ["#clock", null], ["#phone-wechat", "wechat"], ["#timeline", "timeline"], ["#pay", "people"]];

export const toured = () => localStorage.getItem(KEY) === "1";

export function tour() {
  localStorage.setItem(KEY, "1");
  document.querySelector(".tour")?.remove();
  let stop = 0;
  const light = h("div", { className: "light" });
  const title = h("h2", { id: "tour-title" }), text = h("p", {}), count = h("small", {});
  const on = h("button", { type: "button", className: "main", onclick: () => go(stop + 1) });
  const skip = h("button", { type: "button", className: "plain", onclick: () => end() }, t("tour_skip"));
  const card = h("div", { className: "step", role: "dialog", aria: { labelledby: "tour-title", modal: "true" } }, count, title, text, h("footer", {}, skip, on));
  const veil = h("div", { className: "tour", onkeydown: (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Tab") { event.preventDefault(); (document.activeElement === on ? skip : on).focus(); }
  } }, light, card);

  function go(number) {
    if (number >= STOPS.length) return end();
    stop = number;
    const [target, where] = STOPS[stop];
    if (where) tab(where);
    title.textContent = t(`tour_${stop + 1}`);
    text.textContent = t(`tour_${stop + 1}_text`);
    count.textContent = `${stop + 1} / ${STOPS.length}`;
    on.textContent = t(stop === STOPS.length - 1 ? "tour_end" : "tour_next");
    requestAnimationFrame(() => place(document.querySelector(target).getBoundingClientRect()));
    on.focus();
  }

  function place(spot) {
    const edge = 6, gap = 14;
    Object.assign(light.style, { left: `${spot.left - edge}px`, top: `${spot.top - edge}px`, width: `${spot.width + 2 * edge}px`, height: `${spot.height + 2 * edge}px` });
    const { width, height } = card.getBoundingClientRect();
    const room = { right: innerWidth - spot.right, left: spot.left, below: innerHeight - spot.bottom };
    const beside = room.right > width + gap ? spot.right + gap : room.left > width + gap ? spot.left - width - gap : null;
    const left = beside ?? Math.min(Math.max(12, spot.left + spot.width / 2 - width / 2), innerWidth - width - 12);
    const above = spot.top > height + gap ? spot.top - height - gap : innerHeight - height - 80;
    const top = beside !== null ? Math.min(Math.max(12, spot.top + 24), innerHeight - height - 12) : room.below > height + gap ? spot.bottom + gap : above;
    Object.assign(card.style, { left: `${left}px`, top: `${Math.max(12, top)}px` });
  }

  const again = () => place(document.querySelector(STOPS[stop][0]).getBoundingClientRect());
  function end() { removeEventListener("resize", again); veil.remove(); tab("wechat"); }
  addEventListener("resize", again);
  document.body.append(veil);
  go(0);
}
