// What the page says, in Chinese and English; dates and money as people write them.

import { WORDS } from "./lexicon.js";

const KEY = "yinuo.language";
let language = localStorage.getItem(KEY) ?? (navigator.language?.startsWith("zh") ? "zh" : "en");
let zone = "Asia/Shanghai";

export const lang = () => language;
export const setZone = (name) => { zone = name; };

/** A sentence by its key; `{name}` is filled from `values`. An unknown key is shown as it is. */
export function t(key, values = {}) {
  const pair = WORDS[key];
  const text = pair ? pair[language === "zh" ? 0 : 1] : key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A word of the trade (state, way, cause …) if the page has one for it. */
export function term(kind, word) {
  return WORDS[`${kind}.${word}`] ? t(`${kind}.${word}`) : (word ?? "").replaceAll("_", " ");
}

/** Of `{zh, en}` the one in the page's language. */
export const both = (pair) => (pair ? pair[language] || pair.zh : "");

export function setLanguage(fresh) {
  language = fresh;
  localStorage.setItem(KEY, fresh);
  label();
}

/** Fills the fixed places of the page. */
export function label() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
}

export function yuan(fen) {
  return `¥${(fen / 100).toLocaleString("en-US", { minimumFractionDigits: fen % 100 ? 2 : 0, maximumFractionDigits: 2 })}`;
}

const form = (options) => new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, hourCycle: "h23", ...options });

export const clockTime = (iso) => form({ hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
export const shortDay = (iso) => form({ month: "numeric", day: "numeric" }).format(new Date(iso));
export const fullDay = (iso) => form({ year: "numeric", month: language === "zh" ? "long" : "short", day: "numeric" }).format(new Date(iso));
export const weekday = (iso) => form({ weekday: "short" }).format(new Date(iso));
export const dayKey = (iso) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(iso));
export const dayAndTime = (iso) => `${shortDay(iso)} ${weekday(iso)} ${clockTime(iso)}`;
/** A local date without time, such as 2026-12-04. */
export const localDate = (date) => { const [y, m, d] = date.split("-"); return language === "zh" ? `${+m}月${+d}日` : `${+d}/${+m}/${y}`; };
