// The list of conversations: only the rows that are in sight are there, however many there are.

import { line } from "./line.js";
import * as model from "./model.js";
import { entriesOf, waiting } from "./outbox.js";
import { showUpTo } from "./sync.js";
import { clean, isolate, mark } from "./plain.js";
import { briefly, el, hiddenText, icon, number, say } from "./words.js";

const ROW = 72; // pixels, as chat.css has it
const [NEAR, BEYOND] = [2, 6]; // rows beside those in sight: fewer than `NEAR` are never there, `BEYOND` are drawn, several at a time
const FACE = 96; // pixels of a group's picture
const port = document.querySelector("[data-rooms]");
const rows = port.querySelector("ul");
const filter = document.getElementById("chat-filter");
const drawn = new Map(); // room -> {element, stamp}
let order = [];
let asked = 0;
let current = "";
export const drafts = new Map();

const KINDS = { "m.image": "photo", "m.video": "video", "m.audio": "voice", sound: "sound", "m.file": "file", "m.location": "place", "m.room.encrypted": "sealed", "m.key.verification.request": "verifyAsked", redacted: "deleted" };

// A message in one line, by what model.js says of it.
export function gist({ kind, text }) {
  if (Object.hasOwn(KINDS, kind)) return say(KINDS[kind]);
  if (kind === "m.call.invite") return say(text === "video" ? "videoCall" : "voiceCall");
  if (kind === "poll" || kind === "m.sticker") return `${say(kind === "poll" ? "poll" : "sticker")}: ${text}`;
  return text;
}

function subline(room) {
  const writing = model.typing.get(room.id) ?? [];
  if (room.membership === "invite") return el("span", { class: "chat-call" }, say("invited"));
  if (writing.length) return el("span", { class: "chat-call" }, writing.length === 1 ? say("typing", { name: model.personIn(room, writing[0]).name }) : say("typingMany"));
  const waits = entriesOf(room.id).filter((entry) => model.isShown(entry)).at(-1);
  if (waits) return el("span", {}, icon("clock-3"), hiddenText(say("waiting")), isolate(gist(model.gistOf(waits))));
  const draft = drafts.get(room.id);
  if (draft && room.id !== current) return el("span", { class: "chat-call" }, say("draft", { text: clean(draft, 80) }));
  if (!room.preview) return el("span", {});
  const by = room.preview.by === line.me ? say("you") : room.joined > 2 ? model.personIn(room, room.preview.by).name : "";
  return el("span", {}, by && el("span", { class: "chat-by" }, isolate(by), ": "), isolate(gist(room.preview)));
}

export function face(room, person = null) {
  const name = person ? person.name : model.nameOf(room);
  const official = person ? person.office : model.isOfficial(room);
  const letter = [...(clean(name) || "?").toUpperCase()][0];
  const hue = [...(person ? person.id : room.id)].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) % 6, 7);
  const made = el("span", { class: `chat-face hue-${hue}${official ? " official" : ""}`, "aria-hidden": "true" }, official ? icon("landmark") : letter);
  if (!person && !official && room.avatar) pictureIn(made, room.avatar);
  return made;
}

// A group's picture takes the letter's place once it is here.
function pictureIn(place, uri) {
  import("./media.js")
    .then(({ small }) => small(uri, FACE))
    .then((address) => place.replaceChildren(el("img", { alt: "", src: address })))
    .catch(() => undefined);
}

// `stop`: the room at which the tab key stops.
function draw(room, place, stop) {
  const name = model.nameOf(room) || say("noName");
  const muted = model.account.muted.has(room.id);
  const marks = el("span", { class: "chat-marks" });
  if ("m.favourite" in room.tags) marks.append(el("span", { class: "chat-small" }, icon("pin"), hiddenText(say("pinned"))));
  if (muted) marks.append(el("span", { class: "chat-small" }, icon("bell-off"), hiddenText(say("muted"))));
  if (room.unread || room.membership === "invite") {
    const count = room.membership === "invite" ? "!" : number(room.unread);
    const words = room.membership === "invite" ? say("invited") : say("unread", { count: number(room.unread) });
    if (room.loud) marks.append(el("span", { class: "chat-small called" }, icon("at-sign")));
    marks.append(el("span", { class: `chat-count${muted ? " quiet" : ""}` }, el("span", { "aria-hidden": "true" }, count), hiddenText(`${words}${room.loud ? `, ${say("mentioned")}` : ""}`)));
  }
  const link = el(
    "a",
    { href: `#${encodeURIComponent(room.id)}`, class: "chat-row", "aria-current": room.id === current && "true", tabindex: room.id === stop ? "0" : "-1" },
    face(room),
    el("span", { class: "chat-row-name" }, isolate(name), model.isOfficial(room) && mark()),
    el("time", { class: "chat-row-time" }, room.preview ? briefly(room.preview.at) : ""),
    el("span", { class: "chat-row-text" }, subline(room)),
    marks,
  );
  const item = el("li", { "aria-setsize": String(order.length), "aria-posinset": String(place + 1), dataset: { room: room.id } }, link);
  item.style.insetBlockStart = `${place * ROW}px`; // no transform: each would be one more thing for the compositor
  return item;
}

const focused = () => (current && order.some((room) => room.id === current) ? current : order[0]?.id);
// What a row shows, as one text: it is drawn anew when that is another one.
const stampOf = (room, place, stop) => [place, order.length, room.bump, room.unread, room.loud, room.membership, model.nameOf(room), room.avatar, room.preview?.id, room.preview?.kind, room.preview?.text, room.id === current, stop === room.id, model.account.muted.has(room.id), "m.favourite" in room.tags, (model.typing.get(room.id) ?? []).join(), waiting.size && entriesOf(room.id).length, drafts.get(room.id), room.preview && briefly(room.preview.at)].join("\n");

// The first rows came with the page (pages/chat.py), and stay until it is known here which rooms there are.
let given = rows.classList.contains("given");
let told = false;
function drop() {
  given = false;
  rows.classList.remove("given");
  rows.replaceChildren();
}

function paint() {
  asked = 0;
  if (stale) sortAnew();
  if (given) {
    if (!told && !order.length && line.state !== "signed-out") return;
    drop();
  }
  const [from, to] = [Math.floor(port.scrollTop / ROW), Math.ceil((port.scrollTop + port.clientHeight) / ROW)];
  const spans = (more) => [Math.max(0, from - more), Math.min(order.length - 1, to + more)];
  if (!changed && spans(NEAR)[0] >= span[0] && spans(NEAR)[1] <= span[1]) return;
  const [first, last] = (span = spans(BEYOND));
  const seen = new Set();
  const stop = focused();
  const held = document.activeElement?.closest?.("[data-room]")?.dataset.room;
  for (let place = first; place <= last; place += 1) {
    const room = order[place];
    seen.add(room.id);
    const known = drawn.get(room.id);
    if (known && !changed) continue; // one only scrolls
    const stamp = stampOf(room, place, stop);
    if (known?.stamp === stamp) continue;
    const element = draw(room, place, stop);
    if (known) known.element.replaceWith(element);
    else rows.append(element);
    drawn.set(room.id, { element, stamp });
    if (held === room.id) element.firstElementChild.focus({ preventScroll: true });
  }
  for (const [id, { element }] of drawn) {
    if (seen.has(id)) continue;
    element.remove();
    drawn.delete(id);
  }
  changed = false;
  inSequence(first, last, held);
  rows.style.blockSize = `${order.length * ROW}px`;
  showUpTo(last + 2 * BEYOND);
}

// Whoever reads by ear goes through the rows as they stand in the page.
function inSequence(first, last, held) {
  let moved = false;
  for (let place = first, before = rows.firstElementChild; place <= last; place += 1) {
    const { element } = drawn.get(order[place].id);
    if (element === before) before = before.nextElementSibling;
    else {
      rows.insertBefore(element, before);
      moved = true;
    }
  }
  if (moved && held) drawn.get(held)?.element.firstElementChild.focus({ preventScroll: true });
}

const refresh = () => (asked ||= requestAnimationFrame(paint));

let empty = null;
let stale = false;
let changed = true; // what rows show, perhaps
let span = [0, -1]; // the places of the first row that is drawn and of the last
// The order is found again with the next picture, once, whatever has changed meanwhile.
export function arrange() {
  stale = changed = true;
  refresh();
}

function sortAnew() {
  stale = false;
  const words = clean(filter.value).toLocaleLowerCase();
  const all = model.inOrder();
  const kept = all.filter((room) => model.isArchived(room) && room.membership !== "invite");
  if (!kept.length) archive.open = false;
  order = words ? all.filter((room) => model.nameOf(room).toLocaleLowerCase().includes(words)) : archive.open ? kept : all.filter((room) => !kept.includes(room));
  drawArchive(words ? 0 : kept.length);
  empty?.remove();
  empty = null;
  if (!order.length && (words || line.state === "online")) {
    empty = el("div", { class: "chat-empty" }, el("p", {}, el("b", {}, say(words ? "noneFound" : "noRooms"))), !words && el("p", { class: "muted" }, say("noRoomsText")));
    port.append(empty);
  }
}

// What was put into the archive is a list of its own, behind a button; a search finds it too.
const archive = { open: false, button: null };
function drawArchive(count) {
  const words = archive.open ? say("back") : say("archived", { count: number(count) });
  archive.button ??= el("button", { type: "button", class: "chat-archive", onclick: () => [(archive.open = !archive.open), (port.scrollTop = 0), arrange()] });
  archive.button.replaceChildren(icon(archive.open ? "arrow-left" : "archive"), words);
  if (!count) archive.button.remove();
  else if (!archive.button.isConnected) port.before(archive.button);
}

export function choose(id) {
  current = id;
  arrange();
}

port.addEventListener("scroll", refresh, { passive: true });
new ResizeObserver(refresh).observe(port);
filter.addEventListener("input", () => {
  port.scrollTop = 0;
  arrange();
});

// One stop of the tab key; the arrows go from row to row.
port.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity }[event.key];
  const at = order.findIndex((room) => room.id === event.target.closest("[data-room]")?.dataset.room);
  if (!step || at < 0) return;
  event.preventDefault();
  const place = Math.min(order.length - 1, Math.max(0, at + step));
  const top = place * ROW;
  if (top < port.scrollTop) port.scrollTop = top;
  else if (top + ROW > port.scrollTop + port.clientHeight) port.scrollTop = top + ROW - port.clientHeight;
  paint();
  drawn.get(order[place].id)?.element.firstElementChild.focus({ preventScroll: true });
});

model.news.addEventListener("rooms", () => (told = true));
for (const what of ["rooms", "room"]) model.news.addEventListener(what, arrange);
