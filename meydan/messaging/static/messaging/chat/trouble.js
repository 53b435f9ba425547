// What one does about trouble: report something to the city's moderators, block somebody. And what is only out of the way:
// the archive.

import "./more.js";
import { api, line, room as at, user } from "./line.js";
import { choosing, show } from "./dialog.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { isolate } from "./plain.js";
import { announce, el, icon, reasonOf, say } from "./words.js";

const REASONS = ["reasonSpam", "reasonInsult", "reasonFraud", "reasonViolence", "reasonChild", "reasonOther"];
const IGNORED = "m.ignored_user_list";
const MOST_IGNORED = 500;
export const ARCHIVE = "u.archive";

// `path`: the door of what is reported; `what`: its words ("reportMessage", "reportRoom", "reportPerson").
function report(path, what, after) {
  const reason = el("select", { class: "input", id: "chat-report-reason" }, ...REASONS.map((one) => el("option", { value: one }, say(one))));
  const words = el("textarea", { class: "input", id: "chat-report-words", rows: "3", maxlength: "1500", dir: "auto" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const send = el("button", { class: "button" }, say("reportSend"));
  const form = el(
    "form",
    { method: "dialog", class: "stack" },
    el("h2", { id: "chat-report" }, say(what)),
    el("p", { class: "muted" }, say("reportText")),
    el("div", { class: "field" }, el("label", { for: reason.id }, say("reportReason")), choosing(reason)),
    el("div", { class: "field" }, el("label", { for: words.id }, say("reportWords")), words),
    fault,
    el("div", { class: "actions" }, send, el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))),
  );
  const dialog = el("dialog", { class: "chat-ask wide", "aria-labelledby": "chat-report" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    send.disabled = true;
    try {
      await api("POST", path, { reason: [say(reason.value), words.value.trim()].filter(Boolean).join(": ") });
      form.replaceChildren(el("p", { role: "status" }, say("reportThanks")), ...(after ? [after()] : []), el("div", { class: "actions" }, el("button", { type: "button", class: "button", onclick: () => dialog.close() }, say("close"))));
      announce(say("reportThanks"));
    } catch (error) {
      [fault.textContent, fault.hidden, send.disabled] = [reasonOf(error), false, false];
    }
  });
  show(dialog);
}

const offerBlock = (id) => () => (id && id !== line.me && !model.isOffice(id) ? blockButton(id) : "");

export const reportMessage = (view, row) => report(at(view.id, `/report/${encodeURIComponent(row.id)}`), "reportMessage", offerBlock(row.event.sender));
export const reportRoom = (room) => report(at(room.id, "/report"), "reportRoom");
export const reportPerson = (id) => report(`v3/users/${encodeURIComponent(id)}/report`, "reportPerson", offerBlock(id));

// --- blocking: the gateway tells one nothing more of what somebody says, on any device (spec, "Ignoring Users")

export async function setBlocked(id, on) {
  const blocked = new Set(model.account.blocked);
  blocked[on ? "add" : "delete"](id);
  await api("PUT", user(`/account_data/${IGNORED}`), { ignored_users: Object.fromEntries([...blocked].slice(-MOST_IGNORED).map((one) => [one, {}])) });
  model.account.blocked = blocked;
}

export function blockButton(id) {
  let on = model.account.blocked.has(id);
  const label = el("span", {}, say("block"));
  const button = el("button", { type: "button", class: "button quiet", "aria-pressed": "false" }, icon("user-x"), label);
  const draw = () => [(label.textContent = say(on ? "unblock" : "block")), button.setAttribute("aria-pressed", String(on))];
  draw();
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await setBlocked(id, !on);
      on = !on;
      announce(say(on ? "blocked" : "unblocked"));
      draw();
    } catch (error) {
      announce((label.textContent = reasonOf(error)));
    }
    button.disabled = false;
  });
  return button;
}

// Whom one has blocked, in the settings.
export function blockedList() {
  const list = el("ul", { class: "chat-found", role: "list" });
  const fill = () => {
    const items = [...model.account.blocked].map((id) => {
      const person = model.personIn(null, id);
      return el("li", { class: "chat-public" }, face(null, person), el("span", {}, isolate(person.name), el("small", { dir: "ltr" }, isolate(id))), blockButton(id));
    });
    list.replaceChildren(...(items.length ? items : [el("li", { class: "muted" }, say("nobodyBlocked"))]));
  };
  const whole = el("details", { class: "more", dataset: { settings: "blocked" } }, el("summary", {}, icon("chevron-down"), say("blockedPeople")), el("div", { class: "inside" }, list));
  whole.addEventListener("toggle", () => whole.open && fill());
  return whole;
}

// --- the archive

export async function setArchived(room, on) {
  const path = user(`/rooms/${encodeURIComponent(room.id)}/tags/${ARCHIVE}`);
  await (on ? api("PUT", path, {}) : api("DELETE", path));
  if (on) room.tags = { ...room.tags, [ARCHIVE]: {} };
  else delete room.tags[ARCHIVE];
  model.keep(room.id);
  model.tell("rooms");
}
