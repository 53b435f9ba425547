// Who is in a conversation and what they may do there; its name, topic, picture and rules; the links by which one comes in.
// Roles are power levels (client-server API, "Power levels"): 100 leads, 50 moderates, all others take part.

import "./more.js";
import { lacks } from "./crypto.js";
import { findPeople } from "./finding.js";
import { api, ask, line, room as at } from "./line.js";
import { linksOf } from "./links.js";
import { choosing, show } from "./dialog.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate, nameTag } from "./plain.js";
import { announce, el, icon, number, say, tool } from "./words.js";

export const [LEADS, MODERATES, MEMBER] = [100, 50, 0];
export const CHANNEL = "org.meydan.channel";
export const INTEREST = "org.meydan.interest";
export const INTERESTS = ["neighbourhood", "parents", "learning", "work", "culture", "sport", "health", "nature", "traffic", "technology", "trade", "faith"];
const MOST = 500;
const MOST_PICTURE = 20_000_000;

const stateAt = (room, kind) => at(room.id, `/state/${kind}/`);
export const levelOf = (room, id) => room.powers?.users?.[id] ?? room.powers?.users_default ?? 0;
const roleOf = (level) => (level >= LEADS ? "roleLeads" : level >= MODERATES ? "roleModerates" : "roleMember");
const isPair = (room) => !room.name && room.joined <= 2;
export const isChannel = (room) => room.kind === CHANNEL;

// Whether one may do something that asks for the power `kind` ("kick", "ban", "invite", or the type of a state event).
export function may(room, kind) {
  const powers = room.powers ?? {};
  const deeds = { invite: 0, kick: 50, ban: 50 };
  const needed = kind in deeds ? (powers[kind] ?? deeds[kind]) : (powers.events?.[kind] ?? powers.state_default ?? 50);
  return levelOf(room, line.me) >= needed;
}

// Somebody stands below oneself: only then can one change what they are.
const above = (room, id) => levelOf(room, line.me) > levelOf(room, id);

async function setPowers(room, change) {
  const now = await api("GET", stateAt(room, "m.room.power_levels"));
  const next = change({ ...now, users: { ...now.users }, events: { ...now.events } });
  await api("PUT", stateAt(room, "m.room.power_levels"), next);
  room.powers = next;
  model.keep(room.id);
  model.tell("room", room.id);
}

const setLevel = (room, changes) =>
  setPowers(room, (powers) => {
    for (const [id, level] of Object.entries(changes)) {
      if (level === (powers.users_default ?? 0)) delete powers.users[id];
      else powers.users[id] = level;
    }
    return powers;
  });

// --- who is in

export function members(view, attempt) {
  const { room } = view;
  const list = el("ul", { class: "chat-found", role: "list" });
  const count = el("span", {}, say("membersCount", { count: number(room.joined) }));
  const fill = () =>
    attempt(async () => {
      const people = await listed(room);
      count.textContent = say("membersCount", { count: number(room.joined || people.length) });
      list.replaceChildren(...people.slice(0, MOST).map((person) => memberItem(room, person, fill, attempt)));
      if (isChannel(room) && !may(room, "kick")) list.prepend(el("li", { class: "muted" }, say("channelHides")));
    });
  fill();
  return el("div", { class: "stack tight" }, inviting(view, attempt), el("h3", {}, count), list, banned(room, attempt));
}

async function listed(room) {
  const { joined } = await api("GET", at(room.id, "/joined_members"));
  const people = Object.entries(joined).map(([id, one]) => model.personIn({ people: { [id]: { name: clean(one.display_name ?? "") } } }, id));
  const rank = (person) => (person.office ? 1000 : 0) + levelOf(room, person.id);
  return people.sort((a, b) => rank(b) - rank(a) || a.name.localeCompare(b.name));
}

function memberItem(room, person, fill, attempt) {
  const level = levelOf(room, person.id);
  const role = level >= MODERATES && !isPair(room) && !model.isOfficial(room) && el("span", { class: "tag" }, say(roleOf(level)));
  const deeds = memberDeeds(room, person, fill, attempt);
  const more = deeds.length > 0 && tool("ellipsis", say("memberMore", { name: person.name }), (event) => openDeeds(person, deeds, event.currentTarget));
  return el("li", { class: "chat-public", dataset: { person: person.id } }, face(null, person), el("span", {}, nameTag(person), el("small", { dir: "ltr" }, isolate(person.id))), role, more);
}

function openDeeds(person, deeds, from) {
  const dialog = el("dialog", { class: "chat-menu", "aria-label": say("memberMore", { name: person.name }) });
  const item = ({ name, words, deed, danger }) => el("li", {}, el("button", { type: "button", class: danger ? "danger" : "", onclick: () => [dialog.close(), deed()] }, icon(name), words));
  dialog.append(el("ul", { class: "chat-items" }, ...deeds.map(item)));
  show(dialog, from);
}

function memberDeeds(room, person, fill, attempt) {
  if (person.id === line.me || person.office || model.isOfficial(room)) return [];
  const { id, name } = person;
  const level = levelOf(room, id);
  const changes = may(room, "m.room.power_levels") && above(room, id);
  const leads = levelOf(room, line.me) >= LEADS;
  const set = (next) => () => attempt(async () => [await setLevel(room, { [id]: next }), await fill()]);
  const out = (verb, words) => () => sure(say(words, { name }), say(verb === "ban" ? "banNow" : "removeNow"), () => attempt(async () => [await api("POST", at(room.id, `/${verb}`), { user_id: id }), await fill()]));
  const handOver = () =>
    sure(say("handOverSure", { name }), say("handOverNow"), () =>
      attempt(async () => {
        await setLevel(room, { [id]: LEADS, [line.me]: MEMBER });
        announce(say("handedOver", { name }));
        await fill();
      }),
    );
  return [
    changes && leads && level < LEADS && { name: "crown", words: say("makeLead"), deed: set(LEADS) },
    changes && level !== MODERATES && { name: "shield", words: say("makeModerator"), deed: set(MODERATES) },
    changes && level > MEMBER && { name: "user-round", words: say("makeMember"), deed: set(MEMBER) },
    leads && may(room, "m.room.power_levels") && { name: "key-round", words: say("handOver"), deed: handOver },
    may(room, "kick") && above(room, id) && { name: "user-minus", words: say("removeFrom"), deed: out("kick", "removeSure"), danger: true },
    may(room, "ban") && above(room, id) && { name: "ban", words: say("banFrom"), deed: out("ban", "banSure"), danger: true },
  ].filter(Boolean);
}

export function sure(question, words, deed, from = document.activeElement) {
  const dialog = el("dialog", { class: "chat-ask", "aria-labelledby": "chat-sure" });
  const yes = el("button", { type: "button", class: "button danger", onclick: () => [dialog.close(), deed()] }, words);
  dialog.append(el("p", { id: "chat-sure" }, question), el("div", { class: "actions" }, yes, el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))));
  show(dialog, from);
}

// Those who may not come back, and the way back for them.
function banned(room, attempt) {
  if (!may(room, "ban") || model.isOfficial(room) || isPair(room)) return "";
  const list = el("ul", { class: "chat-found", role: "list" });
  const whole = el("details", { class: "more" }, el("summary", {}, icon("chevron-down"), say("bannedPeople")), el("div", { class: "inside" }, list));
  const fill = () =>
    attempt(async () => {
      const { chunk } = await api("GET", at(room.id, "/members"), undefined, { query: { membership: "ban" } });
      const items = chunk.map(({ state_key: id, content }) => {
        const person = model.personIn({ people: { [id]: { name: clean(content.displayname ?? "") } } }, id);
        const back = () => attempt(async () => [await api("POST", at(room.id, "/unban"), { user_id: id }), await fill()]);
        return el("li", { class: "chat-public" }, face(null, person), el("span", {}, nameTag(person)), el("button", { type: "button", class: "button quiet", onclick: back }, say("unban")));
      });
      list.replaceChildren(...(items.length ? items : [el("li", { class: "muted" }, say("nobodyBanned"))]));
    });
  whole.addEventListener("toggle", () => whole.open && fill());
  return whole;
}

function inviting(view, attempt) {
  const { room } = view;
  if (!may(room, "invite") || model.isOfficial(room)) return "";
  const field = el("input", { class: "input", type: "search", maxlength: "100", "aria-label": say("findPeople"), placeholder: say("findPeople") });
  const result = el("ul", { class: "chat-found", role: "list" });
  const status = el("p", { class: "muted", role: "status" });
  const given = el("div", { class: "seal" });
  findPeople(field, result, status, (person) =>
    attempt(async () => {
      await api("POST", at(room.id, "/invite"), { user_id: person.id });
      result.replaceChildren();
      field.value = "";
      announce((status.textContent = say("wasInvited", { name: person.name })));
      if (room.encrypted && !lacks()) (await import("./seal/about.js")).tellGiven(room.id, person.id, given).catch(() => given.replaceChildren());
    }),
  );
  const links = isPair(room) ? "" : linksOf(room, attempt);
  return el("div", { class: "stack tight" }, el("h3", {}, say("invite")), field, status, given, result, links);
}

// --- what it is called, and who may do what

export function settings(view, attempt) {
  const { room } = view;
  const parts = [nameForm, topicForm, pictureForm, interestForm, rulesForm].map((make) => make(room, attempt)).filter(Boolean);
  if (!parts.length || isPair(room) || model.isOfficial(room)) return "";
  return el("details", { class: "more", dataset: { group: "settings" } }, el("summary", {}, icon("settings"), say("groupSettings")), el("div", { class: "inside stack" }, ...parts));
}

const set = async (room, kind, content) => {
  await api("PUT", stateAt(room, kind), content);
  model.applyState(room, { type: kind, state_key: "", sender: line.me, content });
  model.keep(room.id);
  model.tell("room", room.id);
  announce(say("kept"));
};

function lineForm(room, kind, key, words, most, attempt, rows = 0) {
  if (!may(room, kind)) return null;
  const id = `chat-group-${key}`;
  const value = (key === "name" ? room.name : room.topic) ?? "";
  const field = rows ? el("textarea", { class: "input", id, maxlength: String(most), rows: String(rows), dir: "auto" }) : el("input", { class: "input", id, maxlength: String(most), dir: "auto" });
  field.value = value;
  const form = el("form", { method: "dialog", class: "field" }, el("label", { for: id }, say(words)), field, el("div", {}, el("button", { class: "button quiet" }, say("keep"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    attempt(() => set(room, kind, { [key]: field.value.trim() }));
  });
  return form;
}

const nameForm = (room, attempt) => lineForm(room, "m.room.name", "name", "groupName", 100, attempt);
const topicForm = (room, attempt) => lineForm(room, "m.room.topic", "topic", "groupTopic", 500, attempt, 3);

function pictureForm(room, attempt) {
  if (!may(room, "m.room.avatar")) return null;
  const field = el("input", { class: "input", type: "file", accept: "image/*", id: "chat-group-picture" });
  field.addEventListener("change", () =>
    attempt(async () => {
      const [file] = field.files;
      if (!file) return;
      const { prepare } = await import("./photos.js");
      const { file: small } = await prepare(file);
      if (!small.type.startsWith("image/") || small.size > MOST_PICTURE) throw new Error(say("noPicture"));
      const answer = await ask("POST", "/_matrix/media/v3/upload", { body: small, headers: { "Content-Type": small.type } });
      await set(room, "m.room.avatar", { url: (await answer.json()).content_uri });
      field.value = "";
    }),
  );
  return el("div", { class: "field" }, el("label", { for: field.id }, say("groupPicture")), field);
}

// What a public conversation is about: {box, field}.
export function interestField(id, value = "") {
  const field = el("select", { class: "input", id }, el("option", { value: "" }, say("noInterest")), ...INTERESTS.map((one) => el("option", { value: one }, say(`interest_${one}`))));
  field.value = value;
  return { field, box: el("div", { class: "field" }, el("label", { for: id }, say("interest")), choosing(field)) };
}

function interestForm(room, attempt) {
  if (!room.open || !may(room, INTEREST)) return null;
  const { box, field } = interestField("chat-group-interest", room.interest);
  field.addEventListener("change", () => attempt(async () => [await set(room, INTEREST, { interest: field.value }), (room.interest = field.value)]));
  return box;
}

function rulesForm(room, attempt) {
  if (!may(room, "m.room.power_levels") || isChannel(room)) return null;
  const choices = [[MEMBER, "writeAll"], [MODERATES, "writeModerators"], [LEADS, "writeLeads"]].filter(([level]) => level <= levelOf(room, line.me));
  const field = el("select", { class: "input", id: "chat-group-write" }, ...choices.map(([level, words]) => el("option", { value: String(level) }, say(words))));
  field.value = String(choices.findLast(([level]) => level <= (room.powers?.events_default ?? 0))?.[0] ?? 0);
  field.addEventListener("change", () => attempt(async () => [await setPowers(room, (powers) => ({ ...powers, events_default: Number(field.value) })), announce(say("kept"))]));
  return el("div", { class: "field" }, el("label", { for: field.id }, say("whoWrites")), choosing(field));
}

// --- a new one

// What `createRoom` is asked for. In a channel few write and many read; the gateway tells its readers of nobody but those
// who write (docs/decisions).
export function asked({ name, open, channel, interest, topic }) {
  const state = open && interest ? [{ type: INTEREST, state_key: "", content: { interest } }] : [];
  return {
    name,
    ...(topic ? { topic } : {}),
    preset: open ? "public_chat" : "private_chat",
    visibility: open ? "public" : "private",
    ...(state.length ? { initial_state: state } : {}),
    ...(channel ? { creation_content: { type: CHANNEL }, power_level_content_override: { events_default: MODERATES, invite: MODERATES } } : {}),
  };
}

