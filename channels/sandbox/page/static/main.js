// The page begins: what it must know, its rooms, then the live stream; on a first visit the tour.

import { deed, look } from "./api.js";
import { clock } from "./clock.js";
import { h, icon, sure, toast } from "./dom.js";
import { faults } from "./faults.js";
import { SENTENCES } from "./lexicon.js";
import { hear, listen, tell } from "./live.js";
import { watchPayments } from "./pay.js";
import { people } from "./people.js";
import { raise, write } from "./phones.js";
import { learn } from "./segments.js";
import { staff } from "./staff.js";
import { forget, state } from "./state.js";
import { tabs } from "./tabs.js";
import { timeline } from "./timeline.js";
import { tour, toured } from "./tour.js";
import { label, lang, setLanguage, t } from "./words.js";

async function reset() {
  if (!(await sure(t("reset_title"), t("reset_text"), t("reset")))) return;
  try {
    const { reset: by } = await deed("page/reset");
    toast(t(by === "service" ? "reset_done" : "reset_partly"));
    setTimeout(() => location.reload(), 1500);
  } catch (error) { toast(error.message, "bad"); }
}

function tools() {
  const tool = (name, sign, deed) => h("button", { type: "button", id: `tool-${name}`, title: t(`${name}_title`) === `${name}_title` ? t(name) : t(`${name}_title`), onclick: deed }, sign ? icon(sign) : null, h("span", {}, t(name)));
  const language = tool("language", null, () => { setLanguage(lang() === "zh" ? "en" : "zh"); tell("language"); });
  document.getElementById("tools").replaceChildren(tool("faults", "bolt", faults), tool("tour", "tour", tour), tool("reset", "reset", reset), language);
}

function sentences() {
  const chips = SENTENCES.map((pair) => h("button", { type: "button", onclick: () => write(pair[lang() === "zh" ? 0 : 1]) }, pair[lang() === "zh" ? 0 : 1]));
  document.getElementById("sentences").replaceChildren(...chips);
}

function fixed() {
  label();
  tools();
  sentences();
  tabs();
}

async function begin() {
  state.setup = await look("page/setup");
  learn(state.setup.gsm);
  fixed();
  hear("language", fixed);
  hear("reset", forget);
  let broken = false;
  hear("online", ({ on }) => { if (!on && !broken) toast(t("offline"), "warn"); broken = !on; });
  watchPayments();
  await raise();
  timeline();
  await Promise.all([clock(), staff().then(people)]);
  listen(state.setup.happened);
  document.body.dataset.ready = "true";
  if (!toured()) tour();
}

begin().catch((error) => toast(error.message, "bad"));
