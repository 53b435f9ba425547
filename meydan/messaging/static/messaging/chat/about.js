// What one can do with a conversation as a whole: search in it, pin it, mute it, see who is in it, invite, leave.

import "./more.js";
import { lacks } from "./crypto.js";
import { show } from "./dialog.js";
import { members, settings } from "./group.js";
import { lifetimeChoice } from "./lasting.js";
import { Failure, api, room as at, user } from "./line.js";
import { contentOf, isSaid } from "./message.js";
import * as model from "./model.js";
import { clean, isolate, nameTag } from "./plain.js";
import { plainText } from "./text.js";
import { ARCHIVE, blockButton, reportPerson, reportRoom, setArchived } from "./trouble.js";
import { briefly, el, icon, reasonOf, say, tool } from "./words.js";

const PAGES = 10; // of the history that are fetched for a search in an encrypted conversation
const rule = (id) => `v3/pushrules/global/room/${encodeURIComponent(id)}`;

export function openAbout(view) {
  const { room } = view;
  if (!room) return;
  const status = el("p", { class: "fault", role: "alert", hidden: true });
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-about" });
  const attempt = async (deed) => {
    try {
      await deed();
      status.hidden = true;
    } catch (error) {
      status.textContent = error instanceof Failure ? reasonOf(error) : error.message;
      status.hidden = false;
    }
  };
  const topic = room.topic ? el("p", { class: "muted", dir: "auto" }, room.topic) : "";
  dialog.append(
    el("header", { class: "chat-head" }, el("h2", { id: "chat-about" }, isolate(model.nameOf(room) || say("noName"))), tool("x", say("close"), () => dialog.close())),
    topic,
    status,
    el("div", { class: "chat-deeds" }, pinButton(room, attempt), muteButton(room, attempt), archiveButton(room, attempt)),
    searchBox(view, dialog, attempt),
    lifetimeChoice(view, attempt),
    settings(view, attempt),
    members(view, attempt),
    trouble(room),
    leaving(view, dialog, attempt),
  );
  if (room.encrypted && !lacks()) import("./seal/about.js").then(async ({ trust }) => dialog.lastElementChild.before(await trust(view, dialog))).catch(() => undefined);
  show(dialog);
}

function toggle(names, words, isOn, deed, attempt) {
  const label = el("span", {}, say(words[isOn() ? 1 : 0]));
  const button = el("button", { type: "button", class: "button quiet", "aria-pressed": String(isOn()) }, icon(names), label);
  button.addEventListener("click", () =>
    attempt(async () => {
      await deed(!isOn());
      label.textContent = say(words[isOn() ? 1 : 0]);
      button.setAttribute("aria-pressed", String(isOn()));
      model.tell("rooms");
    }),
  );
  return button;
}

const pinButton = (room, attempt) =>
  toggle("pin", ["pin", "unpin"], () => "m.favourite" in room.tags, async (on) => {
    const path = user(`/rooms/${encodeURIComponent(room.id)}/tags/m.favourite`);
    await (on ? api("PUT", path, { order: 0.5 }) : api("DELETE", path));
    if (on) room.tags = { ...room.tags, "m.favourite": {} };
    else delete room.tags["m.favourite"];
    model.keep(room.id);
  }, attempt);

const muteButton = (room, attempt) =>
  toggle("bell-off", ["mute", "unmute"], () => model.account.muted.has(room.id), async (on) => {
    await (on ? api("PUT", rule(room.id), { actions: [] }) : api("DELETE", rule(room.id)));
    model.account.muted[on ? "add" : "delete"](room.id);
    model.keepAccount();
  }, attempt);

const archiveButton = (room, attempt) => toggle("archive", ["archive", "unarchive"], () => ARCHIVE in room.tags, (on) => setArchived(room, on), attempt);

// Of a conversation with one other person, them; of a group, the group.
function trouble(room) {
  if (model.isOfficial(room)) return "";
  const other = room.joined <= 2 ? model.otherIn(room) : "";
  const report = el("button", { type: "button", class: "button quiet", onclick: () => (other ? reportPerson(other) : reportRoom(room)) }, icon("flag"), say(other ? "reportPerson" : "reportRoom"));
  return el("div", { class: "chat-deeds" }, report, other && blockButton(other));
}

function searchBox(view, dialog, attempt) {
  const field = el("input", { class: "input", type: "search", maxlength: "200", "aria-label": say("searchRoom"), placeholder: say("searchRoom") });
  const found = el("ul", { class: "chat-found", role: "list" });
  const form = el("form", { method: "dialog", class: "search" }, field, el("button", { class: "button" }, icon("search"), el("span", { class: "sr-only" }, say("searchRoom"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    attempt(async () => {
      const body = { search_categories: { room_events: { search_term: field.value.trim(), filter: { rooms: [view.id], limit: 30 }, order_by: "recent" } } };
      const asked = view.room.encrypted ? withinReach(view, field.value) : async () => (await api("POST", "v3/search", body)).search_categories.room_events;
      const { results = [] } = field.value.trim() ? await asked() : {};
      found.replaceChildren(...results.map(({ result }) => hit(view, result, dialog)));
      if (!results.length) found.append(el("li", { class: "muted", role: "status" }, say("nothingFound")));
    });
  });
  return el("div", { class: "stack tight" }, form, found);
}

// The gateway cannot search what is encrypted: this page does, as far back as it can see.
const withinReach = (view, text) => async () => {
  for (let tries = 0; tries < PAGES && view.timeline.prev !== ""; tries += 1) {
    const before = view.timeline.events.length;
    await view.older();
    if (view.timeline.events.length === before) break;
  }
  const words = text.trim().toLocaleLowerCase().split(/\s+/u);
  const has = (row) => words.every((word) => plainText(contentOf(row)).toLocaleLowerCase().includes(word));
  const found = view.rows.list.filter((row) => isSaid(row) && !row.gone && has(row)).slice(-30).reverse();
  return { results: found.map((row) => ({ result: { ...row.event, content: contentOf(row) } })) };
};

function hit(view, event, dialog) {
  const leap = () => {
    dialog.close();
    view.show(event.event_id);
  };
  return el("li", {}, el("button", { type: "button", class: "chat-pick", onclick: leap }, el("span", {}, el("b", {}, nameTag(model.personIn(view.room, event.sender))), el("small", {}, briefly(event.origin_server_ts)), isolate(clean(event.content?.body ?? "", 160)))));
}

function leaving(view, dialog, attempt) {
  const sure = el("div", { class: "stack tight", hidden: true }, el("p", {}, say("leaveSure")));
  const first = el("button", { type: "button", class: "button quiet", onclick: () => [(sure.hidden = false), (first.hidden = true), yes.focus()] }, say("leave"));
  const yes = el("button", { type: "button", class: "button danger" }, say("leaveNow"));
  yes.addEventListener("click", () =>
    attempt(async () => {
      await api("POST", at(view.id, "/leave"), {});
      model.forget(view.id);
      model.tell("rooms");
      dialog.close();
      location.hash = "";
    }),
  );
  sure.append(el("div", { class: "actions" }, yes, el("button", { type: "button", class: "button quiet", onclick: () => [(sure.hidden = true), (first.hidden = false), first.focus()] }, say("cancel"))));
  return el("div", { class: "chat-leave" }, first, sure);
}
