// The clock bar: what time it is on the stage, and the hands that turn it.

import { control, look } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { hear, soon, tell } from "./live.js";
import { clockTime, dayAndTime, fullDay, t, weekday } from "./words.js";

const DAY = 86400;
const part = {};
let at = { now: new Date().toISOString(), frozen: true, rate: 0, next: null }, since = performance.now();
let turning = false, wanted = true, heard = 0, news = 0;

function instant() {
  const passed = at.frozen && !at.rate ? 0 : performance.now() - since;
  return new Date(Date.parse(at.now) + (at.rate ? 0 : passed)).toISOString();
}

function show() {
  const now = instant();
  part.time.textContent = clockTime(now);
  part.date.textContent = `${fullDay(now)} ${weekday(now)}`;
  part.face.dateTime = now;
  part.run.setAttribute("aria-pressed", String(at.rate > 0));
  part.stop.disabled = !(at.rate > 0 || turning);
  for (const button of part.turns) button.disabled = turning || at.rate > 0;
  part.bar.classList.toggle("busy", turning || at.rate > 0);
  part.sent.textContent = turning && heard ? t("sent_so_far", { n: heard }) : "";
}

async function read() {
  const before = news, found = await look("control/clock");
  if (news === before) since = performance.now();
  else found.now = at.now;  // what was told meanwhile is younger than this answer
  at = found;
  show();
  tell("time", at);
}

/** Turns by steps of at most a day, so that one may stop on the way. */
async function turn(steps) {
  if (turning) return;
  turning = wanted = true;
  heard = 0;
  show();
  let sent = 0, told = null;
  try {
    for (const step of steps) {
      if (!wanted) break;
      told = await control("clock", step);
      sent += told.sent ?? 0;
    }
    if (told) toast(t(sent ? "turned" : "turned_quiet", { when: dayAndTime(told.now), n: sent }));
  } catch (error) { toast(t("stopped", { why: error.message }), "bad"); }
  turning = false;
  await read();
}

function moved(now) {
  news += 1;
  at = { ...at, now };
  since = performance.now();
  show();
}

async function run() {
  const rate = at.rate > 0 ? 0 : Number(part.speed.value) * DAY;
  try { await control("clock", { rate }); } catch (error) { toast(error.message, "bad"); }
  await read();
}

async function stop() {
  wanted = false;
  if (at.rate > 0) await control("clock", { rate: 0 });
  await read();
}

function build() {
  const hand = (word, steps) => h("button", { type: "button", data: { turn: word }, onclick: () => turn(steps()) }, t(word));
  part.time = h("b", {});
  part.date = h("small", {});
  part.face = h("time", { className: "face" }, part.time, part.date);
  part.turns = [
    hand("hour", () => [{ forward: 3600 }]), hand("day", () => [{ forward: DAY }]), hand("week", () => Array.from({ length: 7 }, () => ({ forward: DAY }))),
    h("button", { type: "button", data: { turn: "next" }, title: t("next_title"), onclick: () => turn([{ next: true }]) }, icon("next"), h("span", {}, t("next"))),
  ];
  part.speed = h("select", { aria: { label: t("speed") }, onchange: () => { if (at.rate > 0) control("clock", { rate: Number(part.speed.value) * DAY }); } },
    [0.25, 1, 2, 7].map((n) => h("option", { value: n, selected: n === 1 }, t(n === 1 ? "per_second_one" : "per_second", { n }))));
  part.run = h("button", { type: "button", className: "run", aria: { pressed: "false" }, onclick: run }, icon("play"), h("span", {}, t("run")));
  part.stop = h("button", { type: "button", className: "stop", title: t("stop"), onclick: stop }, icon("stop"), h("span", {}, t("stop")));
  part.sent = h("small", { className: "sent", aria: { live: "off" } });
  part.bar = h("div", { className: "hands" }, part.turns, h("span", { className: "runs" }, part.run, part.speed), part.stop, part.sent);
  document.getElementById("clock").replaceChildren(part.face, part.bar);
  show();
}

/** A few seconds pass after every deed, so that the service can answer while the clock stands. */
export const pass = soon(async () => {
  if (turning || at.rate > 0 || !at.frozen) return;
  try { await control("clock", { forward: 4 }); } catch (error) { toast(t("stopped", { why: error.message }), "bad"); }
}, 60, 300);

export async function clock() {
  build();
  const showSoon = soon(show, 100, 250);
  const readSoon = soon(() => read().catch(() => {}), 250, 1000);
  hear("clock", ({ now }) => { moved(now); readSoon(); });
  hear("passing", ({ now }) => moved(now));
  hear("message", ({ direction }) => { if (turning && direction === "out") { heard += 1; showSoon(); } });
  hear("stopped", ({ why }) => { toast(t("stopped", { why }), "bad"); readSoon(); });
  hear("reset online", readSoon);
  hear("language", build);
  setInterval(show, 1000);
  await read();
}
