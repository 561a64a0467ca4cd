// The live stream of the sandbox, and the page's own small news (who is looked at, which language).

const NAMES = ["message", "changed", "person", "group", "payment", "clock", "passing", "stopped", "dropped", "query_answered", "reset"];
const listeners = new Map();

/** `hear("message", facts => …)`; several names separated by spaces. */
export function hear(names, listener) {
  for (const name of names.split(" ")) listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function tell(name, facts = {}) {
  for (const listener of listeners.get(name) ?? []) listener(facts);
}

/** Opens the stream after the happening `number`; the browser itself goes on after a break where it was. */
export function listen(number) {
  const source = new EventSource(`events?after=${number}`);
  for (const name of NAMES) source.addEventListener(name, (event) => tell(name, JSON.parse(event.data).facts));
  source.addEventListener("open", () => tell("online", { on: true }));
  source.addEventListener("error", () => tell("online", { on: false }));
}

/** Runs `work` once things have been quiet for `wait` ms, at the latest after `most`. */
export function soon(work, wait = 250, most = 1200) {
  let timer = 0, since = 0;
  return () => {
    const now = performance.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(() => { since = 0; work(); }, Math.min(wait, Math.max(0, most - (now - since))));
  };
}
