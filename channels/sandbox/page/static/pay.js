// The bank: the chosen owner pays in full, in part, by collection with days of lag; a payment bounces.

import { control, look } from "./api.js";
import { pass } from "./clock.js";
import { ask, h, icon, toast } from "./dom.js";
import { hear } from "./live.js";
import { current } from "./state.js";
import { t, yuan } from "./words.js";

/** What is asked for now; what is not due yet is paid by the second button. */
const due = (owner) => owner.due_fen || owner.owed_fen;

async function pay(amount_fen, more = {}) {
  const owner = current();
  await control("pay", { unit: owner.unit, amount_fen, ...more });
  if (more.lag_days) toast(t("bank_done", { sum: yuan(amount_fen), n: more.lag_days }));
}

async function now() {
  await pay(due(current()), { way: "wechat_pay" });
}

async function all() {
  await pay(current().owed_fen, { way: "wechat_pay" });
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
  const told = await ask(t("bank_title", { sum: yuan(due(current())) }), t("bank_label"), "3");
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
  const more = Boolean(owner?.unit && owner.due_fen && owner.due_fen !== owner.owed_fen);
  part.box.dataset.account = owner?.account ?? "";
  part.who.textContent = owner?.unit || owner?.owner || t("choose_owner");
  part.sum.textContent = owner?.unit ? stands(owner, more) : "";
  const sum = owner?.unit && owner.owed_fen ? due(owner) : 0;
  part.due.textContent = sum ? t(more ? "pay_due" : "pay_full", { sum: yuan(sum) }) : t("pay_full", { sum: "" }).trim();
  part.all.textContent = more ? t("pay_all", { sum: yuan(owner.owed_fen) }) : "";
  part.all.hidden = !more;
}

/** What a unit owes in one line: what is due, and all when that is more. */
function stands(owner, more) {
  if (!owner.owed_fen) return t("paid_up");
  return more ? t("due_and_all", { due: yuan(owner.due_fen), all: yuan(owner.owed_fen) }) : t(owner.due_fen ? "due_of" : "owes_later", { sum: yuan(owner.owed_fen) });
}

/** The box below the people. */
export function payments() {
  part.who = h("b", {});
  part.sum = h("span", {});
  const button = (word, deed, needsDebt, main) => h("button", { type: "button", className: main ? "main" : "", onclick: guarded(deed, needsDebt) }, t(word));
  part.due = button("pay_full", now, true, true);
  part.all = button("pay_all", all, true, true);
  part.box = h("section", { className: "pay", id: "pay", aria: { label: t("pay") } },
    h("header", {}, icon("pay"), part.who, part.sum),
    h("div", { className: "buttons main" }, part.due, part.all),
    h("div", { className: "buttons" }, button("pay_part", some, true), button("pay_bank", bank, true), button("pay_bounce", bounce, false)));
  paint();
  return part.box;
}

/** Every payment is told, whoever made it. */
export function watchPayments() {
  hear("owner owners", paint);
  hear("payment", ({ unit, amount_fen }) => toast(amount_fen > 0 ? t("paid_done", { unit, sum: yuan(amount_fen) }) : `${unit} · ${t("bounced", { sum: yuan(-amount_fen) })}`, "good"));
}
