// What an owner can do with a phone besides writing: block, opt out, unfollow, a new number, a dead one.

import { control } from "./api.js";
import { ask, h, toast } from "./dom.js";
import { t } from "./words.js";

/** How this phone stands towards the service, as keys of words. */
export function standing(channel, person) {
  if (!person) return [];
  const is = { blocked: person.blocked, refuses: person.refuses, opted_out: person.opted_out, dead: person.dead, deactivated: person.deactivated, unfollowed: channel === "wechat" && person.following === false };
  return Object.keys(is).filter((key) => is[key]).map((key) => `is.${key}`);
}

function choices(channel, held, person, say) {
  const at = { channel, address: held.address };
  const has = new Set(standing(channel, person));
  const either = (mark, off, on) => (has.has(mark) ? on : off);
  const block = () => control("block", at), unblock = () => control("unblock", at);
  const stop = [t("opt_out"), () => say({ text: channel === "sms" ? "TD" : "退订" })];
  const move = [t("move"), () => moved(at)];
  return {
    wechat: [
      stop, either("is.refuses", [t("refuse"), block], [t("unrefuse"), unblock]),
      either("is.unfollowed", [t("unfollow"), () => say({ unfollow: true })], [t("refollow"), () => say({ follow: true })]), move,
    ],
    sms: [
      stop, either("is.opted_out", [t("carrier_out"), block], [t("carrier_in"), unblock]),
      either("is.dead", [t("dead"), () => control("dead", at)], [t("revive"), () => control("revive", at)]), move,
    ],
    telegram: [
      stop, either("is.blocked", [t("block"), block], [t("unblock"), unblock]),
      either("is.deactivated", [t("deactivate"), () => control("dead", at)], [t("reactivate"), () => control("revive", at)]), move,
    ],
  }[channel];
}

async function moved(at) {
  const to = await ask(t("move"), t("move_label"), at.channel === "sms" ? "+86199" : "");
  if (!to) return;
  await control("move", { channel: at.channel, old: at.address, new: to });
  toast(t("moved", { to }));
}

/** Opens the menu over a phone's screen; arrows move, Escape closes. */
export function menuOf(channel, held, person, screen, say, after) {
  const before = screen.querySelector(".menu");
  if (before) { before.remove(); return; }
  const opener = document.activeElement;
  const close = () => { menu.remove(); document.removeEventListener("pointerdown", outside); opener?.focus(); };
  const outside = (event) => { if (!menu.contains(event.target)) close(); };
  const items = choices(channel, held, person, say).map(([word, deed]) => h("button", { type: "button", role: "menuitem", onclick: async () => {
    close();
    try { await deed(); after(); } catch (error) { toast(error.message, "bad"); }
  } }, word));
  const menu = h("div", { className: "menu", role: "menu", onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    if (step) { event.preventDefault(); items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus(); }
  } }, items);
  screen.append(menu);
  items[0].focus();
  setTimeout(() => document.addEventListener("pointerdown", outside));
}
