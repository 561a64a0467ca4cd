// The staff's group and their private chats, played as any of them or as an outsider.

import { look, say } from "./api.js";
import { browse } from "./browser.js";
import { Chat } from "./chat.js";
import { pass } from "./clock.js";
import { composer } from "./composer.js";
import { h, icon, toast } from "./dom.js";
import { drawTelegram, drawWeCom } from "./drawing.js";
import { hear, soon } from "./live.js";
import { awaitAnswer } from "./phones.js";
import { state } from "./state.js";
import { t, term } from "./words.js";

const OUTSIDER = "990000001";
const part = {};
const room = { people: [], groups: [], group: null, me: null, view: "group", robot: "", fresh: new Set(), pressed: 0 };
const SOON = 20000;
/** Real milliseconds within which what comes in private is taken for the answer to a press. */

const act = {
  open: (url) => browse(part.screen, url),
  me: () => room.me,
  nameOf: (message) => (room.view === "group" && message.direction === "in" ? nameOf(message.sender) : null),
  press: async (message, data) => {
    try {
      room.pressed = performance.now();
      const told = await say("telegram", room.me, { press: data, message: message.wire.message_id, ...(room.view === "group" ? { chat: room.group.id } : {}) });
      if (told.query_id) awaitAnswer(told.query_id, part.notice);
      pass();
    } catch (error) { toast(error.message, "bad"); }
  },
};

function nameOf(address) {
  if (address === OUTSIDER) return t("outsider");
  return room.people.find((one) => one.address === address)?.name ?? address;
}

async function speak(what) {
  try { await say("telegram", room.me, { ...what, ...(room.view === "group" ? { chat: room.group.id } : {}) }); pass(); } catch (error) { toast(error.message, "bad"); }
}

/** Who there is: staff as the service knows them, and members of the group it does not know. */
async function load() {
  const [{ staff }, { groups }] = await Promise.all([look("page/staff"), look("control/telegram/groups")]);
  room.groups = groups.filter((one) => !one.migrated_to);
  room.group = room.groups.find((one) => one.id === room.group?.id) ?? room.groups[0] ?? null;
  const known = staff.map((one) => ({ name: one.name, role: one.role, address: one.contacts.find((c) => c.channel === "telegram")?.address ?? null }));
  const addresses = new Set(known.map((one) => one.address));
  const strangers = Object.keys(room.group?.members ?? {}).filter((one) => !addresses.has(one));
  const { people } = strangers.length ? await look("control/people", { channel: "telegram" }) : { people: [] };
  room.people = [...known, ...strangers.map((one) => ({ name: people.find((p) => p.address === one)?.name ?? one, role: "", address: one }))];
  state.staffAddresses = new Set([...room.people.map((one) => one.address).filter(Boolean), OUTSIDER]);
  if (!room.me || ![OUTSIDER, ...room.people.map((one) => one.address)].includes(room.me)) room.me = room.people.find((one) => one.address)?.address ?? OUTSIDER;
  build();
  await show();
}

async function show() {
  const group = room.view === "group", wecom = room.view === "wecom";
  const member = room.me !== OUTSIDER && room.me in (room.group?.members ?? {});
  part.chat.draw = wecom ? drawWeCom : drawTelegram;
  part.chat.empty = group && !room.group ? t("no_group") : t("empty");
  const can = wecom ? false : group ? Boolean(room.group && member) : Boolean(room.me);
  part.composer.enable(can, wecom ? t("robot_only") : group && room.group && !member ? t("not_member") : "");
  part.title.textContent = wecom ? t("in_wecom") : group ? room.group?.title ?? t("staff") : t("property");
  part.sub.textContent = wecom ? t("robot_only") : group ? (room.group ? t("members", { n: Object.keys(room.group.members).length + 1 }) : "") : t("bot");
  part.screen.classList.toggle("robot", wecom);
  await part.chat.open(wecom ? "wecom" : "telegram", wecom ? room.robot : group ? room.group?.id ?? null : room.me);
}

function build() {
  const panel = document.getElementById("staff");
  const option = (address, word) => h("option", { value: address, selected: address === room.me }, word);
  const role = (one) => (one.role ? ` · ${term("role", one.role)}` : "");
  const whom = h("select", { aria: { label: t("as_whom") }, onchange: () => { room.me = whom.value; room.fresh.delete("private"); mark(); show(); } },
    room.people.filter((one) => one.address).map((one) => option(one.address, one.name + role(one))), option(OUTSIDER, t("outsider")));
  const views = ["group", "private", "wecom"].map((view) => h("button", { type: "button", role: "tab", id: `view-${view}`, aria: { selected: String(view === room.view) }, onclick: () => turnTo(view) }, t(`in_${view}`)));
  part.chat ??= new Chat(drawTelegram, act, t("staff"));
  part.title = h("b", {});
  part.sub = h("small", {});
  part.notice = h("div", { className: "popup", hidden: true, role: "alert" });
  part.composer = composer("telegram", speak, { plain: true });
  part.screen = h("div", { className: "screen telegram" },
    h("header", { className: "bar" }, h("span", { className: "avatar", aria: { hidden: "true" } }, icon("group")), h("div", { className: "name" }, part.title, part.sub)),
    part.chat.log, part.composer.node, part.notice);
  panel.replaceChildren(h("div", { className: "caption" }, h("span", { className: "glyph group", aria: { hidden: "true" } }, icon("group")), h("label", { className: "as" }, h("span", {}, t("as_whom")), whom)),
    h("div", { className: "views", role: "tablist", aria: { label: t("staff") } }, views), part.screen);
  mark();
}

function turnTo(view) {
  room.view = view;
  mark();
  show();
}

/** Which view is chosen, and in which of the others something has come. */
function mark() {
  room.fresh.delete(room.view);
  for (const view of ["group", "private", "wecom"]) {
    const node = document.getElementById(`view-${view}`), fresh = room.fresh.has(view);
    node.setAttribute("aria-selected", String(view === room.view));
    node.classList.toggle("fresh", fresh);
    node.title = fresh ? t("something_new") : "";
  }
}

/** A message in a view that is not looked at leaves a dot there; a private answer to a press is told. */
function notice(message) {
  const places = { group: ["telegram", room.group?.id], private: ["telegram", room.me], wecom: ["wecom", room.robot] };
  const view = Object.keys(places).find((one) => places[one][0] === message.channel && places[one][1] === message.address);
  if (!view || view === room.view || message.direction !== "out") return;
  room.fresh.add(view);
  mark();
  if (view !== "private" || performance.now() - room.pressed > SOON) return;
  room.pressed = 0;
  toast(t("answered_privately"), "", () => turnTo("private"));
}

export async function staff() {
  room.robot = state.setup.robot;
  build();
  const reload = soon(() => load().catch((error) => toast(error.message, "bad")), 400, 1500);
  hear("group reset language", reload);
  hear("message changed", (message) => part.chat.take(message));
  hear("message", notice);
  await load();
}
