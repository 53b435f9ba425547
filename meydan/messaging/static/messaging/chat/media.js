// Pictures and files of messages. They are fetched with the token, and shown by an address of this page's own (`blob:`).
// Pictures are always those that the gateway has made small: a file of any size or shape is decoded there, bounded, and
// comes as a JPEG. What a message says of itself (type, size) is believed for nothing but the place that is kept for it.

import "./more.js";
import { ask, pathOf } from "./line.js";
import { clean } from "./plain.js";
import { el, icon, say, tool } from "./words.js";

const MOST = 60; // pictures that are held
const WIDTH = 480;
const LARGE = 1600;
const held = new Map(); // address -> Promise of a blob's address, the latest used last
async function fetched(path) {
  const answer = await ask("GET", path, { wait: 120_000 });
  const kind = answer.headers.get("Content-Type") ?? "";
  if (!/^image\/(jpeg|png)$/.test(kind)) throw new Error("no picture");
  return URL.createObjectURL(await answer.blob());
}

// The whole file of a message. It bears its kind where `allowed` has it, else none.
export async function wholeOf(content, allowed = /^$/) {
  if (content.file) {
    const said = String(content.info?.mimetype ?? "").toLowerCase();
    return new Blob([await (await import("./seal/files.js")).open(content.file)], { type: allowed.test(said) ? said : "application/octet-stream" });
  }
  const path = pathOf(content.url, "download");
  if (!path) throw new Error("no address");
  const answer = await ask("GET", path, { wait: 3_600_000 });
  const kind = (answer.headers.get("Content-Type") ?? "").split(";")[0].trim().toLowerCase();
  const blob = await answer.blob();
  return blob.slice(0, blob.size, allowed.test(kind) ? kind : "application/octet-stream");
}

// The picture that stands for a film, where its message has one.
export const posterOf = ({ info }) => (info?.thumbnail_file ? opened(info.thumbnail_file) : small(info?.thumbnail_url, WIDTH));

// Where the gateway has a file, below its /_matrix/client/v1/media/download/.
export const placeOf = (content) => pathOf(content.url, "download")?.split("/download/")[1] ?? "";

export function small(uri, width) {
  const path = pathOf(uri, "thumbnail", `?width=${width}&height=${width}&method=scale`);
  return path ? hold(path, () => fetched(path)) : Promise.reject(new Error("no address"));
}

// One that is encrypted: it is decrypted here, and what made it small is its sender.
const opened = (file) => hold(`sealed ${file.url}`, async () => (await import("./seal/files.js")).openPicture(file));

function hold(path, fetch) {
  const known = held.get(path);
  const promise = known ?? fetch();
  held.delete(path);
  held.set(path, promise);
  promise.catch(() => held.delete(path));
  for (const [oldest, gone] of held) {
    if (held.size <= MOST) break;
    held.delete(oldest);
    gone.then(URL.revokeObjectURL, () => undefined);
  }
  return promise;
}

// The place that a picture takes, before it is there.
export function placeFor({ w, h } = {}) {
  const sane = w > 0 && h > 0 && w < 1e5 && h < 1e5;
  const ratio = sane ? Math.min(3, Math.max(0.4, w / h)) : 4 / 3;
  return { ratio, width: Math.round(Math.min(280, 320 * ratio)) };
}

export function picture(row, content, grew) {
  const { ratio, width } = placeFor(content.info);
  const words = clean(content["org.matrix.msc1767.text"] ?? (content.filename ? content.body : ""), 200) || say("photo");
  const image = el("img", { alt: words, width: String(width), height: String(Math.round(width / ratio)), decoding: "async" });
  const button = el("button", { type: "button", class: "chat-picture" }, image);
  button.style.inlineSize = `${width}px`;
  const source = row.entry?.file ? Promise.resolve(localAddress(row.entry)) : content.file ? opened(content.info?.thumbnail_file ?? content.file) : small(content.url, WIDTH);
  source.then(
    (address) => (image.src = address),
    () => {
      button.replaceChildren(el("span", { class: "chat-gone" }, icon("circle-alert"), say("notLoaded")));
      grew();
    },
  );
  if (!row.entry) button.addEventListener("click", () => enlarge(content, words));
  return button;
}

const local = new Map();
export function localAddress(entry) {
  if (!local.has(entry.txn)) local.set(entry.txn, URL.createObjectURL(entry.file));
  return local.get(entry.txn);
}
export function forgetLocal(entry) {
  const address = local.get(entry.txn);
  if (address) URL.revokeObjectURL(address);
  local.delete(entry.txn);
}

async function enlarge(content, words) {
  const image = el("img", { alt: words });
  const save = el("button", { type: "button", class: "chat-link" }, say("download"));
  save.addEventListener("click", () => saveFile(content, clean(content.filename ?? content.body, 100) || "photo.jpg", save));
  const dialog = el("dialog", { class: "chat-large", "aria-label": words }, image, el("div", { class: "row" }, save, tool("x", say("close"), () => dialog.close())));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    image.src = await (content.file ? opened(content.file) : small(content.url, LARGE));
  } catch {
    image.replaceWith(el("p", {}, say("notLoaded")));
  }
}

// A file is saved, never opened here: as bytes without a kind, whatever it says it is.
export async function saveFile(content, name, button) {
  button.setAttribute("aria-busy", "true");
  try {
    const address = URL.createObjectURL(await wholeOf(content));
    const link = el("a", { href: address, download: name.replace(/[\\/:*?"<>|]/g, "_") });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch {
    button.after(el("span", { class: "chat-gone", role: "alert" }, say("failed")));
  }
  button.removeAttribute("aria-busy");
}
