// One conversation on the page: loads it, keeps it live, keeps its end in sight.

import { look } from "./api.js";
import { h } from "./dom.js";
import { thread } from "./drawing.js";
import { t } from "./words.js";

const SHOWN = 120;

export class Chat {
  /** `draw(message, act)` draws one message; `act` are the hands of whoever holds it. */
  constructor(draw, act, label) {
    this.draw = draw;
    this.act = act;
    this.channel = this.address = null;
    this.messages = new Map();
    this.log = h("ol", { className: "log", tabIndex: 0, role: "log", aria: { live: "polite", label } });
    this.empty = t("empty");
    this.atEnd = true;
    this.log.addEventListener("scroll", () => { this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60; });
    new ResizeObserver(() => { if (this.atEnd) this.log.scrollTop = this.log.scrollHeight; }).observe(this.log);
  }

  /** Shows the conversation at an address; null shows nothing. */
  async open(channel, address) {
    this.channel = channel;
    this.address = address;
    this.messages = new Map();
    this.paint(true);
    if (!address) return;
    const { messages } = await look("control/inbox", { channel, address });
    if (this.channel !== channel || this.address !== address) return;
    const newer = [...this.messages];
    this.messages = new Map(messages.slice(-SHOWN).map((one) => [one.provider_id, one]));
    for (const [id, one] of newer) this.messages.set(id, one);
    this.paint(true);
  }

  /** A message that came or changed; true when it belongs here. */
  take(message) {
    if (message.channel !== this.channel || message.address !== this.address) return false;
    const fresh = !this.messages.has(message.provider_id);
    this.messages.set(message.provider_id, message);
    this.paint(fresh);
    if (fresh) this.log.lastElementChild?.classList.add("fresh");
    return true;
  }

  last() {
    return [...this.messages.values()].at(-1);
  }

  paint(toEnd = false) {
    const end = toEnd || this.atEnd;
    const shown = [...this.messages.values()].sort((a, b) => a.n - b.n);
    const rows = thread(shown, this.draw, this.act);
    this.log.replaceChildren(...(rows.length ? rows : [h("li", { className: "empty" }, this.empty)]));
    if (!end) return;
    const down = () => { this.log.scrollTop = this.log.scrollHeight; };
    down();
    for (const image of this.log.querySelectorAll("img")) image.addEventListener("load", down, { once: true });
  }
}
