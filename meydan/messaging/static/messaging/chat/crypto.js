// The seam between the messenger and its encryption. What encrypts is large, and is loaded only for who opens or begins an
// encrypted conversation, or looks at their devices (seal/desk.js); from then on it is there again whenever the page is.

import { api, Failure, room as at } from "./line.js";
import * as model from "./model.js";

const home = document.querySelector("[data-chat]");
const PATIENCE = 4000; // milliseconds that news wait for their decryption; it goes on, and what is late is put right
const IN_CLEAR = new Set(["m.reaction"]); // as every client does: servers count them
const SEALED = "m.room.encrypted";

// Why this page cannot encrypt, as the name of a sentence; "" where it can.
export function lacks() {
  if (!home.dataset.seal || !home.dataset.wasm) return "sealMissing";
  return globalThis.WebAssembly && navigator.locks && globalThis.crypto?.subtle && globalThis.indexedDB ? "" : "sealOld";
}

export const asked = new EventTarget(); // "verification": somebody would like to compare emoji
let loading = null;
let desk = null;

// The part that encrypts; a `Failure` where it cannot be had.
export function load() {
  if (lacks()) return Promise.reject(new Failure(400, "M_SEAL"));
  loading ??= import("./seal/desk.js").then(
    (part) => {
      desk = part;
      desk.news.addEventListener("verification", ({ detail }) => detail.incoming && asked.dispatchEvent(new CustomEvent("verification", { detail })));
      return desk;
    },
    () => {
      loading = null;
      throw new Failure(0);
    },
  );
  return loading;
}

export const isLoaded = () => desk !== null;

// Whoever has used it here before has it in this browser: their calls ring, and their previews can be read.
export async function loadAgain() {
  if (desk || lacks() || ![...model.rooms.values()].some((room) => room.encrypted)) return;
  if (await caches?.has("meydan-seal")) await load();
}

// The store of whoever is signed out is emptied at once. To delete it would wait for whoever has it open: the next page of
// the city does (ui/app.js).
export async function forgetKeys() {
  try {
    const kept = localStorage.getItem("seal");
    if (kept) await Promise.all([empty(`${kept}::matrix-sdk-crypto`), empty(`${kept}::matrix-sdk-crypto-meta`)]);
  } catch {
    // Nothing is kept here.
  }
}

const empty = (name) =>
  new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onerror = resolve;
    request.onsuccess = () => {
      const base = request.result;
      base.onversionchange = () => base.close();
      const stores = [...base.objectStoreNames];
      if (!stores.length) return [base.close(), resolve()];
      const change = base.transaction(stores, "readwrite");
      for (const store of stores) change.objectStore(store).clear();
      change.oncomplete = change.onabort = () => [base.close(), resolve()];
      return undefined;
    };
  });

const hides = (event) => event.type === SEALED || event.unsigned?.["m.relations"]?.["m.replace"]?.type === SEALED;

// The state that a conversation begins with: what is private is encrypted, where this page can do it.
export const initialState = (isPrivate) =>
  isPrivate && !lacks() ? [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }] : [];

// Events as they can be read here, each in its place; those that cannot stay as they are.
export async function open(room, events) {
  if (!desk || !events?.some(hides)) return events;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, events));
  return Promise.race([desk.open(room, events).catch(() => events), late]);
}

// The same for an answer of the sync, before anybody sees it.
export async function openAll(parts) {
  if (!desk) return;
  await Promise.all(Object.entries(parts).map(async ([id, part]) => part.timeline && (part.timeline = await open(id, part.timeline))));
}

// Whether what goes into a room is encrypted. A room that is not known here is asked for: in doubt, nothing is sent.
async function isSealed(room) {
  const known = model.rooms.get(room);
  if (known) return Boolean(known.encrypted);
  try {
    await api("GET", at(room, "/state/m.room.encryption/"));
    return true;
  } catch (error) {
    if (error.code === "M_NOT_FOUND") return false;
    throw error;
  }
}

// Why an event cannot be read here, as the name of a sentence.
const WHY = {
  HISTORICAL_MESSAGE_BACKUP_UNCONFIGURED: "shutBefore",
  HISTORICAL_MESSAGE_NO_KEY_BACKUP: "shutLost",
  HISTORICAL_MESSAGE_USER_NOT_JOINED: "shutAway",
  SENDER_IDENTITY_PREVIOUSLY_VERIFIED: "shutChanged",
};
export function whyShut({ shut }) {
  if (!shut) return lacks() ? "sealed" : "sealOpening";
  return WHY[shut] ?? (shut.startsWith("MEGOLM_KEY_WITHHELD") ? "shutWithheld" : "shutWaits");
}

// What is sent in the place of an event: [type, content].
export async function close(room, type, content) {
  if (IN_CLEAR.has(type) || !(await isSealed(room))) return [type, content];
  return [SEALED, await (await load()).close(room, type, content)];
}

export const sealsFiles = (room) => isSealed(room);

// A file as it is uploaded, and what its readers need to open it: {blob, file}.
export const closeFile = async (blob) => (await import("./seal/files.js")).close(blob);

// Somebody was invited: how it stands with the keys of before (seal/engine.js).
export const invited = async (room, person) => (await load()).ask("invited", room, person);

// One has entered a room by somebody's invitation: whoever invited may give the keys of before.
export const entered = async (room, by) => (await load()).ask("entered", room, by);
