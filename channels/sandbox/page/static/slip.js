// A made-up screenshot of a transfer, as owners send them.

import { current } from "./state.js";
import { lang } from "./words.js";

/** A data URL of a JPEG. */
export function slip() {
  const canvas = document.createElement("canvas");
  canvas.width = 360;
  canvas.height = 460;
  const pen = canvas.getContext("2d");
  const write = (text, y, size, colour, weight = "") => { pen.fillStyle = colour; pen.font = `${weight} ${size}px system-ui, sans-serif`; pen.fillText(text, 180, y); };
  const owner = current(), sum = ((owner?.due_fen || owner?.owed_fen || 30000) / 100).toFixed(2);
  const [done, to, no] = lang() === "zh" ? ["转账成功", "收款方 物业服务中心", "样本，不是真的"] : ["Transfer done", "To: Property service", "A sample, not real"];
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 360, 460);
  pen.fillStyle = "#07a35a";
  pen.beginPath();
  pen.arc(180, 90, 36, 0, Math.PI * 2);
  pen.fill();
  pen.textAlign = "center";
  write("✓", 106, 44, "#fff", "bold");
  write(done, 170, 24, "#333");
  write(`¥${sum}`, 236, 46, "#111", "bold");
  write(owner?.unit ?? "", 300, 22, "#555");
  write(to, 340, 20, "#555");
  write(no, 420, 18, "#b0b0b0");
  return canvas.toDataURL("image/jpeg", 0.85);
}
