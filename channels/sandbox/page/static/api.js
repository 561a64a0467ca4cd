// Talking to the sandbox. A refusal becomes an Error with the sandbox's own sentence.

async function read(answer) {
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error ?? `${answer.status}`);
  return data;
}

export async function look(path, query = {}) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of [value].flat()) search.append(key, one);
  }
  return read(await fetch(search.size ? `${path}?${search}` : path));
}

export async function deed(path, data = {}) {
  const told = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
  return read(await fetch(path, told));
}

export const control = (name, data) => deed(`control/${name}`, data);
export const say = (channel, address, what) => control("say", { channel, address, ...what });

export async function undo(path) {
  return read(await fetch(path, { method: "DELETE" }));
}
