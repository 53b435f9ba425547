// One row of a conversation: a bubble, or a line that says what happened.

import "./more.js";
import { lacks, whyShut } from "./crypto.js";
import { drawKind, kindOf } from "./kinds.js";
import { line } from "./line.js";
import * as model from "./model.js";
import { picture, saveFile } from "./media.js";
import { progress } from "./outbox.js";
import { gist } from "./rooms.js";
import { clean, isolate, nameTag } from "./plain.js";
import { linked, plainText, richText } from "./text.js";
import { dayOf, duration, el, hiddenText, icon, momentOf, nameOfDay, number, say, size, timeOf, tool } from "./words.js";

const CLOSE = 5 * 60_000; // what one person says within it stands together
const RINGS = 60_000;

export const contentOf = (row) => row.edit?.content?.["m.new_content"] ?? row.event.content ?? {};
export const isSaid = (row) => row.event.state_key === undefined;
const isNewDay = (row, before) => !before || dayOf(before.event.origin_server_ts) !== dayOf(row.event.origin_server_ts);
const follows = (row, before) => before && isSaid(before) && isSaid(row) && before.event.sender === row.event.sender && row.event.origin_server_ts - before.event.origin_server_ts < CLOSE && !isNewDay(row, before);

export const stampOf = (row, before, readUpTo, news) =>
  [row.stamp, news, row.gone, row.event.opened, row.event.shield, row.event.shut, row.edit?.type, isNewDay(row, before), Boolean(follows(row, before)), row.entry?.state, row.entry?.event, row.entry && progress.has(row.entry.txn), row.event.sender === line.me && row.event.origin_server_ts <= readUpTo].join();

// `deeds`: {menu(row, button), react(row, key), show(id), grew(row), again(entry), drop(entry), readUpTo, find(id),
// openThread(row), newsIn(row): how much of its thread is unread}.
export function drawRow(room, row, before, deeds) {
  const element = el("div", { class: "chat-event", role: "article", tabindex: "-1", dataset: { event: row.id } });
  if (isNewDay(row, before)) element.append(el("p", { class: "chat-day" }, el("span", {}, nameOfDay(row.event.origin_server_ts))));
  element.append(isSaid(row) ? bubble(room, row, follows(row, before), deeds) : happening(room, row));
  return element;
}

function bubble(room, row, together, deeds) {
  const { event } = row;
  const mine = event.sender === line.me;
  const person = model.personIn(room, event.sender);
  const called = !row.gone && callsMe(room, event, contentOf(row));
  const inside = el("div", { class: `chat-bubble${called ? " calls-me" : ""}${event.type === "m.sticker" && !row.gone ? " bare" : ""}` });
  if (!mine && !together && (room.joined > 2 || person.office)) inside.append(el("p", { class: `chat-sender hue-${hueOf(person.id)}` }, nameTag(person)));
  else inside.append(hiddenText(`${mine ? say("you") : person.name}: `));
  if (called) inside.append(el("span", { class: "chat-called" }, icon("at-sign"), hiddenText(say("mentioned"))));
  if (row.gone) inside.append(el("p", { class: "chat-gone" }, icon("trash-2"), say("deleted")));
  else inside.append(...parts(room, row, deeds));
  inside.append(foot(row, mine, deeds));
  const side = el("div", { class: `chat-said${mine ? " mine" : ""}${together ? " together" : ""}${person.office ? " office" : ""}` }, inside);
  if (!row.gone && !row.entry) side.append(el("button", { type: "button", class: "chat-tool chat-more", title: say("more"), "aria-label": say("more"), tabindex: "-1", onclick: (press) => deeds.menu(row, press.currentTarget) }));
  const thread = row.thread?.size && deeds.openThread ? threadLine(room, row, deeds) : null;
  if (!row.reactions.size && !thread) return side;
  return el("div", { class: mine ? "mine" : "" }, side, row.reactions.size > 0 && reactions(room, row, deeds), thread);
}

// Whether a message calls this person, or everybody by somebody who may.
export function callsMe(room, event, content) {
  const mentions = content["m.mentions"];
  if (!mentions || event.sender === line.me) return false;
  return (Array.isArray(mentions.user_ids) && mentions.user_ids.includes(line.me)) || (mentions.room === true && model.mayCallAll(room, event.sender));
}

// What was said in the thread of a message, and the way there.
function threadLine(room, row, deeds) {
  const last = [...row.thread.values()].reduce((one, other) => (other.origin_server_ts >= one.origin_server_ts ? other : one));
  const name = last.sender === line.me ? say("you") : model.personIn(room, last.sender).name;
  const news = deeds.newsIn(row);
  return el("button", { type: "button", class: "chat-thread", onclick: () => deeds.openThread(row) }, icon("messages-square"), el("b", {}, say("threadCount", { count: number(row.thread.size) })), el("span", { class: "chat-thread-last" }, isolate(name), ": ", isolate(gist(model.gistOf(last)))), news > 0 && el("span", { class: "chat-count" }, el("span", { "aria-hidden": "true" }, number(news)), hiddenText(say("threadNew", { count: number(news) }))));
}

const hueOf = (id) => [...id].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) % 6, 7);

function parts(room, row, deeds) {
  const content = contentOf(row);
  const made = [];
  const relation = row.event.content?.["m.relates_to"];
  const answered = relation?.["m.in_reply_to"]?.event_id;
  const stands = relation?.rel_type === "m.thread" && relation.is_falling_back !== false && deeds.thread;
  if (typeof answered === "string" && !stands) made.push(quote(room, answered, deeds));
  return [...made, ...body(room, row, content, deeds)];
}

function body(room, row, content, deeds) {
  if (row.call) return [callOf(row, content, deeds)];
  if (row.event.type === "m.room.encrypted") return shut(row, deeds);
  if (content.msgtype === "m.key.verification.request") return [el("p", { class: "chat-gone" }, icon("shield-check"), say("verifyAsked"))];
  const people = (id) => ({ name: model.personIn(room, id).name, mine: id === line.me });
  const kind = kindOf(row.event, content);
  if (kind) return [drawKind(kind, room, row, content, deeds), ...(kind === "film" || kind === "voice" ? caption(content, people) : [])];
  if (content.msgtype === "m.image") return [picture(row, content, () => deeds.grew(row)), ...caption(content, people)];
  if (content.msgtype === "m.file") return [file(row, content), ...caption(content, people)];
  if (typeof content.body !== "string") return [el("p", { class: "chat-gone" }, say("unknown"))];
  if (content.msgtype === "m.emote") return [el("p", { class: "chat-text", dir: "auto" }, "* ", ...linked(plainText(content)))];
  return [richText(content, people)];
}

// What cannot be read here: why, and the way to what can be done about it.
function shut(row, deeds) {
  const why = whyShut(row.event);
  const words = el("p", { class: "chat-gone" }, icon("lock"), say(why, { name: row.event.sender === line.me ? say("you") : model.personIn(deeds.room, row.event.sender).name }));
  return lacks() || !row.event.shut ? [words] : [words, el("button", { type: "button", class: "chat-link", onclick: () => deeds.mend(row) }, say("shutHelp"))];
}

// A call: what became of it, and the way to call again.
function callOf(row, content, deeds) {
  const { answered, over } = row.call;
  const mine = row.event.sender === line.me;
  const video = model.isVideo(content);
  const rings = !over && !answered && Date.now() - row.event.origin_server_ts < RINGS;
  const outcome = answered ? (over ? duration(over - answered) : say("callLive")) : rings ? "" : say(mine ? "noAnswer" : "missedCall");
  const words = el("span", {}, say(video ? "videoCall" : "voiceCall"), outcome && el("small", {}, outcome));
  const missed = !answered && !rings && !mine;
  return el("button", { type: "button", class: `chat-file${missed ? " missed" : ""}`, disabled: !deeds.mayCall, title: say("callBack"), onclick: () => deeds.call(video) }, icon(missed ? "phone-missed" : video ? "video" : "phone"), words);
}

// What is written under a picture: the body, where the file has a name of its own.
const caption = (content, people) =>
  typeof content.filename === "string" && typeof content.body === "string" && content.body !== content.filename ? [richText(content, people)] : [];

function file(row, content) {
  const name = clean(content.filename ?? content.body, 100) || say("file");
  const bytes = Number.isFinite(content.info?.size) ? size(content.info.size) : "";
  const button = el("button", { type: "button", class: "chat-file" }, icon("file"), el("span", {}, hiddenText(`${say("file")}: `), isolate(name), el("small", {}, bytes)));
  button.addEventListener("click", () => saveFile(content, name, button));
  if (row.entry) button.disabled = true;
  return button;
}

// A message in one line.
export const shortOf = (row) => {
  const words = clean(plainText(contentOf(row)), 140);
  const short = gist(model.gistOf({ ...row.event, content: contentOf(row) }));
  return row.event.type === "m.room.message" && words ? words : short;
};

function quote(room, id, deeds) {
  const found = deeds.find(id);
  const words = found ? (found.gone ? say("deleted") : shortOf(found)) : say("earlier");
  const name = found ? model.personIn(room, found.event.sender) : null;
  return el(
    "button",
    { type: "button", class: "chat-quote", onclick: () => deeds.show(id), "aria-label": found ? say("replyTo", { name: found.event.sender === line.me ? say("you") : name.name }) : say("earlier") },
    name && el("b", {}, found.event.sender === line.me ? say("you") : nameTag(name)),
    isolate(words),
  );
}

function foot(row, mine, deeds) {
  const at = row.event.origin_server_ts;
  const made = el("p", { class: "chat-foot" }, row.edit && el("span", {}, say("edited")), el("time", { datetime: new Date(at).toISOString(), title: momentOf(at) }, timeOf(at)));
  if (row.entry?.state === "refused") return refused(row.entry, deeds);
  const doubt = doubtOf(row, deeds.room);
  if (doubt) made.prepend(el("span", { class: "chat-doubt", title: say(doubt) }, icon("circle-alert"), hiddenText(say(doubt))));
  if (!mine || row.gone) return made;
  const read = at <= deeds.readUpTo();
  const [shape, words] = row.entry ? (row.entry.event ? ["check", "sent"] : ["clock-3", "waiting"]) : read ? ["check-check", "read"] : ["check", "sent"];
  made.append(el("span", { class: `chat-state${read ? " read" : ""}` }, icon(shape), hiddenText(say(words))));
  if (row.entry?.file) made.prepend(upload(row.entry, deeds));
  return made;
}

// In an encrypted conversation: what came without, or from a device that nobody vouches for (numbers of the SDK's shields).
const DOUBTS = { 2: "doubtDevice", 3: "doubtDevice", 5: "doubtSender", 7: "doubtSender", 8: "doubtSender" };
function doubtOf({ event, entry, gone }, room) {
  if (!room?.encrypted || entry || gone || event.type === "m.room.encrypted" || event.event_id.startsWith("local-")) return "";
  return event.opened ? (DOUBTS[event.shield] ?? "") : event.type === "m.room.message" ? "doubtClear" : "";
}

function upload(entry, deeds) {
  const bar = el("progress", { class: "progress", max: "1", value: String(progress.get(entry.txn)?.part ?? 0), dataset: { txn: entry.txn }, "aria-label": say("photo") });
  return el("span", { class: "chat-upload" }, bar, tool("x", say("cancelUpload"), () => deeds.drop(entry)));
}

const refused = (entry, deeds) =>
  el("div", { class: "chat-refused" }, el("p", {}, icon("circle-alert"), say("refused", { reason: entry.words })), el("button", { type: "button", class: "chat-link", onclick: () => deeds.again(entry) }, say("tryAgain")), el("button", { type: "button", class: "chat-link", onclick: () => deeds.drop(entry) }, say("dropIt")));

function reactions(room, row, deeds) {
  const made = el("div", { class: "chat-reactions" });
  for (const [key, people] of row.reactions) {
    const shown = clean(key, 12);
    const names = [...people.keys()].slice(0, 20).map((id) => (id === line.me ? say("you") : model.personIn(room, id).name)).join(", ");
    const mine = people.has(line.me);
    made.append(el("button", { type: "button", class: "chat-reaction", "aria-pressed": String(mine), title: names, onclick: () => deeds.react(row, key) }, isolate(shown), people.size > 1 && number(people.size), hiddenText(say("reactedBy", { key: "", names }))));
  }
  return made;
}

function happening(room, row) {
  return el("p", { class: "chat-happening" }, el("span", {}, story(room, row.event)));
}

// For how long a room keeps messages.
export function lifetimeWords(lifetime) {
  const days = Math.round(lifetime / model.DAY);
  const known = { 0: "lifetimeNever", 1: "lifetimeDay", 7: "lifetimeWeek", 30: "lifetimeMonth" }[days];
  return known ? say(known) : say("lifetimeOther", { count: number(days) });
}

function story(room, { type, content, sender, state_key: about }) {
  const name = model.personIn(room, sender).name;
  if (type === "m.room.create") return say("began", { name });
  if (type === "m.room.name") return say("named", { name, text: clean(content.name) });
  if (type === "m.room.topic") return say("topicSet", { name });
  if (type === "m.room.retention") return say("lifetimeSet", { name, text: lifetimeWords(model.lifetimeIn(content)) });
  if (type === "m.room.pinned_events") return say("pinsChanged", { name });
  if (type === "org.meydan.case") return say(content.closed ? "caseClosed" : "caseOpen");
  const whom = model.personIn(room, about);
  const shown = clean(content.displayname) || whom.name;
  if (content.membership === "join") return say("joined", { name: shown });
  if (content.membership === "invite") return say("wasInvited", { name: shown });
  return say(sender === about ? "left" : "removed", { name: whom.name });
}
