// The browser inside a phone: a page opens over the screen; one that will not be framed opens in a tab.

import { look } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

export async function browse(screen, url) {
  const { frame } = await look("page/frame", { url }).catch(() => ({ frame: false }));
  if (!frame) {
    window.open(url, "_blank", "noopener");
    return;
  }
  screen.querySelector(".browser")?.remove();
  const opener = document.activeElement;
  const close = () => { inside.remove(); opener?.focus(); };
  const cross = h("button", { type: "button", className: "quiet", title: t("close"), aria: { label: t("close") }, onclick: close }, icon("close"));
  const inside = h("div", { className: "browser", onkeydown: (event) => { if (event.key === "Escape") close(); } },
    h("header", {}, cross, h("span", {}, new URL(url).host), h("a", { href: url, target: "_blank", rel: "noopener", title: t("open_outside"), aria: { label: t("open_outside") } }, icon("out"))),
    h("iframe", { src: url, title: t("details") }));
  screen.append(inside);
  cross.focus();
}
