// The keeper of this browser's keys: matrix-js-sdk's, over a store in IndexedDB that belongs to this device alone. It does
// not sync as the SDK does: a connection of sliding sync of its own brings messages to this device, whose keys changed, and
// how many one-time keys are left. It runs in one page at a time (desk.js), and says nothing but what can be cloned.

import { api, becomeAnother, Failure, line, pause, room as at, takePass, untilOnline } from "../line.js";
import * as store from "../store.js";
import { AccountData, Http } from "./door.js";
import { SealedEvent } from "./event.js";
import { Place } from "./place.js";
import { prepare, secretsOf } from "./secrets.js";
import { verifying } from "./verification.js";

const WAIT = 25_000;
const MOST = 100; // messages to this device in one answer
const [LOOK, LOOKS] = [12_000, 5]; // milliseconds after which the backup is asked again, and how often
const ROUND = 40; // events that are decrypted at a time
const MOST_OWED = 500;
const OF_DEVICE = new Set([2, 3]); // the SDK's shields: a device that is not signed, or not known
const [AGAIN, TRIES] = [500, 12]; // whoever has just been invited: their devices are being asked for
const NOTED = 200; // milliseconds after which the SDK has surely written down whose devices are wanted
const home = document.querySelector("[data-chat]");
const quiet = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, getChild: () => quiet };
function nothing() {}

const prefixOf = () => `meydan-seal/${line.me}/${line.device}`;
const NAMES = ["matrix-sdk-crypto", "matrix-sdk-crypto-meta"];

let library = null;
async function fetchLibrary() {
  if (library) return library;
  try {
    const found = await import(home.dataset.seal);
    await found.initAsync(home.dataset.wasm);
    keepLibrary().catch(() => undefined);
    return (library = found);
  } catch {
    throw new Failure(0); // no line, and it is not in this browser yet
  }
}

// From now on the service worker gives it, also when this page was not its own yet.
async function keepLibrary() {
  const store = await caches.open("meydan-seal");
  for (const address of [home.dataset.seal, home.dataset.wasm]) {
    if (!(await store.match(address))) await store.put(address, await fetch(address, { cache: "force-cache" }));
  }
}

// `tell(what, detail)`: news for all pages. A `Failure` where there is no line.
export async function start(tell) {
  await takePass();
  const sdk = await fetchLibrary();
  await forgetOthers();
  const engine = new Engine(sdk, tell);
  try {
    await engine.open();
  } catch (error) {
    await engine.stop(); // or the next try finds the store in use
    throw error.failure ?? error;
  }
  return engine;
}

// Stores of others, or of an earlier sign-in, are of no use to anybody. `localStorage` tells ui/app.js what to throw away.
async function forgetOthers() {
  const known = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const own = NAMES.map((name) => `${prefixOf()}::${name}`);
  for (const { name } of known) if (name?.startsWith("meydan-seal/") && !own.includes(name)) indexedDB.deleteDatabase(name);
  try {
    localStorage.setItem("seal", prefixOf());
  } catch {
    // The names can be listed.
  }
}

class Engine {
  constructor(sdk, tell) {
    Object.assign(this, { sdk, tell });
    this.end = new AbortController();
    this.places = new Map();
    this.met = new Set();
    this.paying = new Map(); // what is owed -> whether somebody has asked for it meanwhile
    this.http = new Http(sdk, this.end.signal);
    this.account = new AccountData();
    this.secrets = new Map(); // keys of the secret storage that were typed in, for as long as this page is open
    this.callbacks = {
      getSecretStorageKey: async ({ keys }) => [...this.secrets].find(([id]) => id in keys) ?? null,
      cacheSecretStorageKey: (id, _info, key) => this.secrets.set(id, key),
    };
    this.storage = new sdk.ServerSideSecretStorageImpl(this.account, this.callbacks);
    const deeds = { open: this.unseal, close: this.seal, members: this.membersChanged, hear: this.hear, entered: this.entered, invited: this.invited, ...secretsOf(this), ...verifying(this) };
    this.deeds = Object.fromEntries(Object.entries(deeds).map(([name, deed]) => [name, this.#honest(deed.bind(this))]));
  }

  // What went wrong by the line is told as the line tells it; anything else is a fault, and is not tried again.
  #honest(deed) {
    return async (...given) => {
      try {
        return await deed(...given);
      } catch (error) {
        const known = error.failure ?? (error instanceof Failure ? error : null);
        if (known) throw known;
        if (!this.end.signal.aborted) reportError(error);
        throw new Failure(this.end.signal.aborted ? 0 : 400, "M_SEAL");
      }
    };
  }

  async open() {
    await this.#init();
    if (await this.#isAnothers()) {
      this.crypto.stop();
      await becomeAnother();
      await forgetOthers();
      await this.#init();
    }
    this.kept = (await store.get("meta", "seal").catch(() => null)) ?? {};
    if (this.kept.device !== line.device) this.kept = { name: "seal", device: line.device, since: "", owed: [] };
    await this.#poll(); // keys are up, and what has come is in, before anybody asks
    this.#follow();
    this.payAll();
    this.prepared = prepare(this).catch((error) => error.failure ?? reportError(error));
  }

  async #init() {
    const { sdk } = this;
    this.crypto = await sdk.initRustCrypto({
      logger: quiet,
      http: this.http,
      userId: line.me,
      deviceId: line.device,
      secretStorage: this.storage,
      cryptoCallbacks: this.callbacks,
      storePrefix: prefixOf(),
    });
    this.crypto.setSupportedVerificationMethods(["m.sas.v1"]);
    const { crypto } = this;
    crypto.on("crypto.verificationRequestReceived", (request) => this.requested(request));
    crypto.on("crypto.devicesUpdated", (people) => this.#devicesChanged(people));
    crypto.on("userTrustStatusChanged", (person) => [this.tell("trust", person), person === line.me ? this.payAll() : this.#payTo([person])]);
    crypto.on("crossSigning.keysChanged", () => this.tell("devices"));
    for (const name of ["crypto.keyBackupStatus", "crypto.keyBackupSessionsRemaining"]) crypto.on(name, () => this.tell("devices"));
    crypto.on("crypto.keyBackupDecryptionKeyCached", () => this.restore().catch((error) => error.failure ?? reportError(error)));
  }

  // Whether the gateway has other keys of this device than this store, for that was lost; or has thrown them away, and the
  // store believes that they are there. Nobody could write to it.
  async #isAnothers() {
    const [kept, { device_keys: keys }, own] = await Promise.all([
      store.get("meta", "seal").catch(() => null),
      api("POST", "v3/keys/query", { device_keys: { [line.me]: [line.device] } }),
      this.crypto.getOwnDeviceKeys(),
    ]);
    const there = keys?.[line.me]?.[line.device]?.keys?.[`ed25519:${line.device}`];
    return there ? there !== own.ed25519 : Boolean(kept?.device === line.device && kept.since);
  }

  async stop() {
    this.end.abort();
    await this.following?.catch(() => undefined);
    this.crypto?.stop();
  }

  // --- following

  async #follow() {
    this.following = this.#round();
  }

  async #round() {
    let failures = 0;
    while (!this.end.signal.aborted) {
      try {
        await this.#poll();
        failures = 0;
      } catch (error) {
        if (this.end.signal.aborted || line.state === "signed-out") return;
        if (error.code === "M_UNKNOWN_POS") {
          this.position = "";
          continue;
        }
        if (!(error instanceof Failure)) reportError(error);
        failures += 1;
        await untilOnline(Math.max(error.wait ?? 0, Math.min(60_000, 1000 * 2 ** failures)));
      }
    }
  }

  async #poll() {
    const body = { conn_id: "seal", extensions: { to_device: { enabled: true, limit: MOST, ...(this.kept.since ? { since: this.kept.since } : {}) }, e2ee: { enabled: true } } };
    const query = this.position ? { pos: this.position, timeout: WAIT } : {};
    // A connection that begins is not told whose keys have changed before.
    if (!this.position) await this.crypto.markAllTrackedUsersAsDirty();
    const said = await api("POST", "unstable/org.matrix.simplified_msc3575/sync", body, { query, signal: this.end.signal, wait: 2 * WAIT });
    await this.#take(said.extensions ?? {});
    this.position = said.pos;
  }

  async #take({ to_device: messages = {}, e2ee = {} }) {
    await this.#process(messages.events ?? [], e2ee);
    await this.crypto.onSyncCompleted({});
    if (!messages.next_batch || messages.next_batch === this.kept.since) return;
    this.kept.since = messages.next_batch; // said the next time: only then the gateway throws them away
    await this.keep();
  }

  #process(events, { device_lists: lists, device_one_time_keys_count: counts, device_unused_fallback_key_types: unused }) {
    return this.crypto.processSyncChanges({ toDeviceEvents: events, deviceLists: lists, oneTimeKeysCounts: counts, unusedFallbackKeys: unused, useMsc4186: true });
  }

  keep() {
    return store.put("meta", this.kept).catch(() => undefined);
  }

  // Another device has given the key of the backup: everything that lies there.
  restore() {
    this.restoring ??= this.crypto.restoreKeyBackup().finally(() => {
      this.restoring = null;
      this.tell("devices");
      this.tell("state");
    });
    return this.restoring;
  }

  // --- rooms

  async place(id) {
    let place = this.places.get(id);
    if (!place) {
      place = new Place(id, await api("GET", at(id, "/state/m.room.encryption/")));
      await this.crypto.onCryptoEvent(place, { getContent: () => place.config });
      this.places.set(id, place);
    }
    return place;
  }

  // Know the devices of all who are in a room: a key is shared with them, as before one writes.
  async ready(room) {
    const place = await this.place(room);
    await place.look();
    await this.crypto.roomEncryptors[room].prepareForEncryption(false, this.crypto.deviceIsolationMode);
    return place;
  }

  async membersChanged(id) {
    this.places.get(id)?.forget();
  }

  // The content of an event of type m.room.encrypted.
  async seal(room, type, content) {
    await this.prepared;
    const place = await this.ready(room);
    await this.#owe(room, place);
    const event = new SealedEvent(room, { type, content, sender: line.me, event_id: "~", origin_server_ts: Date.now() });
    await this.crypto.encryptEvent(event, place);
    return event.getWireContent();
  }

  // Events by their id: {type, content, shield}, or {shut: why}; `edit`: what a bundled change says.
  async unseal(room, events) {
    const found = {};
    for (let from = 0; from < events.length; from += ROUND) {
      await Promise.all(events.slice(from, from + ROUND).map(async (event) => {
        const opened = event.type === "m.room.encrypted" && !event.unsigned?.redacted_because ? await this.#unseal(room, event) : null;
        const bundled = event.unsigned?.["m.relations"]?.["m.replace"];
        const edit = bundled?.type === "m.room.encrypted" ? await this.#unseal(room, bundled) : null;
        if (opened || edit) found[event.event_id] = { ...(opened ?? { type: event.type, content: event.content }), ...(edit && !edit.shut ? { edit: { type: edit.type, content: edit.content } } : {}) };
      }));
    }
    return found;
  }

  async #unseal(room, wire) {
    const event = new SealedEvent(room, wire);
    await event.attemptDecryption(this.crypto);
    const opened = await this.#opened(event, wire);
    if (opened.shut === "HISTORICAL_MESSAGE_WORKING_BACKUP") this.#lookLater();
    if (event.fault) throw event.fault;
    event.news = async () => {
      const now = await this.#opened(event, wire);
      if (!now.shut) this.tell("opened", { room, id: wire.event_id, opened: now });
    };
    return opened;
  }

  // Another device puts its keys into the backup some seconds after it has got them.
  #lookLater() {
    if (this.looking || this.looked === LOOKS) return;
    this.looked = (this.looked ?? 0) + 1;
    this.looking = setTimeout(() => {
      this.looking = 0;
      if (!this.end.signal.aborted) this.tell("state");
    }, LOOK);
  }

  async #opened(event, wire) {
    if (!event.clear) return { shut: event.failure || "UNKNOWN_ERROR" };
    const relates = wire.content?.["m.relates_to"];
    const content = { ...event.getClearContent(), ...(relates ? { "m.relates_to": relates } : {}) };
    const info = await this.crypto.getEncryptionInfoForEvent(event).catch(() => null);
    if (OF_DEVICE.has(info?.shieldReason)) this.#meet(event.getRoomId(), wire.sender).catch(() => undefined);
    return { type: event.getType(), content, shield: info?.shieldColour ? (info.shieldReason ?? 0) : undefined };
  }

  // Whoever has only read so far knows a sender's device by what came with its key, which may be older than its person's
  // signature: their devices are asked for, and followed; then it is weighed anew (desk.js).
  async #meet(room, person) {
    if (this.met.has(person)) return;
    this.met.add(person);
    await this.place(room);
    this.crypto.roomEncryptors[room].onRoomMembership({ userId: person, membership: "join" });
    await pause(NOTED);
    await this.crypto.onSyncCompleted({});
  }

  // An event of the room that a verification may wait for.
  async hear(room, wire) {
    await this.crypto.onLiveEventFromSync(new SealedEvent(room, wire));
  }

  // --- who has entered without a key

  // Somebody who is invited may never have opened their messenger: no device of theirs was there to be given the key. It is
  // owed, and given once they have one (MSC4268).
  async #owe(room, place) {
    const people = place.people.filter((person) => person !== line.me && !this.kept.owed.some((one) => one.room === room && one.person === person));
    const devices = await this.crypto.getUserDeviceInfo(people);
    const bare = people.filter((person) => !devices.get(person)?.size);
    if (!bare.length) return;
    await this.#write(bare.map((person) => ({ room, person })));
    this.#payTo(bare); // they may have got a device before it was written down, and nobody says so again
  }

  #write(more) {
    this.kept.owed = [...this.kept.owed, ...more].slice(-MOST_OWED);
    return this.keep();
  }

  // Whoever is invited may read what was written before, where the conversation says so; from here, for they are invited
  // from here. How it stands with that: "given", "unconfirmed" (this device is not known as its person's, so nobody would
  // believe it), "later" (they have no device yet), or "" where nobody reads what was before them.
  async invited(room, person) {
    await this.prepared;
    const place = await this.place(room);
    place.forget();
    await place.look();
    if (!place.shouldEncryptForInvitedMembers()) return "";
    const one = this.kept.owed.find((known) => known.room === room && known.person === person) ?? { room, person };
    if (!this.kept.owed.includes(one)) await this.#write([one]);
    await this.#meet(room, person);
    if (!(await this.#isConfirmed())) return "unconfirmed";
    const isOwed = () => this.kept.owed.includes(one);
    const has = (await this.crypto.getUserDeviceInfo([person], true)).get(person)?.size;
    for (let tries = 0; has && isOwed() && tries < TRIES; tries += 1) {
      await this.#pay(one).catch((error) => error.failure ?? reportError(error));
      if (isOwed()) await pause(AGAIN);
    }
    return isOwed() ? "later" : "given";
  }

  async #isConfirmed() {
    return Boolean((await this.crypto.getDeviceVerificationStatus(line.me, line.device))?.crossSigningVerified);
  }

  async #devicesChanged(people) {
    this.tell("devices", people);
    await (people.includes(line.me) ? this.payAll() : this.#payTo(people)); // now this device may be a confirmed one
  }

  // What is owed is given, as far as it can be.
  payAll() {
    return this.#payTo(this.kept?.owed.map((one) => one.person) ?? []);
  }

  async #payTo(people) {
    for (const one of this.kept?.owed.filter(({ person }) => people.includes(person)) ?? []) await this.#pay(one).catch(() => undefined);
  }

  // Who asks meanwhile may know more than what was looked at (a device that is signed by now): it is looked at once more.
  async #pay(one) {
    if (this.paying.has(one)) return void this.paying.set(one, true);
    try {
      do {
        this.paying.set(one, false);
        await this.#give(one);
      } while (this.paying.get(one) && this.kept.owed.includes(one));
    } finally {
      this.paying.delete(one);
    }
  }

  async #give(one) {
    const devices = (await this.crypto.getUserDeviceInfo([one.person])).get(one.person) ?? new Map();
    const known = await Promise.all([...devices.keys()].map((device) => this.crypto.getDeviceVerificationStatus(one.person, device)));
    if (!(await this.#isConfirmed()) || !known.some((status) => status?.signedByOwner)) return; // or nobody believes it
    await this.crypto.shareRoomHistoryWithUser(one.room, one.person);
    this.kept.owed = this.kept.owed.filter((other) => other !== one);
    await this.keep();
  }

  // We have entered: the other side of it.
  async entered(room, by) {
    await this.crypto.markRoomAsPendingKeyBundle(room, by);
    await this.crypto.maybeAcceptKeyBundle(room, by);
  }
}
