// What is planned for the chosen owner, what was sent or withheld, and why; from left to right in time.

import { look } from "./api.js";
import { dialog, h, icon } from "./dom.js";
import { hear, soon } from "./live.js";
import { current, state } from "./state.js";
import { both, clockTime, dayAndTime, localDate, shortDay, t, term, weekday, yuan } from "./words.js";

const ICON = { planned: "line", sent: "send", reply: "chat", uncertain: "tour", withheld: "close", waits: "stop", promise: "pin", paid: "pay", case: "bell", heard: "person" };
const part = {};
let shown = null;

function title(entry) {
  const detail = entry.detail;
  if (entry.kind === "promise") return `${localDate(detail.due_on)} · ${yuan(detail.amount_fen)}`;
  if (entry.kind === "paid") return `${yuan(detail.amount_fen)} · ${term("way", detail.way)}`;
  if (entry.kind === "heard") return said(detail);
  return both(entry.title) || (entry.kind === "case" ? term("cause", detail.cause) : entry.step ? term("step", entry.step) : "");
}

/** The owner's words; a pressed button by its meaning, which ends its code. */
function said(detail) {
  const pressed = /^\w+:\d+:(\w+)$/.exec(detail.text);
  if (pressed) return t("pressed", { what: term("intent", pressed[1]) });
  return detail.text ? `“${detail.text}”` : term("heard", detail.kind);
}

function below(entry) {
  if (entry.kind === "heard") return detailIntent(entry);
  const why = both(entry.words);
  const until = entry.detail.until && ["waits"].includes(entry.kind) ? t("until", { when: dayAndTime(entry.detail.until) }) : "";
  return [why, until].filter(Boolean).join(" · ") || (entry.kind === "case" && entry.detail.outcome ? both(entry.detail.outcome) : "");
}

/** What it was taken for: the answer it gave, else its own intent. */
function detailIntent({ detail }) {
  if (detail.answered) return `→ ${t(`answered.${detail.answered}`)}`;
  return detail.intent ? `→ ${term("intent", detail.intent)}` : "";
}

/** How it stands, where its kind does not say it already. */
const standing = (entry) => (["waits", "heard", "planned", "reply"].includes(entry.kind) ? "" : term("state", entry.state));

function tile(entry) {
  const what = title(entry), why = below(entry), state = standing(entry);
  const where = entry.channel ? t(entry.channel) : "";
  return h("li", {}, h("button", { type: "button", className: `tile ${entry.kind}`, onclick: () => open(entry) },
    h("span", { className: "when" }, `${shortDay(entry.at)} ${weekday(entry.at)} ${clockTime(entry.at)}`),
    h("span", { className: "kind" }, icon(ICON[entry.kind]), t(`kind.${entry.kind}`), where || state ? h("i", {}, [where, state].filter(Boolean).join(" · ")) : null),
    h("span", { className: "what" }, what), why ? h("span", { className: "why" }, why) : null));
}

function open(entry) {
  const lines = [h("p", { className: "when" }, dayAndTime(entry.at), " · ", [t(`kind.${entry.kind}`), entry.channel ? t(entry.channel) : "", entry.kind === "reply" ? term("state", entry.state) : standing(entry)].filter(Boolean).join(" · "))];
  if (both(entry.words)) lines.push(h("p", {}, h("b", {}, t("because", { why: both(entry.words) }))));
  if (entry.kind === "heard" && detailIntent(entry)) lines.push(h("p", {}, detailIntent(entry)));
  if (entry.kind === "case" && entry.detail.outcome) lines.push(h("p", {}, both(entry.detail.outcome)));
  if (entry.detail.text) lines.push(h("h3", {}, t("text")), h("p", { className: "said" }, entry.detail.text));
  if (entry.detail.tries?.length) lines.push(h("h3", {}, t("tries")), h("ol", { className: "tries" }, entry.detail.tries.map((one) => h("li", {},
    [dayAndTime(one.at), t(one.channel), term("outcome", one.outcome), both(one.reason), one.asked ? t("asked_provider") : "", one.crossed ? t("crossed") : ""].filter(Boolean).join(" · ")))));
  dialog(title(entry) || t(`kind.${entry.kind}`), h("div", { className: "told" }, lines));
}

/** One sentence: the next step and when, or what stands in the way. */
function following(next) {
  if (!next) return "";
  const step = both(next.title) || (next.step ? term("step", next.step) : "");
  const when = next.at ? dayAndTime(next.at) : "";
  const why = [...new Set(next.reasons.map((one) => both(one)))].join(lastComma());
  if (next.decision === "send") return [step, when, next.channels.map((one) => t(one)).join(" / ")].filter(Boolean).join(" · ");
  const rest = [t(`kind.${next.decision === "wait" ? "waits" : "withheld"}`), step, next.at ? t("until", { when }) : "", why ? t("because", { why }) : ""];
  return rest.filter(Boolean).join(" · ");
}

const lastComma = () => (document.documentElement.lang === "en" ? "; " : "；");

function paint() {
  const owner = current();
  if (!shown || !owner) {
    part.head.replaceChildren(h("b", {}, t("timeline")), h("span", { className: "sentence" }, t("timeline_empty")));
    part.list.replaceChildren();
    return;
  }
  const { entries, next, now } = shown;
  const name = [owner.unit, owner.owner].filter(Boolean).join(" ");
  const sentence = following(next);
  part.head.replaceChildren(h("b", {}, name), sentence ? h("span", { className: "sentence", title: sentence }, h("i", {}, t("next_is")), sentence) : h("span", { className: "sentence" }, t("nothing_planned")));
  const before = entries.filter((one) => one.at <= now || !now), after = entries.filter((one) => now && one.at > now);
  const mark = h("li", { className: "now", aria: { label: t("now") } }, h("span", {}, t("now")));
  const coming = next?.decision === "send" && !after.some((one) => one.kind === "planned") ? [soonTile(next)] : [];
  part.list.replaceChildren(...before.map(tile), ...(now ? [mark] : []), ...coming, ...after.map(tile));
  part.list.scrollLeft = now ? mark.offsetLeft - part.list.clientWidth + 260 : part.list.scrollWidth;
  part.list.scrollTop = now ? mark.offsetTop - part.list.clientHeight + 200 : part.list.scrollHeight;
}

const soonTile = (next) => tile({ at: next.at ?? next.next_look, kind: "planned", state: "", step: next.step, title: next.title, channel: next.channels[0] ?? "", words: null, detail: { tries: [] } });

const facts = (told) => JSON.stringify({ ...told, now: null });

async function load({ onlyNew = false } = {}) {
  const account = current()?.account;
  if (account === undefined || state.service === "none") { shown = null; paint(); return; }
  const told = await look("page/timeline", { account });
  if (current()?.account !== account) return;
  if (onlyNew && shown && facts(told) === facts(shown)) return;
  shown = told.service === "reached" ? told : null;
  paint();
}

export function timeline() {
  part.head = h("header", {});
  part.list = h("ol", { className: "tiles", tabIndex: 0, aria: { label: t("timeline") } });
  document.getElementById("timeline").replaceChildren(part.head, part.list);
  const reload = soon(() => load().catch(() => {}), 300, 1500);
  hear("owner", () => { shown = null; load().catch(() => {}); });
  hear("clock payment owners reset", reload);
  hear("message changed", (message) => { if (message.address === state.phones[state.focus]?.address) reload(); });
  hear("language", paint);
  // What becomes uncertain, or is settled by hand, happens in the house: no provider tells of it.
  setInterval(() => { if (!document.hidden) load({ onlyNew: true }).catch(() => {}); }, 3000);
  paint();
}
