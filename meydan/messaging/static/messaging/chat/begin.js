// Beginning a conversation: with somebody of the city, in a group, or in a public room.

import { initialState } from "./crypto.js";
import { api, line, user } from "./line.js";
import { show } from "./menu.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate } from "./text.js";
import { el, icon, number, reasonOf, say, tool } from "./words.js";

const PAUSE = 300;
const MOST = 50;

export const go = (id) => (location.hash = `#${encodeURIComponent(id)}`);

export function openBegin() {
  const result = el("ul", { class: "chat-found", role: "list" });
  const status = el("p", { class: "muted", role: "status" });
  const field = el("input", { class: "input", type: "search", maxlength: "100", autocomplete: "off", "aria-label": say("findPeople"), placeholder: say("findPeople") });
  const rooms = el("ul", { class: "chat-found", role: "list" });
  const group = el("div", { class: "chat-group" });
  const dialog = el(
    "dialog",
    { class: "chat-begin", "aria-labelledby": "chat-begin" },
    el("header", { class: "chat-head" }, el("h2", { id: "chat-begin" }, say("begin")), tool("x", say("close"), () => dialog.close())),
    field,
    status,
    result,
    group,
    el("h3", {}, say("publicRooms")),
    rooms,
  );
  group.append(newGroup(dialog));
  findPeople(field, result, status, (person) => writeTo(person, dialog, status));
  listPublic(rooms, dialog);
  show(dialog);
}

// A search over the people of the city, as it is typed. `choose(person)`.
export function findPeople(field, result, status, choose) {
  let timer = 0;
  let turn = 0;
  const search = async () => {
    const words = field.value.trim();
    const mine = (turn += 1);
    if (!words) return result.replaceChildren();
    try {
      const { results } = await api("POST", "v3/user_directory/search", { search_term: words, limit: 20 });
      if (mine !== turn) return undefined;
      const exact = results.length ? null : await byName(words);
      if (mine !== turn) return undefined;
      const people = [...(exact ? [exact] : []), ...results.filter((one) => one.user_id !== exact?.user_id)].filter((one) => one.user_id !== line.me);
      status.textContent = people.length ? "" : say("nobody");
      return result.replaceChildren(...people.map((one) => personItem(one, choose)));
    } catch (error) {
      status.textContent = reasonOf(error);
      return undefined;
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
}

// The directory knows whom one has met, or could have met in a public room; whoever knows somebody's exact name finds
// them too.
async function byName(words) {
  const name = words.toLowerCase().replace(/^@/, "").split(":")[0];
  if (!/^[a-z0-9._=/+-]{2,150}$/.test(name)) return null;
  const id = `@${name}:${line.me.split(":").slice(1).join(":")}`;
  const found = await api("GET", `v3/profile/${encodeURIComponent(id)}`).catch(() => null);
  return found && { user_id: id, display_name: found.displayname };
}

function personItem(found, choose) {
  const person = { id: found.user_id, name: clean(found.display_name) || found.user_id.slice(1).split(":")[0], office: model.isOffice(found.user_id) };
  return el("li", {}, el("button", { type: "button", class: "chat-pick", onclick: () => choose(person) }, face(null, person), el("span", {}, isolate(person.name), el("small", { dir: "ltr" }, isolate(person.id)))));
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

function newGroup(dialog) {
  const name = el("input", { class: "input", maxlength: "100", id: "chat-group-name", autocomplete: "off" });
  const open = el("input", { type: "checkbox", id: "chat-group-open" });
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
    el("label", { class: "row", for: "chat-group-open" }, open, say("isPublic")),
    fault,
    el("button", { class: "button" }, say("create")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const words = name.value.trim();
    if (!words) return refuse(say("nameNeeded"));
    try {
      const { room_id: id } = await api("POST", "v3/createRoom", { name: words, preset: open.checked ? "public_chat" : "private_chat", visibility: open.checked ? "public" : "private", initial_state: initialState(!open.checked) });
      dialog.close();
      return go(id);
    } catch (error) {
      return refuse(reasonOf(error));
    }
  });
  return el("details", { class: "more" }, el("summary", {}, icon("users"), say("newGroup")), el("div", { class: "inside" }, form));
}

async function listPublic(list, dialog) {
  try {
    const { chunk } = await api("POST", "v3/publicRooms", { limit: MOST });
    if (!chunk.length) return list.replaceChildren(el("li", { class: "muted" }, say("noPublicRooms")));
    return list.replaceChildren(...chunk.map((found) => publicItem(found, dialog)));
  } catch (error) {
    return list.replaceChildren(el("li", { class: "fault" }, reasonOf(error)));
  }
}

function publicItem(found, dialog) {
  const id = found.room_id;
  const isIn = model.rooms.get(id)?.membership === "join";
  const name = clean(found.name) || say("noName");
  const topic = clean(found.topic ?? "", 160);
  const note = el("small", {}, `${say("membersCount", { count: number(found.num_joined_members) })}${isIn ? ` · ${say("isIn")}` : ""}`);
  const enter = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      if (!isIn) await api("POST", `v3/join/${encodeURIComponent(id)}`, {});
      dialog.close();
      go(id);
    } catch (error) {
      note.replaceChildren(el("span", { class: "fault", role: "alert" }, reasonOf(error)));
      button.disabled = false;
    }
  };
  return el("li", { class: "chat-public" }, face({ id, name, heroes: [] }), el("span", {}, isolate(name), topic && el("small", {}, isolate(topic)), note), el("button", { type: "button", class: "button quiet", onclick: enter }, say(isIn ? "openIt" : "enter")));
}
