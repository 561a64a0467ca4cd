// The three phones: whose each is, what stands on it, and what its owner does with it.

import { look, say } from "./api.js";
import { browse } from "./browser.js";
import { Chat } from "./chat.js";
import { pass } from "./clock.js";
import { composer } from "./composer.js";
import { h, icon, toast } from "./dom.js";
import { drawSms, drawTelegram, drawWeChat } from "./drawing.js";
import { hear, soon } from "./live.js";
import { menuOf, standing } from "./manners.js";
import { CHANNELS, focus, hold, refresh, state, whoIs } from "./state.js";
import { clockTime, t } from "./words.js";

const DRAW = { wechat: drawWeChat, sms: drawSms, telegram: drawTelegram };
const phones = {};
const again = soon(() => refresh().catch(() => {}), 900, 3000);
let now = new Date().toISOString();

class Phone {
  constructor(channel) {
    this.channel = channel;
    this.node = document.getElementById(`phone-${channel}`);
    this.previews = new Map();
    const act = { press: (message, data) => this.press(message, data), open: (url) => browse(this.screen, url), preview: (message) => this.previews.get(message.provider_id) };
    this.chat = new Chat(DRAW[channel], act, t(channel));
    this.node.addEventListener("focusin", () => focus(channel));
    this.node.addEventListener("pointerdown", () => focus(channel));
    this.build();
  }

  build() {
    this.caption = h("div", { className: "caption" });
    this.time = h("span", {}, clockTime(now));
    this.notice = h("div", { className: "popup", hidden: true, role: "alert" });
    this.more = h("button", { type: "button", className: "quiet", title: t("more"), aria: { label: t("more"), haspopup: "menu" }, onclick: () => this.menu() }, icon("more"));
    const title = { wechat: [t("property"), t("service_account")], sms: [t("sms_name"), ""], telegram: [t("property"), t("bot")] }[this.channel];
    this.composer = composer(this.channel, (what, preview) => this.say(what, preview));
    this.invite = h("div", { className: "invite", hidden: true });
    this.screen = h("div", { className: "screen" },
      h("div", { className: "status", aria: { hidden: "true" } }, this.time, h("span", { className: "island" }), h("span", { className: "battery" })),
      h("header", { className: "bar" }, h("span", { className: "chevron", aria: { hidden: "true" } }, icon("back")), h("div", { className: "name" }, h("b", {}, title[0]), title[1] ? h("small", {}, title[1]) : null), this.more),
      this.chat.log, this.invite, this.composer.node, this.notice);
    this.node.replaceChildren(this.caption, h("div", { className: "device" }, this.screen));
    this.node.setAttribute("aria-label", t(this.channel));
    this.dress();
  }

  get held() { return state.phones[this.channel]; }

  async turnTo() {
    const held = this.held;
    this.person = null;
    this.dress();
    await this.chat.open(this.channel, held?.address ?? null);
    await this.ask();
  }

  async ask() {
    const address = this.held?.address;
    if (!address) return;
    const { person } = await look("page/person", { channel: this.channel, address });
    if (address === this.held?.address) { this.person = person; this.dress(); }
  }

  /** Everything about the phone that follows from whose it is. */
  dress() {
    const held = this.held, owner = held?.owner;
    const name = owner ? [owner.unit, owner.owner].filter(Boolean).join(" ") : held?.address ? t("stranger") : "—";
    const marks = standing(this.channel, this.person).map((word) => h("span", { className: "mark" }, t(word)));
    this.caption.replaceChildren(h("span", { className: `glyph ${this.channel}`, aria: { hidden: "true" } }, icon({ wechat: "chat", sms: "phone", telegram: "plane" }[this.channel])),
      h("span", { className: "app" }, t(this.channel)), h("span", { className: "owner", title: `${name} ${held?.address ?? ""}` }, name), ...marks);
    const missing = Boolean(held && !held.address);
    this.chat.empty = held ? t("empty") : t("nobody_here");
    this.invite.hidden = !missing;
    this.chat.log.hidden = missing;
    this.composer.enable(Boolean(held?.address));
    this.more.disabled = !held?.address;
    if (missing) {
      this.invite.replaceChildren(icon({ wechat: "chat", sms: "phone", telegram: "plane" }[this.channel]), h("p", {}, t("no_account", { who: owner?.owner ?? "", channel: t(this.channel) })),
        h("button", { type: "button", onclick: () => this.adopt() }, t("new_account")));
    }
  }

  /** A new account of this owner, unknown to the service until it is bound. */
  adopt() {
    const owner = this.held.owner;
    const number = String(owner.account).replace(/\D/g, "").slice(-6).padStart(6, "0");
    hold(this.channel, { wechat: `oSandboxNew${number}`, sms: `+86199${number.padStart(8, "0")}`, telegram: `77${number}` }[this.channel], owner);
  }

  async say(what, preview) {
    const address = this.held?.address;
    if (!address) return;
    try {
      const told = await say(this.channel, address, what);
      if (preview && told.msg_id) { this.previews.set(`in-${told.msg_id}`, preview); this.chat.paint(true); }
      if (told.delivered === false) toast(t("not_heard"), "warn");
      pass();
      again();
    } catch (error) { toast(error.message, "bad"); }
  }

  async press(message, data) {
    const what = { press: data };
    if (this.channel === "telegram") what.message = message.wire.message_id;
    try {
      const told = await say(this.channel, this.held.address, what);
      if (told.query_id) waiting.set(told.query_id, this.notice);
      answered(told.query_id);
      pass();
      again();
    } catch (error) { toast(error.message, "bad"); }
  }

  menu() {
    menuOf(this.channel, this.held, this.person, this.screen, (what) => this.say(what), () => { pass(); this.ask(); });
  }
}

const waiting = new Map(), answers = new Map();

/** The provider's small window after a press: a line that passes, or an alert to close. */
export function answered(id, notice = waiting.get(id)) {
  const told = answers.get(id);
  if (!told || !notice) return;
  answers.delete(id);
  waiting.delete(id);
  if (!told.text) return;
  notice.hidden = false;
  notice.classList.toggle("alert", Boolean(told.alert));
  const close = () => { notice.hidden = true; };
  notice.replaceChildren(h("p", {}, told.text), told.alert ? h("button", { type: "button", onclick: close }, t("ok")) : "");
  if (!told.alert) setTimeout(close, 3500);
}

export function awaitAnswer(id, notice) {
  waiting.set(id, notice);
  answered(id, notice);
}

/** The phone in hand, for a ready sentence. */
export function write(text) {
  phones[state.focus].composer.write(text);
}

const newest = {};
const followNewest = soon(async () => {
  const places = Object.entries(newest);
  for (const key of Object.keys(newest)) delete newest[key];
  if (!state.follow || !places.length) return;
  const owners = await whoIs(places.map(([channel, address]) => `${channel}:${address}`));
  places.forEach(([channel, address], index) => {
    const busy = phones[channel].node.contains(document.activeElement);
    if (!busy && state.phones[channel]?.address !== address) hold(channel, address, owners[index][0] ?? null);
  });
  if (!document.activeElement?.closest(".phone")) focus(places.at(-1)[0]);
}, 120, 500);

/** Draws the phones and keeps them live. */
export async function raise() {
  for (const channel of CHANNELS) phones[channel] = new Phone(channel);
  hear("phone", ({ channel }) => phones[channel].turnTo().catch((error) => toast(error.message, "bad")));
  hear("clock payment online owner", again);
  hear("owners", () => CHANNELS.forEach((channel) => phones[channel].dress()));
  hear("message changed", (message) => CHANNELS.includes(message.channel) && phones[message.channel].chat.take(message));
  hear("message", (message) => {
    if (message.direction !== "out" || !CHANNELS.includes(message.channel) || message.address.startsWith("-") || state.staffAddresses.has(message.address)) return;
    newest[message.channel] = message.address;
    followNewest();
  });
  hear("person", (facts) => {
    const phone = phones[facts.channel];
    if (!phone) return;
    if (facts.moved_from && facts.moved_from === phone.held?.address) hold(facts.channel, facts.address, phone.held.owner);
    else if (facts.address === phone.held?.address) phone.ask();
  });
  hear("query_answered", ({ id, ...told }) => { answers.set(id, told); answered(id); });
  hear("clock passing time", (facts) => { now = facts.now; for (const channel of CHANNELS) phones[channel].time.textContent = clockTime(now); });
  hear("focus", () => CHANNELS.forEach((channel) => phones[channel].node.classList.toggle("held", channel === state.focus)));
  hear("language", () => CHANNELS.forEach((channel) => { phones[channel].build(); phones[channel].chat.paint(true); }));
}
