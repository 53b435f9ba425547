// Voice messages and other sound (MSC3245, MSC1767). One plays at a time, and goes on when its message is drawn anew or
// scrolled out of sight. What a message says of its length and its waveform is bounded, and believed for nothing else.

import "./more.js";
import { saveFile, wholeOf } from "./media.js";
import { clean, isolate } from "./plain.js";
import { duration, el, hiddenText, icon, number, say, size } from "./words.js";

export const BARS = 40;
const LOOKED_AT = 32; // of the values that one bar stands for
const LOUDEST = 1024;
const LONGEST = 24 * 3_600_000;
const SPEEDS = [1, 1.5, 2];
const SPEED = "voice-speed";
const STEP = 5000;
const SOUNDS = /^audio\/(ogg|webm|mp4|mpeg|aac|wav|wave|x-wav|flac|x-flac)$/;

const sound = new Audio();
let current = null; // {key, long, address}: what plays, or has stopped
const faces = new Map(); // key -> draws its state into the newest element of it

const refresh = (key) => faces.get(key)?.();
for (const name of ["timeupdate", "play", "pause", "seeked", "ended"]) sound.addEventListener(name, () => current && refresh(current.key));

export const isVoice = (content) => Boolean(content["org.matrix.msc3245.voice"] ?? content["m.voice"]);
const audioOf = (content) => content["org.matrix.msc1767.audio"] ?? content["m.audio"] ?? {};

// How long it says it is, in milliseconds.
export function longOf(content) {
  const said = [audioOf(content).duration, content.info?.duration].find((one) => Number.isFinite(one) && one > 0);
  return said ? Math.min(said, LONGEST) : 0;
}

// So many heights from 0 to 1, whatever and however much is said.
export function levelsOf(waveform, bars = BARS) {
  if (!Array.isArray(waveform) || !waveform.length) return null;
  return Array.from({ length: bars }, (_none, bar) => {
    const from = Math.floor((bar * waveform.length) / bars);
    const until = Math.max(from + 1, Math.floor(((bar + 1) * waveform.length) / bars));
    const step = Math.max(1, Math.floor((until - from) / LOOKED_AT));
    let loudest = 0;
    for (let place = from; place < until; place += step) {
      const value = waveform[place];
      if (Number.isFinite(value)) loudest = Math.max(loudest, value);
    }
    return Math.min(1, loudest / LOUDEST);
  });
}

export function draw(_room, row, content, deeds) {
  const voice = isVoice(content);
  const name = voice ? "" : clean(content.filename ?? content.body, 100);
  const source = () => (row.entry?.file ? Promise.resolve(row.entry.file) : wholeOf(content, SOUNDS));
  const made = player(row.key, { long: longOf(content), levels: levelsOf(audioOf(content).waveform), label: say(voice ? "voice" : "sound") }, source, () => deeds.grew(row));
  if (voice) return made;
  const bytes = Number.isFinite(content.info?.size) ? size(content.info.size) : "";
  const save = el("button", { type: "button", class: "chat-link voice-name", disabled: Boolean(row.entry), title: say("download") }, isolate(name || say("sound")), el("small", {}, bytes));
  save.addEventListener("click", () => saveFile(content, name || "sound", save));
  return el("div", {}, made, save);
}

// {long, levels, label}: milliseconds, heights, what it is. `source()`: a Promise of its Blob.
export function player(key, { long, levels, label }, source, grew = () => undefined) {
  const bars = (levels ?? Array(BARS).fill(0)).map((level) => {
    const bar = el("span");
    bar.style.blockSize = `${Math.round(12 + 88 * level)}%`;
    return bar;
  });
  const seek = el("input", { type: "range", class: "voice-seek", min: "0", max: String(Math.max(1, long)), step: "100", value: "0", "aria-label": say("position") });
  const press = el("button", { type: "button", class: "chat-tool voice-play" });
  const time = el("span", { class: "voice-time" });
  const speed = el("button", { type: "button", class: "voice-speed" });
  const element = el("div", { class: "voice", role: "group", "aria-label": `${label} ${long ? duration(long) : ""}` }, press, el("div", { class: "voice-line" }, el("div", { class: "voice-bars", "aria-hidden": "true" }, ...bars), seek), time, speed);
  const isMine = () => current?.key === key;
  let shape = "";

  const show = () => {
    const whole = (isMine() && Number.isFinite(sound.duration) && sound.duration > 0 ? sound.duration * 1000 : 0) || long;
    const at = isMine() ? Math.min(sound.currentTime * 1000, whole || Infinity) : 0;
    const plays = isMine() && !sound.paused;
    if (shape !== String(plays)) press.replaceChildren(icon(plays ? "pause" : "play"), hiddenText(`${say(plays ? "pause" : "play")}: ${label}`));
    shape = String(plays);
    bars.forEach((bar, place) => bar.classList.toggle("on", whole > 0 && at / whole > place / bars.length));
    if (whole) seek.max = String(Math.round(whole));
    if (document.activeElement !== seek || plays) seek.value = String(Math.round(at));
    seek.setAttribute("aria-valuetext", say("timeOf", { now: duration(at), all: duration(whole) }));
    time.textContent = duration(at > 0 ? at : whole);
    speed.replaceChildren(el("span", { "aria-hidden": "true" }, `${number(rate())}×`), hiddenText(say("speed", { speed: number(rate()) })));
  };

  const attempt = async (deed) => {
    press.setAttribute("aria-busy", "true");
    try {
      await take(key, source);
      await deed();
    } catch (error) {
      if (error.name !== "AbortError") fail();
    }
    press.removeAttribute("aria-busy");
    show();
  };
  const fail = () => {
    if (element.querySelector("[role=alert]")) return;
    element.append(el("p", { class: "chat-gone voice-fault", role: "alert" }, icon("circle-alert"), say("notPlayed")));
    grew();
  };
  const leap = (to) => attempt(() => (sound.currentTime = Math.max(0, to) / 1000));

  press.addEventListener("click", () => (isMine() && !sound.paused ? sound.pause() : attempt(() => sound.play())));
  seek.addEventListener("change", () => leap(Number(seek.value)));
  seek.addEventListener("input", () => isMine() && leap(Number(seek.value)));
  seek.addEventListener("keydown", (event) => {
    const forward = getComputedStyle(element).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key === " ") [event.preventDefault(), press.click()];
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      event.stopPropagation();
      leap(Number(seek.value) + (event.key === forward ? STEP : -STEP));
    }
  });
  speed.addEventListener("click", () => {
    turnTo(SPEEDS[(SPEEDS.indexOf(rate()) + 1) % SPEEDS.length]);
    for (const face of faces.values()) face();
  });
  faces.delete(key);
  faces.set(key, show);
  for (const oldest of faces.keys()) {
    if (faces.size <= 300) break;
    faces.delete(oldest);
  }
  show();
  return element;
}

let wanted = "";
// Have this one at hand; another one stops.
async function take(key, source) {
  wanted = key;
  if (current?.key === key) return;
  const blob = await source();
  if (wanted !== key) throw new DOMException("another one was pressed", "AbortError");
  stop();
  const address = URL.createObjectURL(blob);
  current = { key, address };
  sound.src = address;
  sound.playbackRate = rate();
  sound.preservesPitch = true;
}

export function stop() {
  const { key, address } = current ?? {};
  sound.pause();
  current = null;
  if (!key) return;
  URL.revokeObjectURL(address);
  refresh(key);
}

let chosen = 0;
function rate() {
  try {
    chosen ||= Number(localStorage.getItem(SPEED));
  } catch {
    // Nothing is kept here.
  }
  return SPEEDS.includes(chosen) ? chosen : 1;
}

function turnTo(speed) {
  chosen = speed;
  sound.playbackRate = speed;
  try {
    localStorage.setItem(SPEED, String(speed));
  } catch {
    // As above.
  }
}
