// How many SMS segments a text takes; the alphabet comes from the sandbox, so that both count alike.

let basic = new Set(), extension = new Set();

export function learn(gsm) {
  basic = new Set(gsm.basic);
  extension = new Set(gsm.extension);
}

/** `{segments, code}` with code GSM-7 or UCS-2. */
export function counted(text) {
  const letters = [...text];
  const plain = letters.every((letter) => basic.has(letter) || extension.has(letter));
  const sizes = letters.map((letter) => (plain ? (extension.has(letter) ? 2 : 1) : letter.length));
  return { code: plain ? "GSM-7" : "UCS-2", segments: plain ? parts(sizes, 160, 153) : parts(sizes, 70, 67) };
}

function parts(sizes, single, part) {
  if (sizes.reduce((sum, size) => sum + size, 0) <= single) return 1;
  let count = 1, room = part;
  for (const size of sizes) {
    if (size > room) { count += 1; room = part; }
    room -= size;
  }
  return count;
}
