// This page's desk before the keeper of keys. The keys lie in a store that one page at a time may open: the page that holds
// the lock runs the keeper (engine.js), the others hand their questions over by a channel. When that page goes, another one
// gets the lock, and does what was not answered.

import "../more.js";
import { Failure, line, takePass, untilOnline } from "../line.js";
import * as model from "../model.js";

const LOCK = "meydan-seal";
const PULSE = 10_000; // milliseconds within which whoever holds the lock says that it heard a question
const AGAIN = 5000;
const LATER = 1000;
const LAST = 30; // events that are looked through for what a verification says
const RINGS = 60_000;
const RECENT = 600_000; // a verification is over after ten minutes

export const news = new EventTarget(); // "verification", "devices", "trust", "state" with `detail`, here and in all pages
const channel = new BroadcastChannel("meydan-seal");
const waiting = new Map(); // number -> {what, given, resolve, reject, heard}
let engine = null;
let leads = null; // resolves when this page gives the lock back

const number = () => crypto.randomUUID();

// Ask the keeper; what it gives, or a `Failure`.
export function ask(what, ...given) {
  if (engine) return engine.deeds[what](...given);
  return new Promise((resolve, reject) => {
    const one = number();
    waiting.set(one, { what, given, resolve, reject, heard: false });
    post(one);
  });
}

function post(one) {
  const { what, given } = waiting.get(one);
  channel.postMessage({ ask: one, what, given });
  setTimeout(() => waiting.get(one)?.heard === false && steal(), PULSE);
}

channel.onmessage = async ({ data }) => {
  if (data.news) return void tell(data.news, data.detail);
  if (data.leads) {
    [...waiting.keys()].forEach(post);
    return void healAll();
  }
  if (data.ask) {
    if (!leads) return;
    channel.postMessage({ heard: data.ask });
    try {
      channel.postMessage({ answer: data.ask, value: await (await begun).deeds[data.what](...data.given) });
    } catch (error) {
      channel.postMessage({ answer: data.ask, fault: { status: error.status ?? 0, code: error.code ?? "", message: String(error.message) } });
    }
    return;
  }
  const one = waiting.get(data.heard ?? data.answer);
  if (!one) return;
  if (data.heard) return void (one.heard = true);
  waiting.delete(data.answer);
  if (data.fault) one.reject(Object.assign(new Failure(data.fault.status, data.fault.code), { words: data.fault.message }));
  else one.resolve(data.value);
};

let begun = null;
let isStarted;

// As long as this page has the lock; the store is closed before it gives the lock back.
async function hold() {
  begun = new Promise((resolve) => (isStarted = resolve));
  const end = new Promise((resolve) => (leads = resolve));
  try {
    await lead(end);
  } finally {
    const held = engine;
    [engine, begun, leads] = [null, null, null];
    await held?.stop();
  }
}

async function lead(end) {
  for (let tries = 0; leads; tries += 1) {
    try {
      const { start } = await import("./engine.js").catch(() => Promise.reject(new Failure(0)));
      engine = await start((what, detail) => {
        tell(what, detail);
        channel.postMessage({ news: what, detail });
      });
      break;
    } catch (error) {
      if (line.state === "signed-out") return;
      if (!(error instanceof Failure)) reportError(error);
      await untilOnline(Math.min(60_000, AGAIN * 2 ** tries));
    }
  }
  if (!engine) return;
  isStarted(engine);
  channel.postMessage({ leads: true });
  for (const [one, { what, given, resolve, reject }] of [...waiting]) {
    waiting.delete(one);
    engine.deeds[what](...given).then(resolve, reject);
  }
  tell("state");
  await end;
}

const giveBack = () => leads?.();

// Nobody hears: whoever has the lock sleeps (a page behind others on a phone). Only who is looked at may take it away.
let stealing = false;
async function steal() {
  if (engine || leads || stealing || document.hidden) return;
  stealing = true;
  await stand({ steal: true });
}

async function stand(how = {}) {
  try {
    await navigator.locks.request(LOCK, how, hold);
  } catch (error) {
    if (error.name !== "AbortError") reportError(error);
  } finally {
    stealing = false;
    giveBack(); // also when somebody took it
  }
}

// The lock was taken from a page that slept: it asks, from now on, like the others, and stands in the queue again.
async function standAgain() {
  for (;;) {
    await stand();
    if (line.state === "signed-out") return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

// --- what is new, for whom

function tell(what, detail) {
  if (what === "opened") return take(detail);
  if (what === "state") healAll();
  if (what === "devices" && detail?.length) doubted ||= setTimeout(weighAnew, LATER);
  news.dispatchEvent(new CustomEvent(what, { detail }));
  return undefined;
}

// An event whose key has come.
function take({ room, id, opened }) {
  const timeline = model.timelines.get(room);
  const place = timeline?.events.findIndex((event) => event.event_id === id) ?? -1;
  if (place >= 0) {
    timeline.events[place] = merged(asItCame(timeline.events[place]), opened);
    again(room);
  }
  preview(room, id, opened);
  const event = place >= 0 ? timeline.events[place] : null;
  if (event?.type.startsWith("m.call.") && Date.now() - event.origin_server_ts < RINGS) model.tell("call", { room, event });
}

const changed = new Set();
let telling = 0;
// Many keys come at once, from a backup: the conversation is drawn anew once.
function again(room) {
  changed.add(room);
  telling ||= setTimeout(() => {
    telling = 0;
    for (const id of changed) {
      model.keep(id, true);
      model.tell("timeline", { id, anew: true });
    }
    changed.clear();
  }, 50);
}

function preview(room, id, opened) {
  const known = model.rooms.get(room);
  if (!known?.preview?.wire || known.preview.id !== id || opened.shut) return;
  model.preview(known, merged(known.preview.wire, opened));
  model.keep(room);
  model.tell("rooms");
}

// An event with what the keeper found in it: its true type and content, or why it stays shut.
function merged(event, { type, content, shield, shut, edit }) {
  // What is doubted is kept as it came, so that it can be looked at again.
  const made = shut ? { ...event, shut } : { ...event, type, content, shield, opened: true, ...(shield === undefined ? {} : { wire: event }) };
  if (edit) {
    const relations = event.unsigned["m.relations"];
    made.unsigned = { ...event.unsigned, "m.relations": { ...relations, "m.replace": { ...relations["m.replace"], ...edit } } };
  }
  return made;
}

const asItCame = (event) => event.wire ?? event;
const isShut = (event) => event.type === "m.room.encrypted" && !event.unsigned?.redacted_because;

export async function open(room, events) {
  const found = await ask("open", room, events);
  return events.map((event) => (found[event.event_id] ? merged(event, found[event.event_id]) : event));
}

export const close = (room, type, content) => ask("close", room, type, content);

// Whatever is still shut in a conversation that is looked at.
export async function heal(room) {
  hearOf(room, model.timelines.get(room)?.events.slice(-LAST) ?? []);
  await openAgain(room, isShut);
}

async function openAgain(room, isMeant) {
  const meant = model.timelines.get(room)?.events.filter(isMeant) ?? [];
  if (!meant.length) return;
  const found = await ask("open", room, meant.map(asItCame));
  const now = model.timelines.get(room);
  now?.events.forEach((event, place) => {
    if (isMeant(event) && found[event.event_id]) now.events[place] = merged(asItCame(event), found[event.event_id]);
  });
  if (now) again(room);
}

// Somebody's devices have changed: what came from one that nobody vouched for may be in order now.
let doubted = 0;
function weighAnew() {
  doubted = 0;
  for (const id of model.timelines.keys()) openAgain(id, (event) => event.opened && event.wire).catch(() => undefined);
}

function healAll() {
  for (const id of model.timelines.keys()) if (model.rooms.get(id)?.encrypted) heal(id).catch(() => undefined);
  for (const room of model.rooms.values()) {
    const { wire } = room.preview ?? {};
    if (wire) ask("open", room.id, [wire]).then((found) => found[wire.event_id] && preview(room.id, wire.event_id, found[wire.event_id]), () => undefined);
  }
}

// What others say while verifying stands in the room: the keeper must hear it, once.
const heard = new Set();
model.news.addEventListener("timeline", ({ detail: { id, anew, after } }) => {
  if (!model.rooms.get(id)?.encrypted) return;
  hearOf(id, (anew ? model.timelines.get(id)?.events.slice(-LAST) : after) ?? []);
  if (after?.some((event) => event.type === "m.room.member")) ask("members", id).catch(() => undefined);
});
function hearOf(id, events) {
  for (const event of events) {
    if (!isOfVerification(event) || heard.has(event.event_id) || Date.now() - event.origin_server_ts > RECENT) continue;
    heard.add(event.event_id);
    ask("hear", id, event).catch(() => undefined);
  }
}

const isOfVerification = ({ type, content }) => type.startsWith("m.key.verification.") || content?.msgtype === "m.key.verification.request";

line.addEventListener("state", () => line.state === "signed-out" && giveBack());
takePass().catch(() => undefined);
standAgain();
