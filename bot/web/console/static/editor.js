"use strict";
// The editor: checked as one types, three phones beside it, slots offered at {{.
const form = document.getElementById("editor");
if (form) {
  const body = document.getElementById("body");
  const gutter = document.getElementById("gutter");
  const problems = document.getElementById("problems");
  const reader = document.getElementById("reader");
  const offers = document.getElementById("offers");
  const english = document.body.dataset.lang === "en";
  const say = (zh, en) => (english ? en : zh);
  const slots = [...document.querySelectorAll("[data-insert]")].map((b) => [b.textContent, b.dataset.insert]);
  let asked = 0, timer = 0, marked = new Map();

  const element = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  // A copy of the text, line by line, as wide as the box: a number stands beside the first row of its line.
  const ruler = element("div", undefined, "ruler");
  body.parentElement.append(ruler);

  function number() {
    const lines = body.value.split("\n");
    ruler.style.width = `${body.clientWidth}px`;
    ruler.replaceChildren(...lines.map((line) => element("p", line || " ")));
    const heights = [...ruler.children].map((line) => line.offsetHeight);
    gutter.replaceChildren(...lines.map((_line, n) => {
      const mark = element("b", String(n + 1), marked.has(n + 1) ? "bad" : "");
      mark.style.height = `${heights[n]}px`;
      return mark;
    }));
    gutter.scrollTop = body.scrollTop;
    document.getElementById("count").textContent = say(`${[...body.value].length} 字`, `${[...body.value].length} characters`);
  }
  window.addEventListener("resize", number);

  function tellProblems(found) {
    marked = new Map(found.map((p) => [p.line, p]));
    if (!found.length) { problems.replaceChildren(element("p", say("✓ 没有问题", "✓ nothing wrong"), "fine")); }
    else {
      problems.replaceChildren(...found.map((p) => {
        const box = element("div", undefined, "problem");
        box.dataset.rule = p.rule;
        box.append(element("b", p.line > 0 ? say(`第 ${p.line} 行 `, `Line ${p.line} `) : ""), p.message, element("small", p.example ? say("例如：", "For example: ") + p.example : ""));
        box.title = p.rule;
        return box;
      }));
    }
    const publish = document.getElementById("publish");
    const aside = document.getElementById("aside");
    if (publish && aside) {
      const law = found.filter((p) => p.law);
      aside.hidden = !law.length;
      document.getElementById("asiderules").replaceChildren(...law.map((p) => {
        const label = element("label", undefined, "check");
        const box = element("input");
        box.type = "checkbox"; box.name = "set_aside"; box.value = p.rule;
        label.append(box, p.rule);
        return label;
      }));
    }
    number();
  }

  function tellPhones(phones) {
    document.querySelectorAll(".phone").forEach((figure) => {
      const told = phones.find((p) => p.channel === figure.dataset.channel);
      const talk = figure.querySelector(".talk"), small = figure.querySelector("small"), fields = figure.querySelector(".fields");
      figure.classList.toggle("other", Boolean(told) && !told.mine);
      talk.classList.toggle("broken", Boolean(told && told.problem));
      talk.textContent = told ? told.problem || told.text : "";
      const notes = [];
      if (told && told.segments) notes.push(say(`${told.segments} 段`, `${told.segments} segment(s)`));
      if (told && !told.mine) notes.push(say("另有专用话术", "has its own wording"));
      small.textContent = notes.join(" · ");
      figure.classList.toggle("over", Boolean(told) && told.segments > 3);
      fields.replaceChildren(...(told ? told.fields : []).map((f) => {
        const line = element("div", undefined, f.length > f.most ? "over" : "");
        line.append(element("span", `${f.key} ${f.length}/${f.most}`), element("b", f.value));
        return line;
      }));
    });
  }

  function tellDiff(lines) {
    const shown = document.getElementById("diff");
    if (!shown) return;
    shown.replaceChildren(...(lines.length ? lines.map(([sign, line]) => element("span", `${sign} ${line}\n`, sign === "+" ? "add" : sign === "-" ? "del" : "")) : [say("没有差别。", "No difference.")]));
  }

  async function post(address, extra) {
    const data = new URLSearchParams(new FormData(form));
    for (const [key, value] of Object.entries(extra || {})) data.set(key, value);
    const answer = await fetch(address, { method: "POST", body: data, headers: { accept: "application/json" } });
    return [answer.ok, await answer.json()];
  }

  async function check() {
    const mine = ++asked;
    try {
      const [ok, told] = await post(form.dataset.check);
      if (mine !== asked) return;
      if (!ok) { problems.replaceChildren(element("p", told.problem, "said bad")); return; }
      tellProblems(told.problems); tellPhones(told.phones); tellDiff(told.diff);
      form.dataset.checked = String(mine);
    } catch (error) {
      problems.replaceChildren(element("p", say("连不上服务器，稍后再试；您写的还在。", "The server cannot be reached; what you wrote is still here."), "said bad"));
    }
  }

  const soon = () => { clearTimeout(timer); timer = setTimeout(check, 250); };

  function insert(text, over) {
    body.setRangeText(text, body.selectionStart - over, body.selectionEnd, "end");
    body.focus(); offers.hidden = true; number(); soon();
  }

  function offer() {
    const found = body.value.slice(0, body.selectionStart).match(/\{\{\s*([a-z0-9_]*)$/);
    const fitting = found ? slots.filter(([name]) => name.startsWith(found[1])).slice(0, 12) : [];
    offers.hidden = !fitting.length;
    offers.replaceChildren(...fitting.map(([name, written], n) => {
      const item = element("li", name);
      item.setAttribute("role", "option"); item.setAttribute("aria-selected", String(n === 0));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); insert(written, found[0].length); });
      return item;
    }));
    offers.dataset.over = found ? found[0].length : 0;
  }

  body.addEventListener("input", () => { number(); offer(); soon(); });
  body.addEventListener("scroll", () => { gutter.scrollTop = body.scrollTop; });
  body.addEventListener("keydown", (event) => {
    if (offers.hidden) return;
    const items = [...offers.children], at = items.findIndex((i) => i.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") { offers.hidden = true; event.preventDefault(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length;
      items.forEach((i, n) => i.setAttribute("aria-selected", String(n === next)));
    }
    if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      insert(slots.find(([name]) => name === items[at].textContent)[1], Number(offers.dataset.over));
    }
  });
  body.addEventListener("blur", () => setTimeout(() => { offers.hidden = true; }, 100));
  document.querySelectorAll("[data-insert]").forEach((b) => b.addEventListener("click", () => insert(b.dataset.insert, 0)));
  form.addEventListener("input", (event) => { if (event.target !== body) soon(); });
  reader.addEventListener("change", check);
  const sendme = document.getElementById("sendme");
  if (sendme) sendme.addEventListener("click", async () => {
    const [ok, told] = await post(form.dataset.send, { channel: "telegram" });
    const shown = element("p", told.said || told.problem, ok ? "said good" : "said bad");
    document.querySelector(".seehead").after(shown);
    setTimeout(() => shown.remove(), 6000);
  });
  number(); check();
}

const job = document.getElementById("job");
if (job) {
  const look = async () => {
    const told = await (await fetch(`/console/jobs/${job.dataset.job}/state`, { headers: { accept: "application/json" } })).json();
    job.max = told.total || 1; job.value = told.done;
    document.getElementById("job-count").textContent = `${told.done} / ${told.total}`;
    if (told.over) window.location.assign(`/console/jobs/${job.dataset.job}`); else setTimeout(look, 500);
  };
  setTimeout(look, 500);
}
