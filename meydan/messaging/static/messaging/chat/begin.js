// Beginning a conversation: with somebody of the city, in a group, or in a public room.

import "./more.js";
import { initialState } from "./crypto.js";
import { api, line, user } from "./line.js";
import { show } from "./dialog.js";
import { findPeople, go } from "./finding.js";
import * as model from "./model.js";
import { el, icon, reasonOf, say, tool } from "./words.js";

export function openBegin() {
  const result = el("ul", { class: "chat-found", role: "list" });
  const status = el("p", { class: "muted", role: "status" });
  const field = el("input", { class: "input", type: "search", maxlength: "100", autocomplete: "off", "aria-label": say("findPeople"), placeholder: say("findPeople") });
  const rooms = el("div", { class: "stack tight" });
  const group = el("div", { class: "chat-group" });
  const dialog = el(
    "dialog",
    { class: "chat-begin", "aria-labelledby": "chat-begin" },
    el("header", { class: "chat-head" }, el("h2", { id: "chat-begin" }, say("begin")), tool("x", say("close"), () => dialog.close())),
    field,
    status,
    result,
    group,
    rooms,
  );
  newGroup(dialog).then((made) => group.append(made), () => undefined);
  findPeople(field, result, status, (person) => writeTo(person, dialog, status));
  import("./directory.js").then(({ directory }) => rooms.append(directory(dialog))).catch(() => undefined);
  show(dialog);
}

const isWith = (room, person) => room?.membership === "join" && room.joined <= 2 && (model.otherIn(room) === person.id || room.heroes.length === 0);

async function writeTo(person, dialog, status) {
  const known = (model.account.direct[person.id] ?? []).find((id) => isWith(model.rooms.get(id), person));
  if (known) return [dialog.close(), go(known)];
  try {
    const { room_id: id } = await api("POST", "v3/createRoom", { preset: "trusted_private_chat", is_direct: true, invite: [person.id], initial_state: initialState(!person.office) });
    const direct = { ...model.account.direct, [person.id]: [...(model.account.direct[person.id] ?? []), id] };
    await api("PUT", user("/account_data/m.direct"), direct);
    model.account.direct = direct;
    dialog.close();
    go(id);
  } catch (error) {
    status.textContent = reasonOf(error);
  }
  return undefined;
}

async function newGroup(dialog) {
  const { asked, interestField } = await import("./group.js");
  const name = el("input", { class: "input", maxlength: "100", id: "chat-group-name", autocomplete: "off" });
  const topic = el("input", { class: "input", maxlength: "500", id: "chat-group-about", autocomplete: "off" });
  const open = el("input", { type: "checkbox", id: "chat-group-open" });
  const channel = el("input", { type: "checkbox", id: "chat-group-channel" });
  const { box: interest, field: about } = interestField("chat-group-interest-new");
  interest.hidden = true;
  open.addEventListener("change", () => (interest.hidden = !open.checked));
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const refuse = (words) => {
    fault.textContent = words;
    fault.hidden = false;
    name.focus();
  };
  const form = el(
    "form",
    { method: "dialog", class: "stack" },
    el("div", { class: "field" }, el("label", { for: "chat-group-name" }, say("groupName")), name),
    el("div", { class: "field" }, el("label", { for: topic.id }, say("groupTopic")), topic),
    el("label", { class: "row", for: "chat-group-open" }, open, say("isPublic")),
    interest,
    el("label", { class: "row", for: channel.id }, channel, say("asChannel")),
    fault,
    el("button", { class: "button" }, say("create")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const words = name.value.trim();
    if (!words) return refuse(say("nameNeeded"));
    try {
      const body = asked({ name: words, topic: topic.value.trim(), open: open.checked, channel: channel.checked, interest: about.value });
      body.initial_state = [...(body.initial_state ?? []), ...initialState(!open.checked && !channel.checked)];
      const { room_id: id } = await api("POST", "v3/createRoom", body);
      dialog.close();
      return go(id);
    } catch (error) {
      return refuse(reasonOf(error));
    }
  });
  return el("details", { class: "more" }, el("summary", {}, icon("users"), say("newGroup")), el("div", { class: "inside" }, form));
}
