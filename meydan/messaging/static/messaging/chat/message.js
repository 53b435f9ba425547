// One row of a conversation: a bubble, or a line that says what happened.

import { lacks, whyShut } from "./crypto.js";
import { line } from "./line.js";
import * as model from "./model.js";
import { picture, saveFile } from "./media.js";
import { progress } from "./outbox.js";
import { clean, isolate, linked, nameTag, plainText, richText } from "./text.js";
import { dayOf, duration, el, hiddenText, icon, momentOf, nameOfDay, number, say, size, timeOf, tool } from "./words.js";

const CLOSE = 5 * 60_000; // what one person says within it stands together
const RINGS = 60_000;
const FILES = { "m.video": "video", "m.audio": "voice", "m.file": "file" };

export const contentOf = (row) => row.edit?.content?.["m.new_content"] ?? row.event.content ?? {};
export const isSaid = (row) => row.event.state_key === undefined;
const isNewDay = (row, before) => !before || dayOf(before.event.origin_server_ts) !== dayOf(row.event.origin_server_ts);
const follows = (row, before) => before && isSaid(before) && isSaid(row) && before.event.sender === row.event.sender && row.event.origin_server_ts - before.event.origin_server_ts < CLOSE && !isNewDay(row, before);

export const stampOf = (row, before, readUpTo) =>
  [row.stamp, row.gone, row.event.opened, row.event.shut, isNewDay(row, before), Boolean(follows(row, before)), row.entry?.state, row.entry && progress.has(row.entry.txn), row.event.sender === line.me && row.event.origin_server_ts <= readUpTo].join();

// `deeds`: {menu(row, button), react(row, key), show(id), grew(row), again(entry), drop(entry), readUpTo, find(id)}.
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
  const inside = el("div", { class: "chat-bubble" });
  if (!mine && !together && (room.joined > 2 || person.office)) inside.append(el("p", { class: `chat-sender hue-${hueOf(person.id)}` }, nameTag(person)));
  else inside.append(hiddenText(`${mine ? say("you") : person.name}: `));
  if (row.gone) inside.append(el("p", { class: "chat-gone" }, icon("trash-2"), say("deleted")));
  else inside.append(...parts(room, row, deeds));
  inside.append(foot(row, mine, deeds));
  const side = el("div", { class: `chat-said${mine ? " mine" : ""}${together ? " together" : ""}${person.office ? " office" : ""}` }, inside);
  if (!row.gone && !row.entry) side.append(tool("ellipsis", say("more"), (press) => deeds.menu(row, press.currentTarget), { class: "chat-tool chat-more", tabindex: "-1" }));
  if (row.reactions.size) return el("div", { class: mine ? "mine" : "" }, side, reactions(room, row, deeds));
  return side;
}

const hueOf = (id) => [...id].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) % 6, 7);

function parts(room, row, deeds) {
  const content = contentOf(row);
  const made = [];
  const answered = row.event.content?.["m.relates_to"]?.["m.in_reply_to"]?.event_id;
  if (typeof answered === "string") made.push(quote(room, answered, deeds));
  return [...made, ...body(row, content, deeds)];
}

function body(row, content, deeds) {
  if (row.call) return [callOf(row, content, deeds)];
  if (row.event.type === "m.room.encrypted") return shut(row, deeds);
  if (content.msgtype === "m.key.verification.request") return [el("p", { class: "chat-gone" }, icon("shield-check"), say("verifyAsked"))];
  if (content.msgtype === "m.image" || row.event.type === "m.sticker") return [picture(row, content, () => deeds.grew(row)), ...caption(content)];
  if (Object.hasOwn(FILES, content.msgtype)) return [file(row, content), ...caption(content)];
  if (content.msgtype === "m.location") return [el("p", {}, icon("pin"), hiddenText(say("place")), ...linked(plainText(content)))];
  if (typeof content.body !== "string") return [el("p", { class: "chat-gone" }, say("unknown"))];
  if (content.msgtype === "m.emote") return [el("p", { class: "chat-text", dir: "auto" }, "* ", ...linked(plainText(content)))];
  return [richText(content)];
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
const caption = (content) =>
  typeof content.filename === "string" && typeof content.body === "string" && content.body !== content.filename ? [richText(content)] : [];

function file(row, content) {
  const name = clean(content.filename ?? content.body, 100) || say("file");
  const bytes = Number.isFinite(content.info?.size) ? size(content.info.size) : "";
  const button = el("button", { type: "button", class: "chat-file" }, icon("file"), el("span", {}, hiddenText(`${say(FILES[content.msgtype])}: `), isolate(name), el("small", {}, bytes)));
  button.addEventListener("click", () => saveFile(content, name, button));
  if (row.entry) button.disabled = true;
  return button;
}

function quote(room, id, deeds) {
  const found = deeds.find(id);
  const words = found ? (found.gone ? say("deleted") : clean(plainText(contentOf(found)), 140)) : say("earlier");
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

function story(room, { type, content, sender, state_key: about }) {
  const name = model.personIn(room, sender).name;
  if (type === "m.room.create") return say("began", { name });
  if (type === "m.room.name") return say("named", { name, text: clean(content.name) });
  if (type === "m.room.topic") return say("topicSet", { name });
  if (type === "org.meydan.case") return say(content.closed ? "caseClosed" : "caseOpen");
  const whom = model.personIn(room, about);
  const shown = clean(content.displayname) || whom.name;
  if (content.membership === "join") return say("joined", { name: shown });
  if (content.membership === "invite") return say("wasInvited", { name: shown });
  return say(sender === about ? "left" : "removed", { name: whom.name });
}
