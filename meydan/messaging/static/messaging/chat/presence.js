// Whether the other one of a conversation of two is there (client-server API, "Presence"): asked for while it is looked
// at, and seldom. Whoever does not show it of themselves is not shown it of others.

import "./more.js";
import { api, line } from "./line.js";
import * as model from "./model.js";
import { isUnseen } from "./sync.js";
import { briefly, el, say } from "./words.js";

const AGAIN = 60_000;

export function watch(view) {
  let last = 0;
  const look = async () => {
    const { room } = view;
    const other = room?.membership === "join" && room.joined === 2 && room.open === false && model.otherIn(room);
    if (!other || model.isOffice(other) || isUnseen() || document.hidden || line.state !== "online" || Date.now() - last < AGAIN) return;
    last = Date.now();
    const said = await api("GET", `v3/presence/${encodeURIComponent(other)}/status`).catch(() => null);
    if (!view.end.signal.aborted) view.showPresence(said ? wordsOf(said) : "");
  };
  const timer = setInterval(look, AGAIN);
  view.end.signal.addEventListener("abort", () => clearInterval(timer));
  view.listen(model.news, ["room"], ({ detail }) => detail === view.id && look());
  view.listen(document, ["visibilitychange"], look);
  view.listen(line, ["state"], look);
  look();
}

const wordsOf = ({ presence, last_active_ago: ago }) =>
  presence === "online" ? say("hereNow") : Number.isFinite(ago) ? say("hereLast", { when: briefly(Date.now() - ago) }) : "";

// The switch in the settings, for this device.
export function presenceSwitch() {
  const button = el("button", { type: "button", class: "chat-switch", role: "switch", "aria-checked": String(!isUnseen()), "aria-describedby": "chat-here-text" }, el("span", {}, say("hereShow")));
  button.addEventListener("click", () => {
    try {
      if (isUnseen()) localStorage.removeItem("chat-unseen");
      else localStorage.setItem("chat-unseen", "on");
    } catch {
      // This browser keeps nothing: it stays as it is.
    }
    button.setAttribute("aria-checked", String(!isUnseen()));
  });
  return el("section", { class: "stack tight" }, el("h3", {}, say("here")), button, el("p", { class: "muted", id: "chat-here-text" }, say("hereText")));
}
