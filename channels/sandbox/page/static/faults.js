// Things that go wrong, on purpose: one chooses the point and arms it.

import { control, look, undo } from "./api.js";
import { dialog, h, toast } from "./dom.js";
import { state } from "./state.js";
import { t } from "./words.js";

const LASTING = ["down", "storm"], TIMED = ["slow", "receipt_late"];

/** The dialog with the form and the list of what is armed. */
export function faults() {
  const list = h("ul", { className: "armed" });
  const field = (word, input) => h("label", {}, t(word), input);
  const point = h("select", { onchange: () => fit() }, state.setup.points.map((one) => h("option", { value: one, selected: one === "accept_then_lose" }, t(`point.${one}`))));
  const channel = h("select", {}, h("option", { value: "" }, t("fault_any")), state.setup.channels.map((one) => h("option", { value: one }, t(one))));
  const times = h("input", { type: "number", min: 1, value: 1 });
  const seconds = h("input", { type: "number", min: 1, value: 30 });
  const hours = h("input", { type: "number", min: 1, value: 6 });
  const timed = field("fault_seconds", seconds), lasting = field("fault_hours", hours), counted = field("fault_times", times);
  const fit = () => {
    timed.hidden = !TIMED.includes(point.value);
    lasting.hidden = !LASTING.includes(point.value);
    counted.hidden = LASTING.includes(point.value);
  };
  const wish = () => ({
    point: point.value, ...(channel.value ? { channel: channel.value } : {}),
    ...(!counted.hidden && times.value ? { times: Number(times.value) } : {}),
    ...(!timed.hidden ? { seconds: Number(seconds.value) } : {}),
    ...(!lasting.hidden ? { for_seconds: Number(hours.value) * 3600 } : {}),
  });
  const paint = async () => {
    const { faults: armed } = await look("control/faults");
    list.replaceChildren(...(armed.length ? armed.map((one) => h("li", {}, h("span", {}, [t(`point.${one.point}`), one.channel ? t(one.channel) : t("fault_any"), t("struck", { n: one.struck })].join(" · ")),
      h("button", { type: "button", onclick: async () => { await undo(`control/faults?id=${one.id}`); paint(); } }, t("remove")))) : [h("li", { className: "empty" }, t("none_armed"))]));
  };
  const form = h("form", { className: "faults", onsubmit: async (event) => {
    event.preventDefault();
    try { await control("faults", wish()); toast(t("armed")); } catch (error) { toast(error.message, "bad"); }
    paint();
  } }, field("fault_point", point), field("fault_channel", channel), counted, timed, lasting, h("button", { className: "main" }, t("arm")));
  dialog(t("faults_title"), form, h("h3", {}, t("armed")), list);
  fit();
  paint();
}
