// How each app draws a message. Every drawing gets the message and `act`, the phone's hands.

import { h, icon } from "./dom.js";
import { clockTime, dayKey, fullDay, lang, t, term, weekday } from "./words.js";
import { counted } from "./segments.js";

const LINK = /(https?:\/\/[^\s<>"'，。；）)]+)/;

/** Text with its addresses as links that open inside the phone. */
export function linked(text, act) {
  return text.split(LINK).map((part, index) =>
    index % 2 ? h("a", { href: part, onclick: (event) => { event.preventDefault(); act.open(part); } }, part) : part);
}

/** All messages of one phone, with a line wherever a new day begins. */
export function thread(messages, draw, act) {
  let day = "";
  const rows = [];
  for (const message of messages) {
    if (message.deleted) continue;
    const key = dayKey(message.at);
    if (key !== day) rows.push(h("li", { className: "day" }, `${fullDay(message.at)} ${weekday(message.at)}`));
    day = key;
    rows.push(draw(message, act));
  }
  return rows;
}

function row(message, ...children) {
  return h("li", { className: `row ${message.direction === "in" ? "mine" : "theirs"}`, data: { id: message.provider_id } }, ...children);
}

const FILES = { picture: "picture", image: "picture", voice: "voice", sticker: "sticker", file: "slip" };

function attachment(message, act) {
  const preview = act.preview?.(message) ?? (message.file ? `page/file/${message.file}` : null);
  const kind = message.wire?.photo ? "picture" : message.kind;
  if (FILES[kind] === "picture" && preview) return h("img", { className: "photo", src: preview, alt: t("picture"), loading: "lazy" });
  if (kind === "voice") return h("span", { className: "voice" }, icon("voice"), h("i", { className: "wave" }), t("voice_3"));
  if (kind === "sticker") return h("span", { className: "sticker", role: "img", aria: { label: t("sticker") } }, icon("sticker"));
  return FILES[kind] ? h("span", { className: "file" }, icon(FILES[kind]), t(FILES[kind] === "picture" ? "picture" : "slip")) : null;
}

export function drawSms(message, act) {
  const { segments, code } = counted(message.text);
  const count = message.segments ?? segments;
  const foot = [clockTime(message.at), count > 1 ? t("segments", { n: count, code }) : t("segment_one", { code })];
  if (message.kind === "by_provider") foot.splice(1, 1, t("by_provider"));
  const status = message.direction === "out" && message.status ? term("status", message.status) : "";
  const bad = ["undelivered", "failed"].includes(message.status);
  return row(message, h("div", { className: "bubble" }, message.text ? linked(message.text, act) : t("picture")),
    h("small", { className: bad ? "foot bad" : "foot" }, [...foot, (bad ? "✕ " : "") + status].filter(Boolean).join(" · ")));
}

/** The small square beside a WeChat message. */
function avatar(direction) {
  const letters = lang() === "zh" ? { in: "我", out: "物" } : { in: "Me", out: "PM" };
  return h("div", { className: `who ${direction}`, aria: { hidden: "true" } }, letters[direction]);
}

export function drawWeChat(message, act) {
  if (message.kind === "template") return row(message, avatar("out"), card(message, act));
  if (message.kind === "by_provider") return h("li", { className: "day" }, message.text);
  const bare = attachment(message, act);
  const inside = bare ?? (message.buttons?.length ? menu(message, act) : linked(message.text, act));
  const only = bare && !bare.classList.contains("voice") && !bare.classList.contains("file") ? " bare" : "";
  return row(message, avatar(message.direction),
    h("div", { className: `bubble${only}` }, inside), h("small", { className: "foot" }, clockTime(message.at)));
}

/** The message menu: head and tail as text, each entry a line to tap. */
function menu(message, act) {
  const entries = message.buttons.flat();
  return message.text.split("\n").map((line) => {
    const entry = entries.find((one) => one.label === line);
    return entry
      ? h("button", { className: "entry", type: "button", onclick: () => act.press(message, entry.data) }, line)
      : h("span", { className: "line" }, ...linked(line, act));
  });
}

function card(message, act) {
  const rows = Object.entries(message.fields ?? {}).map(([key, value]) =>
    h("div", {}, h("dt", {}, t(`field.${key.replace(/_?\d+$/, "")}`)), h("dd", {}, value)));
  const failed = message.status === "failed" ? h("small", { className: "foot bad" }, `✕ ${t("status.failed")}`) : h("small", { className: "foot" }, `${clockTime(message.at)} · ${term("status", message.status)}`);
  const tap = message.url
    ? h("button", { className: "tap", type: "button", onclick: () => act.open(message.url) }, t("details"), h("span", { aria: { hidden: "true" } }, "›"))
    : h("span", { className: "tap off" }, t("no_link"));
  return [h("article", { className: "card" }, h("h4", {}, /^[\w-]+$/.test(message.title) ? t("notice") : message.title), h("dl", {}, rows), tap), failed];
}

const MARKS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };

/** Telegram's entities, one beside another (an inner one of a nest is left plain). */
function marked(text, entities, act) {
  const parts = [];
  let end = 0;
  for (const one of [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length)) {
    if (one.offset < end) continue;
    parts.push(...linked(text.slice(end, one.offset), act));
    end = one.offset + one.length;
    const inner = text.slice(one.offset, end);
    const url = one.url ?? inner;
    if (MARKS[one.type]) parts.push(h(MARKS[one.type], {}, inner));
    else if (["text_link", "url"].includes(one.type)) parts.push(h("a", { href: url, onclick: (event) => { event.preventDefault(); act.open(url); } }, inner));
    else parts.push(inner);
  }
  return [...parts, ...linked(text.slice(end), act)];
}

export function drawTelegram(message, act) {
  const wire = message.wire ?? {};
  const text = wire.text ?? wire.caption ?? (message.text?.startsWith("[") ? "" : message.text);
  const name = act.nameOf?.(message);
  const reply = wire.reply_to_message;
  const foot = h("small", { className: "foot" }, message.edited ? `${t("edited")} ${clockTime(message.at)}` : clockTime(message.at));
  const keys = (message.buttons ?? []).map((line) => h("div", { className: "keys" }, line.map((key) => h("button", {
    type: "button", onclick: () => (key.url ? act.open(key.url) : act.press(message, key.data)) }, key.label, key.url ? icon("out") : null))));
  const cls = message.direction === "in" && !(act.me && message.sender !== act.me()) ? "mine" : "theirs";
  return h("li", { className: `row ${cls}`, data: { id: message.provider_id } },
    h("div", { className: "bubble" },
      name ? h("b", { className: "name" }, name) : null,
      reply ? h("blockquote", { className: "quote" }, (reply.text ?? reply.caption ?? "…").slice(0, 80)) : null,
      attachment(message, act), text ? h("div", { className: "text" }, marked(text, wire.entities ?? wire.caption_entities, act)) : null, foot),
    keys);
}

/** What WeCom draws of a markdown message: pairs of stars around words go; stars inside or after a word stay. */
function unmarked(text) {
  return text.replace(/<\/?font[^>]*>/g, "").replace(/(?<![\p{L}\p{N}*])\*\*(?![\s*])([^*\n]+?)(?<!\s)\*\*(?!\*)/gu, "$1");
}

/** A message of the WeCom robot, which can neither be edited nor carry buttons. A text stands as it was sent. */
export function drawWeCom(message, act) {
  const title = message.card?.main_title;
  const facts = (message.card?.horizontal_content_list ?? []).map((one) => h("div", {}, h("dt", {}, one.keyname), h("dd", {}, one.value ?? "")));
  const url = message.card?.card_action?.url;
  const body = message.card
    ? h("article", { className: "card" }, h("h4", {}, title?.title), title?.desc ? h("p", {}, title.desc) : null, h("dl", {}, facts),
      url ? h("button", { className: "tap", type: "button", onclick: () => act.open(url) }, t("details"), "›") : null)
    : h("div", { className: "bubble" }, linked(message.kind?.startsWith("markdown") ? unmarked(message.text) : message.text, act));
  return row(message, avatar("out"), body, h("small", { className: "foot" }, clockTime(message.at)));
}
