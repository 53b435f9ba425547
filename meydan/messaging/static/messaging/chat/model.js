// What is known of the rooms. The gateway tells it (sync.js), the device keeps it (store.js), the views draw it.
//
// A room: {id, membership, name, avatar, topic, heroes, joined, bump, unread, loud, direct, encrypted, kind, by, case,
// canSay, people: {id: {name, avatar, office}}, tags, muted, preview}. Kept apart for it is large, and only of rooms
// that were looked at: its timeline, {id, events, prev}: events from old to new without a gap, `prev` where those before
// them are to be had ("" where there are none).

import * as store from "./store.js";
import { line } from "./line.js";
import { clean } from "./plain.js";

export const rooms = new Map();
export const timelines = new Map();
export const typing = new Map(); // room -> [person]
export const reads = new Map(); // room -> Map(person -> {event, at}): of the room outside of its threads
export const threadReads = new Map(); // room -> Map(root of a thread, "" for all of the room -> Map(person -> moment))
export const news = new EventTarget(); // "rooms"; "room" and "timeline" with the room's id as `detail`
export const looking = { at: "" }; // the room that is on the screen
export const account = { direct: {}, muted: new Set(), blocked: new Set() };

const MOST_KEPT = 120; // events of a room that are kept on the device
const MOST_OPEN = 8; // timelines in memory
const TOGETHER = 200; // rooms that are written down at once
const CASE = "org.meydan.case";

export const tell = (what, detail) => news.dispatchEvent(new CustomEvent(what, { detail }));

const fresh = (id) => ({
  id,
  membership: "join",
  name: "",
  heroes: [],
  joined: 0,
  bump: 0,
  unread: 0,
  loud: 0,
  people: {},
  tags: {},
});

export const isOffice = (id) => typeof id === "string" && id.startsWith("@_");

// What a person may say of themselves cannot look like the mark of the city: that is drawn by `office`, and only for
// accounts that the server lets nobody have. The tick in an office's own name is drawn by us too, as that mark.
export function personIn(room, id) {
  const known = room?.people[id];
  const given = known?.name || id.slice(1).split(":")[0];
  const office = isOffice(id);
  return { id, name: office ? given.replace(/\s*✓$/u, "") : given, avatar: known?.avatar, office };
}

export function nameOf(room) {
  if (room.name) return room.name;
  if (room.membership === "invite" && room.inviter) return personIn(room, room.inviter).name;
  const names = room.heroes.map((hero) => clean(hero.displayname || hero.user_id.slice(1).split(":")[0]));
  return names.join(", ");
}

export const isOfficial = (room) => room.kind === CASE && isOffice(room.by);
export const otherIn = (room) => (room.heroes.length === 1 ? room.heroes[0].user_id : "");

const appliers = {
  "m.room.member": (room, { state_key: id, content, sender }) => {
    room.people[id] = { name: clean(content.displayname ?? ""), avatar: content.avatar_url };
    if (id === line.me) {
      room.membership = content.membership;
      room.inviter = content.membership === "invite" ? sender : "";
    }
  },
  "m.room.name": (room, { content }) => (room.name = clean(content.name ?? "")),
  "m.room.topic": (room, { content }) => (room.topic = clean(content.topic ?? "", 1000)),
  "m.room.avatar": (room, { content }) => (room.avatar = content.url),
  "m.room.encryption": (room) => (room.encrypted = true),
  "m.room.create": (room, { content, sender }) => Object.assign(room, { kind: content.type, by: sender }),
  "m.room.power_levels": (room, { content }) => (room.powers = content),
  "m.room.join_rules": (room, { content }) => (room.open = content.join_rule === "public"),
  "m.room.retention": (room, { content }) => (room.lifetime = lifetimeIn(content)),
  "m.room.pinned_events": (room, { content }) => (room.pinned = pinnedIn(content)),
  "org.meydan.interest": (room, { content }) => (room.interest = clean(content.interest ?? "")),
  [CASE]: (room, { content, sender }) => {
    if (isOffice(sender)) room.case = { link: String(content.link ?? ""), closed: content.closed === true };
  },
};

// As the gateway reads it (models/retention.py): a day at least.
export const DAY = 86_400_000;
export const lifetimeIn = ({ max_lifetime: said }) => (Number.isInteger(said) && said > 0 && said <= 36_600 * DAY ? Math.max(said, DAY) : 0);
const MOST_PINNED = 50;
const EVENT = /^\$[\w:.+/=~-]{1,254}$/u;
export const pinnedIn = ({ pinned }) =>
  Array.isArray(pinned) ? [...new Set(pinned.filter((id) => typeof id === "string" && EVENT.test(id)))].slice(-MOST_PINNED) : [];

export function applyState(room, event) {
  const apply = event.content && typeof event.content === "object" && appliers[event.type];
  if (apply) apply(room, event);
}

const has = ({ powers }, person) => powers?.users?.[person] ?? powers?.users_default ?? 0;
export const mayCallAll = (room, person) => has(room, person) >= (room.powers?.notifications?.room ?? 50);
export const maySet = (room, kind) => Boolean(room.powers) && has(room, line.me) >= (room.powers.events?.[kind] ?? room.powers.state_default ?? 50);

export function powerOf(room, person, kind) {
  const powers = room.powers ?? {};
  const levels = { invite: 0, kick: 50, redact: 50 };
  const needs = kind in levels ? (powers[kind] ?? levels[kind]) : (powers.events?.[kind] ?? powers.events_default ?? 0);
  return has(room, person) >= needs;
}

const dirty = { rooms: new Set(), timelines: new Set(), gone: new Set() }; // gone: timelines that are of no use any more
let saving = 0;
export function keep(id, withTimeline = false) {
  dirty.rooms.add(id);
  if (withTimeline) dirty.timelines.add(id);
  saving ||= setTimeout(save, 400);
}

// Written down now and then, and when the page goes.
async function save() {
  clearTimeout(saving);
  saving = 0;
  const changed = [...dirty.rooms].map((id) => rooms.get(id)).filter(Boolean);
  const gone = [...dirty.gone].filter((id) => !dirty.timelines.has(id));
  const longer = [...dirty.timelines].map((id) => timelines.get(id)).filter(Boolean).map(shortened);
  dirty.rooms.clear();
  dirty.timelines.clear();
  dirty.gone.clear();
  try {
    await Promise.all([putRooms(changed), store.removeAll("timelines", gone), store.putAll("timelines", longer)]);
  } catch {
    // Nothing can be kept here: the gateway has it all.
  }
}
addEventListener("pagehide", save);

// A few at a time: pictures are drawn in between.
async function putRooms(changed) {
  for (let at = 0; at < changed.length; at += TOGETHER) await store.putAll("rooms", changed.slice(at, at + TOGETHER));
}

// The newest of a timeline; where something is cut off, `prev` is not known: it is asked for by the oldest event.
function shortened(timeline) {
  if (timeline.events.length <= MOST_KEPT) return timeline;
  const events = timeline.events.slice(-MOST_KEPT);
  return { id: timeline.id, events, prev: null };
}

export async function recall() {
  for (const room of await store.all("rooms")) rooms.set(room.id, room);
  const kept = await store.get("meta", "account");
  if (kept) Object.assign(account, { direct: kept.direct, muted: new Set(kept.muted) });
}

export async function recallTimeline(id) {
  if (timelines.has(id)) return timelines.get(id);
  const kept = dirty.gone.has(id) ? undefined : await store.get("timelines", id).catch(() => undefined);
  if (timelines.has(id)) return timelines.get(id);
  const timeline = kept ?? { id, events: [], prev: null };
  timelines.set(id, timeline);
  expire(id);
  for (const other of timelines.keys()) {
    if (timelines.size <= MOST_OPEN) break;
    if (other !== id && other !== looking.at && !dirty.timelines.has(other)) timelines.delete(other);
  }
  return timeline;
}

// What has lived as long as its room allows goes from here too; the gateway deletes it for everybody. Whether something
// went.
export function expire(id) {
  const room = rooms.get(id);
  const timeline = timelines.get(id);
  if (!room?.lifetime) return false;
  const before = Date.now() - room.lifetime;
  if (room.preview?.at < before) delete room.preview;
  const lives = (event) => event.state_key !== undefined || event.origin_server_ts >= before;
  if (!timeline || timeline.events.every(lives)) return false;
  timeline.events = timeline.events.filter(lives);
  keep(id, true);
  return true;
}

// The same for what is kept on the device of rooms that nobody looks at.
export async function expireAll() {
  for (const { id, lifetime } of [...rooms.values()]) {
    if (!lifetime) continue;
    const kept = timelines.get(id) ?? (await store.get("timelines", id).catch(() => undefined));
    const before = Date.now() - lifetime;
    if (!kept || timelines.has(id)) expire(id);
    else await store.put("timelines", { ...kept, events: kept.events.filter((event) => event.state_key !== undefined || event.origin_server_ts >= before) }).catch(() => undefined);
  }
}

export function forget(id) {
  if (!rooms.delete(id)) return;
  timelines.delete(id);
  store.remove("rooms", id).catch(() => undefined);
  store.remove("timelines", id).catch(() => undefined);
}

// A part of an answer of sliding sync about a room.
export function takeRoom(id, part) {
  const known = rooms.get(id);
  const room = known ?? fresh(id);
  if (part.invite_state) {
    Object.assign(room, { membership: "invite", people: {} });
    for (const event of part.invite_state) applyState(room, event);
    room.membership = "invite";
  } else if (known?.membership === "invite") room.membership = "join";
  if ("name" in part) room.name = clean(part.name ?? "");
  if (part.heroes) [room.heroes, room.name] = [part.heroes, ""];
  if ("avatar" in part) room.avatar = part.avatar;
  if ("joined_count" in part) room.joined = part.joined_count;
  if ("bump_stamp" in part) room.bump = part.bump_stamp;
  if ("notification_count" in part) [room.unread, room.loud] = [part.notification_count, part.highlight_count];
  for (const event of part.required_state ?? []) applyState(room, event);
  for (const event of part.timeline ?? []) if (event.state_key !== undefined) applyState(room, event);
  if (room.membership === "leave" || room.membership === "ban") {
    forget(id);
    return tell("room", id);
  }
  rooms.set(id, room);
  for (const event of part.timeline ?? []) if (event.type.startsWith("m.call.") && isNow(event)) tell("call", { room: id, event });
  const change = part.timeline?.length ? takeTimeline(room, part) : null;
  keep(id, change !== null);
  tell("room", id);
  if (change) tell("timeline", { id, ...change });
}

const SHOWN = new Set(["m.room.message", "m.room.encrypted", "m.sticker", "m.call.invite", "m.poll.start", "org.matrix.msc3381.poll.start"]);
export const isShown = (event) => SHOWN.has(event.type);
export const isVideo = ({ offer }) => /^m=video/mu.test(offer?.sdp);
const CALL_RINGS = 120_000; // milliseconds after which no call rings any more
const isNow = (event) => (event.unsigned?.age ?? Date.now() - event.origin_server_ts) < CALL_RINGS;

// Whoever's message has come does not write it any more, whatever was said before.
function stopsWriting(room, events) {
  const writing = typing.get(room.id);
  if (!writing?.length) return;
  const senders = new Set(events.map((event) => event.sender));
  typing.set(room.id, writing.filter((person) => !senders.has(person)));
}

const isEdit = (event) => event.content?.["m.relates_to"]?.rel_type === "m.replace";

// What the list says of the room's newest message.
export function preview(room, event) {
  const wire = event.type === "m.room.encrypted" && !event.unsigned?.redacted_because ? { wire: event } : {}; // for when it can be read
  room.preview = { ...wire, id: event.event_id, by: event.sender, at: event.origin_server_ts, ...gistOf(event) };
}

// {kind, text} of an event, in short.
export function gistOf({ type, content }) {
  if (type === "m.call.invite") return { kind: type, text: isVideo(content) && "video" };
  if (type.endsWith("poll.start")) return { kind: "poll", text: clean(questionOf(content), 120) };
  const isVoice = content?.msgtype === "m.audio" && !content["org.matrix.msc3245.voice"];
  return { kind: isVoice ? "sound" : type === "m.sticker" ? type : content?.msgtype ?? type, text: clean(content?.body ?? "", 120) };
}

// What a poll asks, by the stable names or those that are deployed (MSC3381).
const wordsIn = (part) => {
  const said = part?.["org.matrix.msc1767.text"] ?? part?.["m.text"] ?? part?.body;
  return Array.isArray(said) ? said.find((one) => typeof one?.body === "string" && /^text\/plain|^undefined$/.test(String(one.mimetype)))?.body : said;
};
export const textOf = (part) => (typeof wordsIn(part) === "string" ? wordsIn(part) : "");
export const pollIn = (content) => [content?.["m.poll"], content?.["org.matrix.msc3381.poll.start"], content?.["m.poll.start"]].find((one) => one && typeof one === "object");
export const questionOf = (content) => textOf(pollIn(content)?.question);

function takeTimeline(room, part) {
  const events = part.timeline;
  stopsWriting(room, events);
  const last = events.findLast((event) => isShown(event) && !isEdit(event));
  if (last) preview(room, last);
  else if (room.preview && events.some((one) => one.type === "m.room.redaction" && (one.redacts ?? one.content?.redacts) === room.preview.id)) {
    Object.assign(room.preview, { text: "", kind: "redacted" });
  }
  // What is looked at may not have been read from the device yet.
  if (room.id === looking.at && !timelines.has(room.id)) timelines.set(room.id, { id: room.id, events: [], prev: null });
  const timeline = timelines.get(room.id);
  if (!timeline) {
    dirty.timelines.delete(room.id);
    if (part.initial || part.limited) dirty.gone.add(room.id);
    else append(room.id, events);
    return null;
  }
  return join(timeline, part);
}

// Of a room that nobody looks at, what is kept goes on without a gap, or else is of no use.
async function append(id, events) {
  const timeline = await recallTimeline(id);
  const known = new Set(timeline.events.map((event) => event.event_id));
  const more = events.filter((event) => !known.has(event.event_id));
  if (timeline.events.length && more.length) {
    timeline.events.push(...more);
    keep(id, true);
  }
}

// The events after those we have; where there is a gap, instead of them; before them too where the window grew.
export function join(timeline, { timeline: events, limited, initial, unstable_expanded_timeline: longer, prev_batch: prev }) {
  const known = new Map(timeline.events.map((event, place) => [event.event_id, place]));
  const first = events.findIndex((event) => known.has(event.event_id));
  const news = events.filter((event) => !known.has(event.event_id));
  if (first < 0 && (limited || initial || longer || !timeline.events.length)) {
    [timeline.events, timeline.prev] = [[...events], limited ? prev : ""];
    return { anew: true };
  }
  if (first > 0 && known.get(events[first].event_id) === 0) {
    const before = events.slice(0, first);
    timeline.events.unshift(...before);
    timeline.prev = limited ? prev : "";
    const after = news.filter((event) => !before.includes(event));
    timeline.events.push(...after);
    return { before, after };
  }
  if (first === 0 && timeline.prev === null && known.get(events[0].event_id) === 0) timeline.prev = limited ? prev : "";
  timeline.events.push(...news);
  return { after: news };
}

// The order of the list: pinned ones first, invitations before them, then by what happened last.
export const isArchived = (room) => "u.archive" in room.tags;
const rank = (room) => (room.membership === "invite" ? 2 : "m.favourite" in room.tags ? 1 : 0);
export const inOrder = () => [...rooms.values()].sort((a, b) => rank(b) - rank(a) || b.bump - a.bump);

export function takeReceipts(id, content) {
  const known = reads.get(id) ?? new Map();
  for (const [event, kinds] of Object.entries(content)) {
    for (const kind of ["m.read", "m.read.private"]) {
      for (const [person, { ts = 0, thread_id: thread = "" }] of Object.entries(kinds[kind] ?? {})) {
        if (thread !== "main") takeThreadRead(id, thread, person, ts);
        if (thread && thread !== "main") continue;
        if ((known.get(person)?.at ?? -1) <= ts) known.set(person, { event, at: ts });
      }
    }
  }
  reads.set(id, known);
}

export function takeThreadRead(id, thread, person, at) {
  const threads = threadReads.get(id) ?? new Map();
  const people = threads.get(thread) ?? new Map();
  people.set(person, Math.max(at, people.get(person) ?? 0));
  threadReads.set(id, threads.set(thread, people));
}

// Until which moment somebody has read a thread.
export const threadReadBy = (id, thread, person) =>
  Math.max(0, ...["", thread].map((one) => threadReads.get(id)?.get(one)?.get(person) ?? 0));

// `m.push_rules`: a room is muted by a rule for it, or one over it, that does nothing.
export function takeRules(rules) {
  const muted = new Set();
  for (const rule of [...(rules?.global?.room ?? []), ...(rules?.global?.override ?? [])]) {
    const silent = rule.enabled !== false && !rule.actions?.some((one) => one === "notify");
    const about = rule.rule_id?.startsWith("!") ? rule.rule_id : null;
    if (about && silent) muted.add(about);
  }
  account.muted = muted;
}

export const keepAccount = () =>
  store.put("meta", { name: "account", direct: account.direct, muted: [...account.muted] }).catch(() => undefined);
