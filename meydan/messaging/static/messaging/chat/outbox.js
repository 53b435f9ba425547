// What waits to be sent. It is put down on the device first (store.js), and goes from there in the order it was written:
// a message, a photo with its file, a reaction, a change, a deletion. Each has a transaction id that stays the same at every
// try, and the gateway makes one event of it, whatever was lost on the way: the page may be closed and the gateway die.
//
// An entry: {id (its place), person, room, txn, type, content, redacts, file, small, at, state, words}. `state` is
// "waiting", or "refused" with why. One page of the browser sends at a time (a lock); others hear of it (a channel).

import { close, closeFile, sealsFiles } from "./crypto.js";
import { Failure, apiTwice, ask, line, takePass, untilOnline } from "./line.js";
import * as store from "./store.js";
import { reasonOf, say } from "./words.js";

const MOST = 400;
const MOST_BYTES = 200_000_000;
const UPLOAD_SECONDS = 3600;
const [STALLS, SLOWEST] = [60_000, 2]; // an upload of which so long nothing went is taken up anew: milliseconds, and bytes each
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

// The file first; its address is kept with the entry, so that it is sent once.
async function upload(entry) {
  const parts = [["small", entry.small], ["file", entry.file]];
  const seals = await sealsFiles(entry.room);
  for (const [name, given] of parts) {
    if (!given) continue;
    const { blob, file } = seals ? await closeFile(given) : { blob: given };
    demand(entry);
    const { content_uri: uri } = await carry(entry, blob, name === "file", !seals);
    demand(entry);
    const content = structuredClone(entry.content);
    const [into, plain, sealed] = name === "file" ? [content, "url", "file"] : [content.info, "thumbnail_url", "thumbnail_file"];
    if (seals) into[sealed] = { ...file, url: uri };
    else into[plain] = uri;
    await change(entry, { content, [name]: undefined });
  }
}

// By XMLHttpRequest, which alone says how much has gone. A token that has ended is asked for anew, once.
async function carry(entry, blob, counts, names, isSecond = false) {
  const { token, server } = await takePass();
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.onload = () => (request.status === 200 ? resolve(JSON.parse(request.responseText)) : reject(failureOf(request)));
    request.onerror = request.ontimeout = request.onabort = () => reject(new Failure(0));
  });
  const state = { part: 0, abort: () => request.abort() };
  if (counts) progress.set(entry.txn, state);
  let stalled = 0;
  const watch = () => {
    clearTimeout(stalled);
    stalled = setTimeout(state.abort, STALLS + blob.size / SLOWEST); // what has left the page may still be on its way out
  };
  request.upload.onprogress = (event) => {
    watch();
    state.part = event.total ? event.loaded / event.total : 0;
    if (counts) outbox.dispatchEvent(new CustomEvent("progress", { detail: entry }));
  };
  const name = counts && names && entry.content.filename ? `?filename=${encodeURIComponent(entry.content.filename)}` : "";
  request.open("POST", `${server}/_matrix/media/v3/upload${name}`);
  request.timeout = UPLOAD_SECONDS * 1000;
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
  request.send(blob);
  watch();
  try {
    return await done;
  } catch (error) {
    if (error.status !== 401 || isSecond) throw error;
    await ask("GET", "/_matrix/client/v3/account/whoami"); // renews the token, or says that nobody is signed in
    return carry(entry, blob, counts, names, true);
  } finally {
    clearTimeout(stalled);
    progress.delete(entry.txn);
  }
}

function failureOf(request) {
  let said = {};
  try {
    said = JSON.parse(request.responseText);
  } catch {
    // An answer of something in between: its status says enough.
  }
  return new Failure(request.status, String(said.errcode ?? ""), Number(said.retry_after_ms ?? 0));
}

addEventListener("online", () => flush());
