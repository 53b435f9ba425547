// Stickers: the city's own pack, and those that others send. The city's files are shown as they are, with their see-through
// ground, for nobody else can put a file under their addresses; any other one comes as a picture that the gateway made.

import "./more.js";
import { line } from "./line.js";
import { picture, wholeOf } from "./media.js";
import { show } from "./dialog.js";
import { clean } from "./plain.js";
import { el, say, tool } from "./words.js";

const PREFIX = "sticker1-"; // models/stickers.py
const NAMES = ["hello", "thanks", "laugh", "sad", "wonder", "goodnight", "yes", "no", "wait", "heart", "rose", "tea", "sun", "rain", "cat", "party"];
const SIDE = 256; // pixels of the file
const SHOWN = 128;
const PICTURES = /^image\/png$/;
const held = new Map(); // name -> Promise of a blob's address

const server = () => line.me.split(":").slice(1).join(":");
const addressOf = (name) => `mxc://${server()}/${PREFIX}${name}`;
const nameIn = (url) => NAMES.find((name) => url === addressOf(name)) ?? "";

function blobOf(name) {
  if (!held.has(name)) {
    const made = wholeOf({ url: addressOf(name) }, PICTURES).then((blob) => URL.createObjectURL(blob));
    made.catch(() => held.delete(name));
    held.set(name, made);
  }
  return held.get(name);
}

function pictureOf(name, side) {
  const image = el("img", { alt: say(`sticker-${name}`), width: String(side), height: String(side), decoding: "async", class: "sticker" });
  blobOf(name).then((address) => (image.src = address), () => image.classList.add("gone"));
  return image;
}

export function draw(_room, row, content, deeds) {
  const name = nameIn(content.url);
  if (name) return pictureOf(name, SHOWN);
  const info = { ...content.info };
  return picture(row, { ...content, info, filename: "", "org.matrix.msc1767.text": clean(content.body, 200) || say("sticker") }, () => deeds.grew(row));
}

export function openStickers(host, from) {
  const list = el("ul", { class: "sticker-list", role: "list" });
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-stickers" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-stickers" }, say("stickers")), tool("x", say("close"), () => dialog.close())), list);
  const choose = async (name) => {
    dialog.close();
    try {
      await host.give("m.sticker", { body: say(`sticker-${name}`), url: addressOf(name), info: { w: SIDE, h: SIDE, mimetype: "image/png" } });
    } catch (error) {
      host.complain(error.message);
    }
  };
  list.append(...NAMES.map((name) => el("li", {}, el("button", { type: "button", onclick: () => choose(name), title: say(`sticker-${name}`) }, pictureOf(name, 72)))));
  show(dialog, from);
}
