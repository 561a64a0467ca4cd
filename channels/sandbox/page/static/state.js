// Who is looked at, and who is who. Changes are told as "owner" (the one looked at) and "phone" (one phone's address).

import { look } from "./api.js";
import { tell } from "./live.js";

export const CHANNELS = ["wechat", "sms", "telegram"];
export const state = {
  focus: "wechat",
  follow: true,
  setup: null,
  service: "",
  zone: "Asia/Shanghai",
  phones: { wechat: null, sms: null, telegram: null },
  staffAddresses: new Set(),
};

const known = new Map();
const place = (channel, address) => `${channel}:${address}`;

/** Remembers owners by their addresses. */
export function meet(owners) {
  for (const owner of owners) {
    state.zone = owner.timezone || state.zone;
    for (const contact of owner.contacts) {
      const key = place(contact.channel, contact.address);
      const others = (known.get(key) ?? []).filter((one) => one.account !== owner.account);
      known.set(key, [...others, owner]);
    }
  }
}

/** The owners reached at these places (`channel:address`), asked of the service where not yet known. */
export async function whoIs(places) {
  const unknown = places.filter((one) => !known.has(one));
  for (let start = 0; start < unknown.length; start += 20) {
    const part = unknown.slice(start, start + 20);
    const found = await look("page/owners", { at: part });
    meet(found.owners);
    for (const one of part) if (!known.has(one)) known.set(one, []);
  }
  return places.map((one) => known.get(one) ?? []);
}

export function forget() {
  known.clear();
}

/** The owner whose timeline and debts are shown: that of the phone in hand. */
export function current() {
  return state.phones[state.focus]?.owner ?? null;
}

let looked;

/** Tells "owner" once another one is looked at, whichever way it came to be: all rooms show the same account. */
function looking() {
  const account = current()?.account;
  if (account === looked) return;
  looked = account;
  tell("owner");
}

/** Takes up a phone: `owner` may be null (a stranger), `address` null (the owner has none on this channel). */
export function hold(channel, address, owner) {
  state.phones[channel] = { channel, address, owner };
  tell("phone", { channel });
  if (channel === state.focus) looking();
}

export function focus(channel) {
  state.focus = channel;
  tell("focus", { channel });
  looking();
}

/** All three phones become this owner's; the first channel the owner has is in hand. */
export function choose(owner) {
  state.follow = false;
  for (const channel of CHANNELS) {
    const contact = owner.contacts.find((one) => one.channel === channel && !one.dead) ?? owner.contacts.find((one) => one.channel === channel);
    hold(channel, contact?.address ?? null, owner);
  }
  const first = CHANNELS.find((channel) => state.phones[channel].address) ?? "wechat";
  focus(state.phones[state.focus]?.address ? state.focus : first);
  tell("follow");
}

/** Asks the service anew about those whose phones are shown and puts the answer everywhere. */
export async function refresh() {
  const held = CHANNELS.map((channel) => state.phones[channel]).filter(Boolean);
  const account = [...new Set(held.map((one) => one.owner?.account).filter(Number.isInteger))];
  const at = held.filter((one) => one.address && !Number.isInteger(one.owner?.account)).map((one) => place(one.channel, one.address));
  if (!account.length && !at.length) return;
  const { owners } = await look("page/owners", { account, at });
  meet(owners);
  for (const phone of held) {
    const fresh = owners.find((one) => one.account === phone.owner?.account) ?? (phone.owner ? null : owners.find((one) => one.contacts.some((c) => c.channel === phone.channel && c.address === phone.address)));
    if (fresh) phone.owner = fresh;
  }
  looking();
  tell("owners", { owners });
}
