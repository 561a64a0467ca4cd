// Whose phone it is: a search by unit, name or number; who just heard something; and the one chosen.

import { look } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { hear, soon, tell } from "./live.js";
import { payments } from "./pay.js";
import { CHANNELS, choose, current, focus, hold, meet, state, whoIs } from "./state.js";
import { setZone, t, term, yuan } from "./words.js";

const RECENT = 6;
let list = [], words = "", recent = [];
const unread = new Map();
const part = {};

/** One line of the list. */
function line(owner) {
  const chosen = current()?.account === owner.account;
  const count = unread.get(owner.account) ?? 0;
  const has = CHANNELS.filter((channel) => owner.contacts.some((one) => one.channel === channel));
  const owed = owner.owed_fen ? (owner.due_fen ? t("due_of", { sum: yuan(owner.due_fen) }) : t("owes", { sum: yuan(owner.owed_fen) })) : t("paid_up");
  return h("li", {}, h("button", { type: "button", className: "person", aria: { pressed: String(chosen) }, data: { account: owner.account }, onclick: () => { unread.delete(owner.account); choose(owner); } },
    h("span", { className: "unit" }, owner.unit || owner.owner),
    h("span", { className: "ways", aria: { label: has.map((one) => t(one)).join(", ") } }, has.map((one) => h("i", { className: `way ${one}` }, icon({ wechat: "chat", sms: "phone", telegram: "plane" }[one])))),
    h("span", { className: "named" }, owner.unit ? owner.owner : "", owner.segment && owner.segment !== "resident" ? ` · ${term("segment", owner.segment)}` : ""),
    h("span", { className: owner.due_fen ? "owed due" : "owed" }, owner.unit ? owed : ""),
    count ? h("b", { className: "badge", title: t("unread", { n: count }), aria: { label: t("unread", { n: count }) } }, String(count)) : null));
}

function paint() {
  for (const channel of CHANNELS) unread.delete(state.phones[channel]?.owner?.account);
  const others = words ? list : list.filter((owner) => !recent.some((one) => one.account === owner.account));
  const rows = [];
  if (!words && recent.length) rows.push(h("li", { className: "head" }, t("just_heard")), ...recent.map(line), h("li", { className: "head" }, t("everybody")));
  rows.push(...others.map(line));
  if (!rows.length) rows.push(h("li", { className: "empty" }, t("nobody")));
  const top = part.list.scrollTop;
  part.list.replaceChildren(...rows);
  part.list.scrollTop = top;
  part.follow.setAttribute("aria-checked", String(state.follow));
}

async function load() {
  const asked = words;
  const found = await look("page/owners", { search: words });
  if (asked !== words) return;
  state.service = found.service;
  meet(found.owners);
  if (state.zone) setZone(state.zone);
  list = found.owners;
  recent = recent.map((one) => list.find((other) => other.account === one.account) ?? one);
  part.note.hidden = found.service === "reached";
  part.note.textContent = found.service === "none" ? t("service_none") : t("service_unreachable");
  paint();
}

const reload = soon(() => load().catch((error) => toast(error.message, "bad")), 200, 600);
const reloadLater = soon(() => load().catch(() => {}), 1200, 3000);

const heardSince = new Map();
const noteHeard = soon(async () => {
  const places = [...heardSince.keys()].slice(-20), counts = new Map(heardSince);
  heardSince.clear();
  const found = await whoIs(places);
  found.forEach((owners, index) => {
    const owner = owners[0];
    if (!owner) return;
    recent = [owner, ...recent.filter((one) => one.account !== owner.account)].slice(0, RECENT);
    unread.set(owner.account, (unread.get(owner.account) ?? 0) + counts.get(places[index]));
  });
  paint();
}, 200, 800);

function follow() {
  state.follow = !state.follow;
  if (state.follow) showNewest();
  tell("follow");
}

/** Each phone turns to whoever heard something on it last. */
async function showNewest() {
  const latest = await look("page/latest", { skip: [...state.staffAddresses] });
  const places = Object.entries(latest);
  const owners = await whoIs(places.map(([channel, address]) => `${channel}:${address}`));
  places.forEach(([channel, address], index) => hold(channel, address, owners[index][0] ?? null));
  return places.length;
}

/** At first: the newest receivers; where there are none yet, the first owners with that channel. */
async function begin() {
  await showNewest();
  const taken = new Set();
  for (const channel of CHANNELS.filter((one) => !state.phones[one]?.address)) {
    const owner = list.find((one) => !taken.has(one.account) && one.contacts.some((contact) => contact.channel === channel));
    if (!owner) continue;
    taken.add(owner.account);
    hold(channel, owner.contacts.find((contact) => contact.channel === channel).address, owner);
  }
  focus(CHANNELS.find((channel) => state.phones[channel]?.address) ?? "wechat");
}

function build() {
  const panel = document.getElementById("people");
  part.search = h("input", { type: "search", placeholder: t("search"), value: words, aria: { label: t("search_label") }, oninput: () => { words = part.search.value.trim(); reload(); }, onkeydown: (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); part.list.querySelector("button")?.[event.key === "Enter" ? "click" : "focus"](); }
  } });
  part.follow = h("button", { type: "button", className: "switch", role: "switch", title: t("follow_title"), aria: { checked: String(state.follow) }, onclick: follow }, h("span", { className: "knob", aria: { hidden: "true" } }), t("follow"));
  part.note = h("p", { className: "note", hidden: true });
  part.list = h("ul", { className: "list", onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...part.list.querySelectorAll("button")];
    all[all.indexOf(document.activeElement) + step]?.focus();
  } });
  panel.replaceChildren(h("div", { className: "find" }, icon("search"), part.search), part.follow, part.note, part.list, payments());
}

export async function people() {
  build();
  hear("owners", ({ owners }) => { const fresh = new Map(owners.map((one) => [one.account, one])); [list, recent] = [list, recent].map((rows) => rows.map((one) => fresh.get(one.account) ?? one)); });
  hear("owner follow owners phone", paint);
  hear("clock payment", reloadLater);
  hear("reset", () => { recent = []; unread.clear(); reload(); });
  hear("language", () => { build(); reload(); });
  hear("message", (message) => {
    if (message.direction !== "out" || !CHANNELS.includes(message.channel) || message.address.startsWith("-") || state.staffAddresses.has(message.address)) return;
    const key = `${message.channel}:${message.address}`;
    heardSince.set(key, (heardSince.get(key) ?? 0) + 1);
    noteHeard();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea, dialog")) { event.preventDefault(); part.search.focus(); }
  });
  await load();
  await begin();
}
