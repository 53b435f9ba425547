// Films: one is prepared with a picture of it and how long it is, and played where its message stands. The service worker
// fetches it piece by piece, with this page's token; where there is none (yet), it is fetched whole.

import "./more.js";
import { takePass } from "./line.js";
import { localAddress, placeFor, placeOf, posterOf, saveFile, wholeOf } from "./media.js";
import { clean } from "./plain.js";
import { duration, el, hiddenText, icon, say, size } from "./words.js";

const FILMS = /^video\/(mp4|webm|ogg|quicktime)$/;
const EDGE = 640;
const QUALITY = 0.7;
const PATIENCE = 8000; // for a first picture
const LONGEST = 48 * 3_600_000;
const MOST = 5; // players that go on when their message is drawn anew
const playing = new Map(); // key -> video element

navigator.serviceWorker?.addEventListener("message", ({ data, ports }) => {
  if (data !== "film") return;
  takePass().then(
    ({ token, server }) => ports[0].postMessage({ token, server }),
    () => ports[0].postMessage(null),
  );
});

// --- one that is sent

const once = (target, name, ms) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("late")), ms);
    target.addEventListener(name, () => [clearTimeout(late), resolve()], { once: true });
    target.addEventListener("error", () => [clearTimeout(late), reject(new Error("no film"))], { once: true });
  });

// {info, small} of a film: how large and long it is, and a picture of it; {} where the browser cannot open it.
export async function look(file) {
  const address = URL.createObjectURL(file);
  const video = el("video", { muted: true, playsinline: true, preload: "auto" });
  video.muted = true;
  try {
    const opened = once(video, "loadeddata", PATIENCE);
    video.src = address;
    await opened;
    const long = Number.isFinite(video.duration) ? video.duration : 0;
    if (long > 1) {
      const found = once(video, "seeked", PATIENCE);
      video.currentTime = Math.min(long / 10, 3);
      await found;
    }
    const { videoWidth: w, videoHeight: h } = video;
    const info = { ...(w && { w, h }), ...(long && { duration: Math.round(long * 1000) }) };
    const small = w ? await pictureOf(video, w, h) : null;
    return small ? { info: { ...info, thumbnail_info: small.info }, small: small.blob } : { info };
  } catch {
    return { info: {} };
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
}

async function pictureOf(video, width, height) {
  const scale = Math.min(1, EDGE / Math.max(width, height));
  const [w, h] = [width, height].map((one) => Math.max(1, Math.round(one * scale)));
  const canvas = el("canvas", { width: String(w), height: String(h) });
  canvas.getContext("2d").drawImage(video, 0, 0, w, h);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob && { blob, info: { w, h, mimetype: blob.type, size: blob.size } };
}

// --- one that is shown

export function draw(_room, row, content, deeds) {
  const { ratio, width } = placeFor(content.info);
  const going = playing.get(row.key);
  if (going) return resumed(going);
  const long = Number.isFinite(content.info?.duration) && content.info.duration > 0 ? duration(Math.min(content.info.duration, LONGEST)) : "";
  const bytes = Number.isFinite(content.info?.size) ? size(content.info.size) : "";
  const name = clean(content.filename ?? content.body, 100) || say("video");
  const image = el("img", { alt: "", width: String(width), height: String(Math.round(width / ratio)), decoding: "async", hidden: true });
  const facts = [long, bytes].filter(Boolean).join(" · ");
  const button = el("button", { type: "button", class: "chat-picture chat-film" }, image, el("span", { class: "chat-film-play" }, icon("play")), hiddenText(`${say("play")}: ${name} `), el("span", { class: "chat-film-facts" }, facts));
  button.style.inlineSize = `${width}px`;
  button.style.aspectRatio = String(ratio);
  if (content.info?.thumbnail_url || content.info?.thumbnail_file) posterOf(content).then((address) => [(image.src = address), (image.hidden = false)], () => undefined);
  else if (row.entry?.small) image.src = URL.createObjectURL(row.entry.small), (image.hidden = false), image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  button.addEventListener("click", () => play(row, content, button, deeds));
  return button;
}

// Taken out of the page it has stopped, and goes on in its new place.
function resumed(video) {
  const went = !video.paused && !video.ended;
  if (went) requestAnimationFrame(() => video.play().catch(() => undefined));
  return video;
}

async function play(row, content, button, deeds) {
  button.setAttribute("aria-busy", "true");
  const name = clean(content.filename ?? content.body, 100) || "film";
  const video = el("video", { class: "chat-video", controls: true, playsinline: true, "aria-label": name });
  video.style.aspectRatio = button.style.aspectRatio;
  video.style.inlineSize = button.style.inlineSize;
  const fail = () => {
    playing.delete(row.key);
    const save = el("button", { type: "button", class: "chat-link" }, say("download"));
    save.addEventListener("click", () => saveFile(content, name, save));
    (video.isConnected ? video : button).replaceWith(el("div", { role: "alert" }, el("p", { class: "chat-gone" }, icon("circle-alert"), say("notPlayed")), save));
    deeds.grew(row);
  };
  try {
    video.src = await addressOf(row, content);
  } catch {
    return fail();
  }
  video.addEventListener("error", fail, { once: true });
  keep(row.key, video);
  button.replaceWith(video);
  deeds.grew(row);
  video.focus({ preventScroll: true });
  return video.play().catch(() => undefined);
}

function keep(key, video) {
  playing.set(key, video);
  for (const [oldest, other] of playing) {
    if (playing.size <= MOST) break;
    other.pause();
    if (other.src.startsWith("blob:")) URL.revokeObjectURL(other.src);
    playing.delete(oldest);
  }
}

async function addressOf(row, content) {
  if (row.entry?.file) return localAddress(row.entry);
  const place = content.file ? "" : placeOf(content);
  if (place && navigator.serviceWorker?.controller) return `${location.pathname}film/${place}`;
  return URL.createObjectURL(await wholeOf(content, FILMS));
}
