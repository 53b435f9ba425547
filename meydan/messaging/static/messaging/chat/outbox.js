// What waits to be sent. It is put down on the device first (store.js), and goes from there in the order it was written:
// a message, a photo with its file, a reaction, a change, a deletion. Each has a transaction id that stays the same at every
// try, and the gateway makes one event of it, whatever was lost on the way: the page may be closed and the gateway die.
//
// An entry: {id (its place), person, room, txn, type, content, redacts, file, small, way, at, state, words}. `state` is
// "waiting", or "refused" with why. One page of the browser sends at a time (a lock); others hear of it (a channel).

import { close, closeFile, sealsFiles } from "./crypto.js";
import { Failure, apiTwice, line, takePass, untilOnline } from "./line.js";
import * as store from "./store.js";
import { reasonOf, say } from "./words.js";

const MOST = 400;
const MOST_BYTES = 200_000_000;
const channel = new BroadcastChannel("meydan-chat");
export const outbox = new EventTarget(); // "changed" with the room's id as `detail`
export const waiting = new Map(); // id -> entry, of this person
export const progress = new Map(); // txn -> {part, abort}

const tell = (room, shares = true) => {
  outbox.dispatchEvent(new CustomEvent("changed", { detail: room }));
  if (shares) channel.postMessage({ room });
};
channel.onmessage = async ({ data }) => {
  await recall();
  const kept = new Set([...waiting.values()].map((entry) => entry.txn));
  for (const [txn, { abort }] of progress) if (!kept.has(txn)) abort(); // another page has taken it back
  tell(data.room, false);
};

export async function recall() {
  const kept = await store.all("outbox").catch(() => []);
  for (const id of [...waiting.keys()]) if (typeof id === "number") waiting.delete(id); // what only memory holds stays
  for (const entry of kept) if (!line.me || entry.person === line.me) waiting.set(entry.id, entry);
}

// Whether something of this person's is still to go.
export const hasMore = () => [...waiting.values()].some((entry) => entry.state === "waiting" && entry.person === line.me);

export const entriesOf = (room) => [...waiting.values()].filter((entry) => entry.room === room);

// Put something down to be sent. `file`: a Blob whose address becomes the content's `url`.
export async function send(room, type, content, { redacts, file, small } = {}) {
  const held = [...waiting.values()].reduce((sum, one) => sum + (one.file?.size ?? 0), file?.size ?? 0);
  if (waiting.size >= MOST || held > MOST_BYTES) throw new Error(say("outboxFull"));
  const entry = { person: line.me || (await store.get("meta", "person"))?.value, room, txn: `m${crypto.randomUUID()}`, type, content, redacts, file, small, at: Date.now(), state: "waiting" };
  try {
    entry.id = await store.put("outbox", entry);
  } catch {
    entry.id = `memory-${entry.txn}`; // a private window: it is sent as long as the page is open
  }
  waiting.set(entry.id, entry);
  tell(room);
  flush();
  return entry;
}

export async function drop(entry) {
  progress.get(entry.txn)?.abort();
  waiting.delete(entry.id);
  await store.remove("outbox", entry.id).catch(() => undefined);
  tell(entry.room);
}

export async function again(entry) {
  await change(entry, { state: "waiting", words: "" });
  flush();
}

async function change(entry, values) {
  Object.assign(entry, values);
  if (!waiting.has(entry.id)) return;
  waiting.set(entry.id, entry); // another copy of it may have been read meanwhile
  if (typeof entry.id === "number") await store.put("outbox", entry).catch(() => undefined);
  tell(entry.room);
}

let sending = false;
let anew = false;

// Send all that waits, one after the other, until there is nothing more; what fails for want of a line is tried again.
export async function flush() {
  anew = true;
  if (sending) return;
  sending = true;
  try {
    const work = async () => {
      await recall();
      await sendAll();
    };
    await (navigator.locks ? navigator.locks.request("meydan-chat-outbox", work) : work());
  } finally {
    sending = false;
  }
}

async function sendAll() {
  let tries = 0;
  while (anew) {
    anew = false;
    for (let entry; (entry = next()); ) {
      try {
        await deliver(entry);
        tries = 0;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (line.state === "signed-out") return;
        if (!waiting.has(entry.id)) continue;
        if (!error.passes) {
          await change(entry, { state: "refused", words: reasonOf(error) });
          continue;
        }
        tries += 1;
        await untilOnline(Math.max(error.wait, Math.min(30_000, 500 * 2 ** tries)));
      }
    }
  }
}

const next = () => [...waiting.values()].find((entry) => entry.state === "waiting" && entry.person === line.me) ?? (line.me ? undefined : firstOfUnknown());
// Before the first token it is not known who is signed in: asking for it says so.
const firstOfUnknown = () => [...waiting.values()].find((entry) => entry.state === "waiting");

async function deliver(entry) {
  await takePass();
  if (entry.person !== line.me) {
    waiting.delete(entry.id); // somebody else's: it stays on the device until they are back
    return;
  }
  if (entry.file) await upload(entry);
  // What is encrypted is so anew at every try: the transaction's number makes one event of it, and a number of the key that
  // was used up in vain harms nobody.
  const { room, txn, redacts } = entry;
  const [type, content] = redacts ? [entry.type, entry.content] : await close(room, entry.type, entry.content);
  demand(entry);
  const { event_id: id } = await apiTwice("POST", "unstable/org.meydan.send", { room_id: room, type, txn_id: txn, content, redacts });
  waiting.delete(entry.id);
  await store.remove("outbox", entry.id).catch(() => undefined);
  outbox.dispatchEvent(new CustomEvent("sent", { detail: { ...entry, event: id } }));
  tell(entry.room);
}

// What was taken back meanwhile does not go.
function demand(entry) {
  if (!waiting.has(entry.id)) throw new Failure(0, "aborted");
}

// The files first, each by carrying.js. What is on its way is noted with the entry (`way`: {name, uri}, and blob and file as
// they were encrypted), so that it goes on with the same bytes; and its address, once all of it is there.
async function upload(entry) {
  const { carry } = await import("./carrying.js").catch(() => {
    throw new Failure(0);
  });
  const seals = await sealsFiles(entry.room);
  for (const name of ["small", "file"]) {
    if (!entry[name]) continue;
    if (entry.way?.name !== name || Boolean(entry.way.file) !== seals) await change(entry, { way: { name, ...(seals && (await closeFile(entry[name]))) } });
    demand(entry);
    const url = await carried(entry, carry, name === "file");
    demand(entry);
    const content = structuredClone(entry.content);
    const [into, plain, sealed] = name === "file" ? [content, "url", "file"] : [content.info, "thumbnail_url", "thumbnail_file"];
    if (seals) into[sealed] = { ...entry.way.file, url };
    else into[plain] = url;
    await change(entry, { content, [name]: undefined, way: undefined });
  }
}

async function carried(entry, carry, counts) {
  const { name, file, uri, blob = entry[name] } = entry.way;
  const stop = new AbortController();
  const state = { part: 0, abort: () => stop.abort() };
  if (counts) progress.set(entry.txn, state);
  const tell = (part) => {
    state.part = part;
    if (counts) outbox.dispatchEvent(new CustomEvent("progress", { detail: entry }));
  };
  const keep = (given) => change(entry, { way: { ...entry.way, uri: given } });
  try {
    return await carry(blob, { type: blob.type || "application/octet-stream", filename: counts && !file ? entry.content.filename : "", uri, signal: stop.signal, keep, tell });
  } finally {
    progress.delete(entry.txn);
  }
}

addEventListener("online", () => flush());
