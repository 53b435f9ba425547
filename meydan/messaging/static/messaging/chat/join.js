// What a link leads to, before one goes in: what it is called, what it is about, how many are there.

import "./more.js";
import { go } from "./finding.js";
import { api } from "./line.js";
import { show } from "./dialog.js";
import { face } from "./rooms.js";
import { clean, isolate } from "./plain.js";
import { el, number, reasonOf, say, tool } from "./words.js";
import { CHANNEL } from "./group.js";

const DOOR = "unstable/org.meydan.links/link";

export async function openJoin(token) {
  history.replaceState(null, "", location.pathname); // the link is nobody else's to see
  const body = el("div", { class: "stack" }, el("p", { role: "status" }, say("linkLooks")));
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-join" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-join" }, say("joinTitle")), tool("x", say("close"), () => dialog.close())), body);
  show(dialog);
  const path = `${DOOR}/${encodeURIComponent(token)}`;
  try {
    body.replaceChildren(...shown(await api("GET", path), path, dialog));
  } catch (error) {
    body.replaceChildren(el("p", { class: "fault", role: "alert" }, error.status === 404 ? say("linkEnded") : reasonOf(error)));
  }
}

function shown(room, path, dialog) {
  const name = clean(room.name) || say("noName");
  const topic = clean(room.topic ?? "", 500);
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const kind = room.room_type === CHANNEL ? say("isChannel") : say("isGroup");
  const isIn = room.membership === "join";
  const enter = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      if (!isIn) await api("POST", `${path}/join`, {});
      dialog.close();
      go(room.room_id);
    } catch (error) {
      [fault.textContent, fault.hidden, button.disabled] = [error.status === 404 ? say("linkEnded") : reasonOf(error), false, false];
    }
  };
  return [
    el("div", { class: "chat-public" }, face({ id: room.room_id, name, heroes: [] }), el("span", {}, el("b", {}, isolate(name)), el("small", {}, `${kind} · ${say("membersCount", { count: number(room.num_joined_members) })}`))),
    topic && el("p", {}, isolate(topic)),
    el("p", { class: "muted" }, say(room.encryption ? "joinSealed" : "openRoom")),
    fault,
    el("div", { class: "actions" }, el("button", { type: "button", class: "button", onclick: enter }, say(isIn ? "openIt" : "enter")), el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))),
  ].filter(Boolean);
}
