// What one can do with a conversation as a whole: search in it, pin it, mute it, see who is in it, invite, leave.

import { findPeople } from "./begin.js";
import { lacks } from "./crypto.js";
import { api, line, room as at, user } from "./line.js";
import { show } from "./menu.js";
import { contentOf, isSaid } from "./message.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate, nameTag, plainText } from "./text.js";
import { announce, briefly, el, icon, number, reasonOf, say, tool } from "./words.js";

const MOST = 500;
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
      status.textContent = reasonOf(error);
      status.hidden = false;
    }
  };
  const topic = room.topic ? el("p", { class: "muted", dir: "auto" }, room.topic) : "";
  dialog.append(
    el("header", { class: "chat-head" }, el("h2", { id: "chat-about" }, isolate(model.nameOf(room) || say("noName"))), tool("x", say("close"), () => dialog.close())),
    topic,
    status,
    el("div", { class: "chat-deeds" }, pinButton(room, attempt), muteButton(room, attempt)),
    searchBox(view, dialog, attempt),
    members(view, attempt),
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

function members(view, attempt) {
  const list = el("ul", { class: "chat-found", role: "list" });
  const count = el("span", {}, say("members"));
  const inviting = el("div", { class: "stack tight", hidden: true });
  const fill = () =>
    attempt(async () => {
      const { joined } = await api("GET", at(view.id, "/joined_members"));
      const people = Object.entries(joined).map(([id, one]) => ({ ...model.personIn({ people: { [id]: { name: clean(one.display_name ?? "") } } }, id) }));
      people.sort((a, b) => Number(b.office) - Number(a.office) || a.name.localeCompare(b.name));
      count.textContent = say("membersCount", { count: number(people.length) });
      list.replaceChildren(...people.slice(0, MOST).map((person) => el("li", { class: "chat-public" }, face(null, person), el("span", {}, nameTag(person), el("small", { dir: "ltr" }, isolate(person.id))))));
    });
  if (model.powerOf(view.room, line.me, "invite") && !model.isOfficial(view.room)) {
    const field = el("input", { class: "input", type: "search", maxlength: "100", "aria-label": say("findPeople"), placeholder: say("findPeople") });
    const result = el("ul", { class: "chat-found", role: "list" });
    const status = el("p", { class: "muted", role: "status" });
    findPeople(field, result, status, (person) =>
      attempt(async () => {
        await api("POST", at(view.id, "/invite"), { user_id: person.id });
        result.replaceChildren();
        field.value = "";
        announce((status.textContent = say("wasInvited", { name: person.name })));
      }),
    );
    inviting.append(el("h3", {}, say("invite")), field, status, result);
    inviting.hidden = false;
  }
  fill();
  return el("div", { class: "stack tight" }, inviting, el("h3", {}, count), list);
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
