// Recording a voice message: pressed once it goes on by itself, held it is sent when the finger is lifted. What was
// recorded can be heard before it is sent, and stays with its room when that is left.

import "./more.js";
import { levelsOf, player, stop } from "./voice.js";
import { announce, duration, el, hiddenText, icon, say, tool } from "./words.js";

const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4", ""];
const BITS = 24_000; // a second
const TICK = 100; // milliseconds between two looks at how loud it is
const WAVEFORM = 60; // values that are sent
const LOUDEST = 1024;
const SHORTEST = 700; // what is shorter was a slip of the finger
const LONGEST = 30 * 60_000;
const AWAY = 90; // pixels that a held finger slides to discard
const LIVE = 32; // bars that are seen while one speaks
const left = new Map(); // room -> what was recorded and not sent

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

class Take {
  async begin() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    if (this.over) return this.release();
    const mimeType = KINDS.find((kind) => !kind || MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(this.stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: BITS });
    this.pieces = [];
    this.levels = [];
    this.milliseconds = 0;
    this.recorder.ondataavailable = ({ data }) => data.size && this.pieces.push(data);
    this.ended = new Promise((resolve) => (this.recorder.onstop = resolve));
    this.listen();
    this.recorder.start(1000);
    this.since = performance.now();
    return undefined;
  }

  listen() {
    this.context = new AudioContext();
    this.context.resume().catch(() => undefined);
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.ticking = setInterval(() => {
      if (this.recorder.state !== "recording") return;
      analyser.getFloatTimeDomainData(samples);
      this.levels.push(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
      this.onTick?.();
    }, TICK);
  }

  get long() {
    return this.milliseconds + (this.since ? performance.now() - this.since : 0);
  }

  get rests() {
    return this.recorder?.state === "paused";
  }

  rest() {
    this.milliseconds = this.long;
    this.since = 0;
    this.recorder.pause();
  }

  goOn() {
    this.recorder.resume();
    this.since = performance.now();
  }

  async end() {
    if (this.blob) return;
    this.milliseconds = this.long;
    this.since = 0;
    if (this.recorder.state !== "inactive") this.recorder.stop();
    await this.ended;
    this.release();
    this.blob = new Blob(this.pieces, { type: (this.recorder.mimeType || "audio/ogg").split(";")[0] });
  }

  release() {
    this.over = true;
    clearInterval(this.ticking);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.context?.close().catch(() => undefined);
  }

  drop() {
    if (this.recorder && this.recorder.state !== "inactive") this.recorder.stop();
    this.release();
  }

  // So many whole numbers up to 1024, the loudest of which is that.
  get waveform() {
    const most = Math.max(0.01, ...this.levels);
    const spread = levelsOf(this.levels.map((one) => (one / most) * LOUDEST), WAVEFORM) ?? [];
    return spread.map((level) => Math.round(level * LOUDEST));
  }

  get content() {
    const long = Math.round(this.milliseconds);
    const words = say("voice");
    return {
      msgtype: "m.audio",
      body: words,
      info: { duration: long, mimetype: this.blob.type, size: this.blob.size },
      "org.matrix.msc1767.text": words,
      "org.matrix.msc1767.audio": { duration: long, waveform: this.waveform },
      "org.matrix.msc3245.voice": {},
    };
  }
}

// `host`: {key, show(bar), hide(), give(type, content, parts), complain(words)}, the place where one writes.
export function recording(host) {
  let take = null;
  let press = null; // {pointer, x, at} while it is held

  async function begin(event) {
    if (take) return;
    const mine = new Take();
    take = mine;
    if (event?.pointerType === "touch") hold(event);
    try {
      await mine.begin();
    } catch {
      letGo();
      take = null;
      host.complain(say("noMicrophone"));
      return;
    }
    if (take !== mine || mine.over) return;
    host.complain("");
    showLive();
    announce(say("recording"));
  }

  // --- held by a finger

  function hold({ pointerId: pointer, clientX: x }) {
    press = { pointer, x, at: performance.now(), end: new AbortController() };
    const { signal } = press.end;
    addEventListener("pointermove", (event) => event.pointerId === press?.pointer && Math.abs(event.clientX - press.x) > AWAY && discard(), { signal });
    addEventListener("pointerup", (event) => event.pointerId === press?.pointer && lift(), { signal });
    addEventListener("pointercancel", (event) => event.pointerId === press?.pointer && letGo(), { signal });
  }

  function letGo() {
    press?.end.abort();
    press = null;
  }

  function lift() {
    const held = performance.now() - press.at;
    letGo();
    if (held > SHORTEST && take?.recorder) send();
  }

  // --- what is seen

  function showLive() {
    const mine = take;
    const bars = el("div", { class: "voice-bars live", "aria-hidden": "true" });
    const time = el("span", { class: "voice-time", role: "timer" }, duration(0));
    const pausing = tool("pause", say("recordPause"), () => [mine.rests ? mine.goOn() : mine.rest(), turn()]);
    const turn = () => {
      pausing.replaceChildren(icon(mine.rests ? "mic" : "pause"), hiddenText(say(mine.rests ? "recordOn" : "recordPause")));
      pausing.title = say(mine.rests ? "recordOn" : "recordPause");
      bar.classList.toggle("rests", mine.rests);
    };
    mine.onTick = () => {
      time.textContent = duration(mine.long);
      const one = el("span");
      one.style.blockSize = `${Math.round(12 + 88 * Math.min(1, mine.levels.at(-1) * 4))}%`;
      bars.append(one);
      if (bars.children.length > LIVE) bars.firstElementChild.remove();
      if (mine.long > LONGEST) listen();
    };
    const bar = el("div", { class: "voice-recording", role: "group", "aria-label": say("recording") }, tool("trash-2", say("recordDrop"), discard), el("span", { class: "voice-dot", "aria-hidden": "true" }), time, bars, pausing, tool("play", say("recordListen"), listen), tool("send", say("recordSend"), send, { class: "chat-tool chat-send" }));
    show(bar, pausing);
  }

  async function listen() {
    const mine = take;
    await mine.end();
    if (take !== mine) return;
    if (mine.milliseconds < SHORTEST) return void discard();
    const heard = player(`take-${host.key}`, { long: mine.milliseconds, levels: levelsOf(mine.waveform), label: say("voice") }, () => Promise.resolve(mine.blob));
    const bar = el("div", { class: "voice-recording", role: "group", "aria-label": say("voice") }, tool("trash-2", say("recordDrop"), discard), heard, tool("send", say("recordSend"), send, { class: "chat-tool chat-send" }));
    show(bar, heard.querySelector("button"));
  }

  function show(bar, first) {
    bar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      discard();
    });
    host.show(bar);
    first.focus({ preventScroll: true });
  }

  // --- what becomes of it

  async function send() {
    const mine = take;
    if (!mine?.recorder) return;
    letGo();
    await mine.end();
    if (take !== mine) return;
    if (mine.milliseconds < SHORTEST) return void discard();
    stop();
    try {
      await host.give("m.room.message", mine.content, { file: mine.blob });
    } catch (error) {
      host.complain(error.message);
      return void listen();
    }
    done();
  }

  function discard() {
    letGo();
    take?.drop();
    stop();
    done();
  }

  function done() {
    take = null;
    left.delete(host.key);
    host.hide();
  }

  // The room is left: what was said so far stays there until one comes back.
  async function leave() {
    letGo();
    const mine = take;
    take = null;
    if (!mine) return;
    stop();
    if (!mine.recorder) return mine.drop();
    await mine.end();
    if (mine.milliseconds >= SHORTEST) left.set(host.key, mine);
  }

  if (left.has(host.key)) {
    take = left.get(host.key);
    listen();
  }
  return { begin, leave };
}

export const isLeft = (key) => left.has(key);
