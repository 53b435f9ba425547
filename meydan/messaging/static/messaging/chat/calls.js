// Calls on this page: one at a time, what rings, and the panel that shows it. Loaded when a call begins or comes in.

import "./more.js";
import { Call, LIFETIME } from "./call.js";
import { close, open } from "./crypto.js";
import { api, line, pause, room as at } from "./line.js";
import * as model from "./model.js";
import { Ring } from "./ring.js";
import { face } from "./rooms.js";
import { isolate, mark } from "./plain.js";
import { announce, duration, el, icon, say, tool } from "./words.js";

const SLOW = new Set(["slow-2g", "2g"]);
const SLOW_ANSWER = 1500; // milliseconds: an answer of the gateway that takes so long came by a slow line
const SLOW_DOWN = 0.25; // Mbit/s
const TRIES = 4;
const LINGER = 4000; // the panel of a call that has ended says why for so long
const RELAYED = "call-relayed";
const PLACE = "m.call.invite";

const home = document.querySelector("[data-chat]");
const sheet = new Promise((resolve) => {
  document.head.append(el("link", { rel: "stylesheet", href: home.dataset.callSheet, onload: resolve, onerror: resolve }));
});

let current = null; // {call, panel}
const over = new Set(); // calls that ended before their invitation was seen

// --- the line

let known = null; // {servers, until}
let wait = 0;

async function relays() {
  if (known && known.until > Date.now()) return known.servers;
  const asked = performance.now();
  try {
    const said = await api("GET", "v3/voip/turnServer", undefined, { wait: 8000 });
    wait = performance.now() - asked;
    const servers = said.uris?.length ? [{ urls: said.uris, username: said.username, credential: said.password }] : [];
    known = { servers, until: Date.now() + Math.min(3600, said.ttl ?? 600) * 500 };
    return servers;
  } catch {
    return []; // where the devices see each other it works without
  }
}

function isSlow() {
  const connection = navigator.connection ?? {};
  return SLOW.has(connection.effectiveType) || connection.saveData === true || connection.downlink < SLOW_DOWN || wait > SLOW_ANSWER;
}

const isRelayed = () => {
  try {
    return localStorage.getItem(RELAYED) === "on";
  } catch {
    return false;
  }
};

function rememberRelayed(on) {
  try {
    if (on) localStorage.setItem(RELAYED, "on");
    else localStorage.removeItem(RELAYED);
  } catch {
    // For this call alone.
  }
}

// Signalling does not wait in the outbox: an invitation that arrives an hour later calls nobody.
const signalIn = (room) => async (type, content) => {
  const [kind, said] = await close(room, type, content);
  const address = at(room, `/send/${kind}/${crypto.randomUUID()}`);
  for (let tries = 1; ; tries += 1) {
    try {
      return await api("PUT", address, said, { wait: 15_000 });
    } catch (error) {
      if (!error.passes || tries >= TRIES) throw error;
      await pause(Math.max(error.wait, 400 * 2 ** tries));
    }
  }
};

async function make(room, id, video, invite) {
  await Promise.all([relays(), sheet]);
  return new Call({ id, room, party: line.device, signal: signalIn(room), relays, video, slow: isSlow(), relayed: isRelayed(), invite });
}

// --- from here

export async function start(room, video) {
  if (current && current.call.state !== "ended") return current.panel.enlarge();
  const call = await make(room, crypto.randomUUID().replaceAll("-", ""), video, null);
  take(call);
  await call.begin();
  return undefined;
}

function take(call) {
  current?.panel.close();
  current = { call, panel: new Panel(call) };
}

// --- from there

// An event `m.call.*` that has come by the sync.
export async function hear({ room, event }) {
  const { content = {}, sender } = event;
  const id = content.call_id;
  if (typeof id !== "string" || id.length > 255) return;
  const own = sender === line.me;
  if (own && content.party_id === line.device) return;
  if (current?.call.id === id && current.call.room === room) return void (await current.call.take(event, own));
  if (event.type === PLACE) {
    if (!own) await ring(room, event);
  } else if (event.type === "m.call.hangup" || (own && event.type !== "m.call.candidates")) remember(id);
  else if (event.type === "m.call.candidates" && !own) await findInvitation(room, id);
}

function remember(id) {
  over.add(id);
  if (over.size > 200) over.delete(over.values().next().value);
}

const left = (event) => Math.min(LIFETIME, Number(event.content.lifetime) || LIFETIME) - (event.unsigned?.age ?? Date.now() - event.origin_server_ts);

async function ring(room, event) {
  const { content, sender } = event;
  const place = model.rooms.get(room);
  const isForMe = content.invitee ? content.invitee === line.me : place?.joined === 2;
  if (!isForMe || over.has(content.call_id) || typeof content.offer?.sdp !== "string" || left(event) < 1000) return;
  const busy = current && current.call.state !== "ended";
  if (busy && !yields(current.call, room, content)) {
    if (current.call.room !== room) signalIn(room)("m.call.hangup", { call_id: content.call_id, party_id: line.device, version: "1", reason: "user_busy" }).catch(() => undefined);
    return;
  }
  const glare = busy;
  if (glare) current.call.hangUp("replaced");
  const video = /^m=video [1-9]/mu.test(content.offer.sdp) && !/^m=video[^]*?a=(?:recvonly|inactive)/mu.test(content.offer.sdp);
  const call = await make(room, content.call_id, video, event);
  if (over.has(call.id)) return;
  take(call);
  setTimeout(() => call.silence("invite_timeout"), left(event));
  if (glare) await call.accept(video);
  else announce(say("callsYou", { name: current.panel.name }));
}

// Two who call each other at the same moment: the smaller number stands, and is answered by itself.
const yields = (call, room, content) => call.room === room && call.state === "inviting" && content.call_id < call.id;

// The list tells a room's newest event alone: the invitation stands just before.
const looked = new Set();
async function findInvitation(room, id) {
  if (looked.has(id) || over.has(id)) return;
  looked.add(id);
  const said = await api("GET", at(room, "/messages"), undefined, { query: { dir: "b", limit: 20 } }).catch(() => ({ chunk: [] }));
  said.chunk = await open(room, said.chunk);
  const invitation = said.chunk.find((event) => event.type === PLACE && event.content?.call_id === id);
  if (!invitation || said.chunk.some((event) => event.type === "m.call.hangup" && event.content?.call_id === id)) return;
  await hear({ room, event: invitation });
  for (const event of said.chunk.reverse()) if (event.type !== PLACE && event.content?.call_id === id) await hear({ room, event });
}

// --- what is seen and heard of it

const REASONS = {
  invite_timeout: "noAnswer",
  user_hangup: "callOver",
  rejected: "callRefused",
  user_busy: "callBusy",
  elsewhere: "callElsewhere",
  user_media_failed: "needsMicrophone",
  ice_failed: "noWay",
  replaced: "callOver",
};

class Panel {
  constructor(call) {
    this.call = call;
    this.room = model.rooms.get(call.room);
    this.name = this.room ? model.nameOf(this.room) : "";
    this.ring = new Ring(call.outgoing);
    this.before = document.activeElement;
    this.status = el("p", { class: "call-status", role: "status" });
    this.clock = el("p", { class: "call-clock", role: "timer", "aria-live": "off" });
    this.theirs = el("video", { class: "call-theirs", autoplay: true, playsinline: true, "aria-label": say("pictureOf", { name: this.name }) });
    this.own = el("video", { class: "call-own", autoplay: true, playsinline: true, "aria-label": say("ownPicture") });
    this.own.muted = true;
    this.theirs.srcObject = call.remote;
    this.deeds = el("div", { class: "call-deeds" });
    this.way = el("div", { class: "call-way" });
    const title = el("h2", { id: "call-name" }, isolate(this.name || say("noName")), this.room && model.isOfficial(this.room) && mark());
    const head = el("header", { class: "call-head" }, tool("minimize-2", say("makeSmall"), () => this.enlarge(false), { class: "chat-tool call-small" }), tool("maximize-2", say("makeLarge"), () => this.enlarge(), { class: "chat-tool call-large" }));
    const who = el("div", { class: "call-who" }, this.room && face(this.room), title, this.status, this.clock);
    this.element = el("section", { class: "call", role: "dialog", "aria-labelledby": "call-name", tabindex: "-1" }, this.theirs, head, who, this.own, this.way, this.deeds);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.enlarge(false));
    home.append(this.element);
    this.onChange = () => this.draw();
    call.addEventListener("change", this.onChange);
    this.ticking = setInterval(() => this.tick(), 1000);
    this.draw();
    this.element.focus({ preventScroll: true });
  }

  enlarge(large = true) {
    this.element.classList.toggle("small", !large);
    if (large) this.element.focus({ preventScroll: true });
    else this.before?.focus?.({ preventScroll: true });
  }

  tick() {
    const { since, state } = this.call;
    this.clock.textContent = since && state !== "ended" ? duration(Date.now() - since) : "";
  }

  draw() {
    const { call } = this;
    this.ring.play(call.state === "ringing" || call.state === "inviting");
    const seen = call.remote.getVideoTracks().some((track) => !track.muted && track.readyState === "live") && !call.theirs.video_muted;
    this.element.classList.toggle("seen", seen);
    this.element.dataset.state = call.state;
    if (this.theirs.srcObject !== call.remote) this.theirs.srcObject = call.remote;
    if (this.own.srcObject !== (call.camera ? call.media : null)) this.own.srcObject = call.camera ? call.media : null;
    this.own.hidden = !call.camera || call.state === "ended";
    this.say(this.words());
    this.tick();
    this.drawWay();
    this.drawDeeds();
    if (call.state === "ended") this.end();
  }

  say(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  words() {
    const { call, name } = this;
    if (call.state === "ringing") return say(call.wants.video ? "callsYouVideo" : "callsYou", { name });
    if (call.state === "inviting") return say(call.invited ? "calling" : "callPrepares");
    if (call.state === "connecting") return say("callConnects");
    if (call.state === "broken") return say("callBroken");
    if (call.state === "ended") return this.why();
    if (call.paused) return say("voiceOnly");
    if (call.poor) return say("weakLine");
    if (call.theirs.audio_muted) return say("theyMuted", { name });
    return say(call.noCamera ? "noCamera" : "callLive");
  }

  why() {
    const { call, name } = this;
    if (call.reason === "ice_failed" && !known?.servers.length) return say("noRelay");
    return say(REASONS[call.reason] ?? "callFailed", { name });
  }

  // Which way the voice goes, and whether the other device learns this one's address.
  drawWay() {
    const { call } = this;
    const shows = call.state === "live" && call.path;
    const stamp = [shows, call.path, call.relayed].join();
    if (this.wayStamp === stamp) return;
    this.wayStamp = stamp;
    this.way.replaceChildren();
    if (!shows) return;
    const flip = async () => {
      rememberRelayed(!call.relayed);
      await call.goBy(!call.relayed);
    };
    const hides = known?.servers.length > 0 && el("button", { type: "button", class: "chat-link", "aria-pressed": String(call.relayed), onclick: flip }, say("hideAddress"));
    this.way.append(el("p", {}, icon("lock"), say(call.path === "relay" ? "wayRelay" : "wayDirect")), ...(hides ? [hides] : []));
  }

  drawDeeds() {
    const { call } = this;
    const stamp = [call.state, call.muted, Boolean(call.camera), call.wants.video, Boolean(call.media)].join();
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    const held = [...this.deeds.children].indexOf(document.activeElement);
    this.deeds.replaceChildren(...this.buttons());
    if (held >= 0) (this.deeds.children[Math.min(held, this.deeds.children.length - 1)] ?? this.element).focus({ preventScroll: true });
  }

  buttons() {
    const { call } = this;
    const round = (name, words, press, kind, more = {}) => el("button", { type: "button", class: `call-deed ${kind}`, onclick: press, ...more }, el("span", { class: "call-round" }, icon(name)), el("span", {}, words));
    if (call.state === "ended") return [];
    if (call.state === "ringing") {
      const voice = round("phone", say("answerCall"), () => call.accept(false), "good");
      const video = round("video", say("answerVideo"), () => call.accept(true), "good");
      return [round("phone-off", say("refuseCall"), () => call.reject(), "bad"), ...(call.wants.video ? [voice, video] : [voice])];
    }
    const made = [round("phone-off", say("hangUp"), () => call.hangUp(), "bad")];
    if (!call.media) return made;
    made.unshift(round(call.muted ? "mic-off" : "mic", say("microphone"), () => call.mute(!call.muted), call.muted ? "off" : "", { "aria-pressed": String(!call.muted) }));
    if (call.since) made.unshift(round(call.camera ? "video" : "video-off", say("camera"), () => this.flipCamera(), call.camera ? "" : "off", { "aria-pressed": String(Boolean(call.camera)) }));
    if (call.since && call.camera && matchMedia("(pointer: coarse)").matches) made.unshift(round("switch-camera", say("otherCamera"), () => call.turnCamera().catch(() => this.say(say("noCamera"))), ""));
    return made;
  }

  flipCamera() {
    const { call } = this;
    call.show(!call.camera).catch(() => this.say(say("noCamera")));
  }

  end() {
    if (this.ended) return;
    this.ended = true;
    this.ring.play(false);
    clearInterval(this.ticking);
    remember(this.call.id);
    const silent = this.call.reason === "replaced" || this.call.reason === "elsewhere";
    setTimeout(() => this.close(), silent ? 0 : LINGER);
  }

  close() {
    this.call.removeEventListener("change", this.onChange);
    clearInterval(this.ticking);
    this.ring.play(false);
    const held = this.element.contains(document.activeElement);
    this.element.remove();
    if (held) this.before?.focus?.({ preventScroll: true });
    if (current?.panel === this) current = null;
  }
}

// A page that goes takes its call with it; the other side learns it at once, not after half a minute.
addEventListener("pagehide", () => current?.call.hangUp());
