// The bank: the chosen owner pays in full, in part, by collection with days of lag; a payment bounces.

import { control, look } from "./api.js";
import { pass } from "./clock.js";
import { ask, h, icon, toast } from "./dom.js";
import { hear } from "./live.js";
import { current } from "./state.js";
import { t, yuan } from "./words.js";

const due = (owner) => owner.due_fen || owner.owed_fen;

async function pay(amount_fen, more = {}) {
  const owner = current();
  await control("pay", { unit: owner.unit, amount_fen, ...more });
  if (more.lag_days) toast(t("bank_done", { sum: yuan(amount_fen), n: more.lag_days }));
}

async function full() {
  await pay(due(current()), { way: "wechat_pay" });
}

async function some() {
  const half = Math.floor(due(current()) / 200) * 100;
  const told = await ask(t("part_title"), t("part_label"), (half / 100).toFixed(2));
  if (told === null) return;
  const fen = Math.round(Number(told.replace(/[¥,\s]/g, "")) * 100);
  if (!(fen > 0)) throw new Error(t("bad_amount"));
  await pay(fen, { way: "transfer" });
}

async function bank() {
  const told = await ask(t("bank_title"), t("bank_label"), "3");
  if (told === null) return;
  const days = Number(told);
  if (!(days > 0)) throw new Error(t("bad_amount"));
  await pay(due(current()), { way: "bank_collection", lag_days: days });
}

async function bounce() {
  const owner = current();
  const { payments } = await look("control/payments");
  const gone = new Set(payments.map((one) => one.reverses).filter(Boolean));
  const last = payments.filter((one) => one.unit === owner.unit && one.arrived && one.amount_fen > 0 && !gone.has(one.ref)).at(-1);
  if (!last) throw new Error(t("nothing_to_bounce"));
  await control("bounce", { ref: last.ref });
}

function guarded(deed, needsDebt) {
  return async () => {
    const owner = current();
    if (!owner?.unit) return toast(t("choose_owner"), "warn");
    if (needsDebt && !owner.owed_fen) return toast(t("nothing_owed"), "warn");
    try { await deed(); pass(); } catch (error) { toast(error.message, "bad"); }
  };
}

const part = {};

function paint() {
  const owner = current();
  part.who.textContent = owner?.unit || owner?.owner || t("choose_owner");
  part.sum.textContent = !owner?.unit ? "" : owner.owed_fen ? t("owes", { sum: yuan(owner.owed_fen) }) : t("paid_up");
}

/** The box below the people. */
export function payments() {
  part.who = h("b", {});
  part.sum = h("span", {});
  const button = (word, deed, needsDebt, main) => h("button", { type: "button", className: main ? "main" : "", onclick: guarded(deed, needsDebt) }, t(word));
  paint();
  return h("section", { className: "pay", id: "pay", aria: { label: t("pay") } },
    h("header", {}, icon("pay"), part.who, part.sum),
    h("div", { className: "buttons" }, button("pay_full", full, true, true), button("pay_part", some, true), button("pay_bank", bank, true), button("pay_bounce", bounce, false)));
}

/** Every payment is told, whoever made it. */
export function watchPayments() {
  hear("owner owners", paint);
  hear("payment", ({ unit, amount_fen }) => toast(amount_fen > 0 ? t("paid_done", { unit, sum: yuan(amount_fen) }) : `${unit} · ${t("bounced", { sum: yuan(-amount_fen) })}`, "good"));
}
