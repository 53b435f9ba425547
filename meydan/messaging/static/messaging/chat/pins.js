// What is pinned in a room (m.room.pinned_events) stands under its head, one at a time, the newest first; a press shows it
// where it was said, and the next press the one before it.

import "./more.js";
import { open } from "./crypto.js";
import { api, room as at } from "./line.js";
import { show } from "./dialog.js";
import { shortOf } from "./message.js";
import * as model from "./model.js";
import { gist } from "./rooms.js";
import { isolate, nameTag } from "./plain.js";
import { announce, briefly, el, icon, number, reasonOf, say, tool } from "./words.js";

const PINNED = "m.room.pinned_events";
const fetched = new Map(); // event's id -> event, or null where there is none for us
const places = new Map(); // room -> which of its pins is shown

export const maySetPins = (room) => model.maySet(room, PINNED);
export const isPinned = (room, id) => Boolean(room.pinned?.includes(id));

// An event of the room, as it can be read here.
const asked = async (room, id) => (await open(room, [await api("GET", at(room, `/event/${encodeURIComponent(id)}`))]))[0];

async function found(view, id) {
  const row = view.find(id);
  if (row) return row.gone ? null : { event: row.event, words: shortOf(row) };
  if (!fetched.has(id)) fetched.set(id, await asked(view.id, id).catch((error) => (error.passes ? undefined : null)));
  const event = fetched.get(id);
  if (event === undefined) fetched.delete(id);
  return event && event.content && Object.keys(event.content).length ? { event, words: gist(model.gistOf(event)) } : null;
}

export async function drawPins(view, room) {
  const pinned = [...(room.pinned ?? [])].reverse();
  const stamp = pinned.join();
  if (view.pinned === stamp) return;
  view.pinned = stamp;
  const place = Math.min(places.get(room.id) ?? 0, pinned.length - 1);
  const draw = async (at) => {
    places.set(room.id, at);
    const one = await found(view, pinned[at]);
    if (view.pinned !== stamp) return;
    const words = one?.words ?? say("pinnedMessage");
    const label = pinned.length > 1 ? say("pinnedPlace", { now: number(at + 1), all: number(pinned.length) }) : say("pinnedMessage");
    const press = () => {
      view.show(pinned[at]);
      if (pinned.length > 1) draw((at + 1) % pinned.length);
    };
    const button = el("button", { type: "button", class: "chat-pin", onclick: press }, icon("pin"), el("span", {}, el("b", {}, label), isolate(words)));
    const held = view.pins.contains(document.activeElement);
    view.pins.replaceChildren(button, tool("ellipsis", say("pinnedAll"), () => openPins(view)));
    if (held) button.focus({ preventScroll: true });
  };
  await draw(place);
}

// One change after the other: the list is set as a whole, and begins with what the gateway has now, or a pin that this page
// has not been told of would be lost.
let turn = Promise.resolve();
export const setPinned = (view, id, on) => (turn = turn.then(() => change(view, view.room, id, on)));

async function change(view, room, id, on) {
  const shown = room.pinned;
  const place = at(room.id, `/state/${PINNED}/`);
  try {
    const known = shown ? model.pinnedIn(await api("GET", place)) : [];
    const pinned = [...known.filter((one) => one !== id), ...(on ? [id] : [])];
    await api("PUT", place, { pinned });
    if (room.pinned === shown) room.pinned = pinned; // else the sync has told of it already, or of a later one
    view.renew();
  } catch (error) {
    announce(reasonOf(error));
    view.writing?.complain(reasonOf(error));
  }
}

async function openPins(view) {
  const list = el("ul", { class: "chat-found", role: "list" });
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-pinned" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-pinned" }, say("pinnedAll")), tool("x", say("close"), () => dialog.close())), list);
  show(dialog);
  for (const id of [...(view.room.pinned ?? [])].reverse()) {
    const one = await found(view, id);
    const item = el("li", { class: "row" });
    if (one) item.append(el("button", { type: "button", class: "chat-pick", onclick: () => [dialog.close(), view.show(id)] }, el("span", {}, el("b", {}, nameTag(model.personIn(view.room, one.event.sender))), isolate(one.words), el("small", {}, briefly(one.event.origin_server_ts)))));
    else item.append(el("p", { class: "chat-pick muted" }, say("notFound")));
    if (maySetPins(view.room)) item.append(tool("pin-off", say("unpinMessage"), async () => [await setPinned(view, id, false), item.remove()]));
    list.append(item);
  }
}
