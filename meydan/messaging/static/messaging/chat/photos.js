// Photos are made small on the phone before they are sent, which also takes out where and by what they were taken. Any
// other file goes as it is, a film with a picture of it.

import "./more.js";
import { size, say } from "./words.js";

const EDGE = 1600;
const SMALL = 480; // of the small form of an encrypted one, which the gateway cannot make
const QUALITY = 0.8;
const MOST = 50_000_000;
const RESIZED = /^image\/(jpeg|png|webp|heic|heif|avif|bmp)$/;

async function shrunk(bitmap, edge) {
  const scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what was transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return { blob, w: canvas.width, h: canvas.height };
}

// {content, file, small} of a message with this file; `seals`: it goes into an encrypted conversation. An `Error` with a
// sentence where it cannot be.
export async function prepare(file, seals = false) {
  if (RESIZED.test(file.type)) {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap) {
      const { blob, w, h } = await shrunk(bitmap, EDGE);
      const small = seals && blob && Math.max(w, h) > SMALL ? await shrunk(bitmap, SMALL) : {};
      bitmap.close();
      const name = `${(file.name || "photo").replace(/\.[^.]*$/, "").slice(0, 100) || "photo"}.jpg`;
      const about = small.blob ? { thumbnail_info: { w: small.w, h: small.h, mimetype: small.blob.type, size: small.blob.size } } : {};
      if (blob) return { content: contentOf("m.image", name, blob, { w, h, ...about }), file: blob, small: small.blob };
    }
  }
  if (file.size > MOST) throw new Error(say("tooLarge", { size: size(MOST) }));
  const copy = new Blob([await file.arrayBuffer()], { type: file.type || "application/octet-stream" });
  const kind = ["video", "audio"].find((one) => file.type.startsWith(`${one}/`)) ?? "file";
  const { info = {}, small } = kind === "video" ? await (await import("./films.js")).look(copy) : {};
  return { content: contentOf(`m.${kind}`, file.name.slice(0, 200) || say("file"), copy, info), file: copy, small };
}

const contentOf = (msgtype, name, blob, info) => ({ msgtype, body: name, filename: name, info: { mimetype: blob.type, size: blob.size, ...info } });
