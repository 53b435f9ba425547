// Messages of a kind that has a part of its own. The part is loaded when the first of them is drawn; until then, and where
// it cannot be loaded, the message's words stand there.

import "./more.js";
import { clean, isolate } from "./plain.js";
import { plainText } from "./text.js";
import { el, say } from "./words.js";

const LOADS = {
  voice: () => import("./voice.js"),
  film: () => import("./films.js"),
  place: () => import("./places.js"),
  poll: () => import("./polls.js"),
  sticker: () => import("./stickers.js"),
};
const OF_TYPE = { "m.audio": "voice", "m.video": "film", "m.location": "place" };
export const POLLS = ["m.poll.start", "org.matrix.msc3381.poll.start"];
const parts = new Map();

export const kindOf = (event, content) =>
  POLLS.includes(event.type) ? "poll" : event.type === "m.sticker" ? "sticker" : Object.hasOwn(OF_TYPE, content.msgtype) ? OF_TYPE[content.msgtype] : "";

// What is made of a message of such a kind: `draw(room, row, content, deeds)` of its part.
export function drawKind(kind, room, row, content, deeds) {
  const part = parts.get(kind);
  if (part) return drawn(part, room, row, content, deeds);
  const box = el("p", { class: "chat-gone" }, isolate(clean(plainText(content), 300) || say("unknown")));
  LOADS[kind]().then(
    (loaded) => {
      parts.set(kind, loaded);
      if (!box.isConnected) return;
      box.replaceWith(drawn(loaded, room, row, content, deeds));
      deeds.grew(row);
    },
    () => undefined, // no line: with the next drawing
  );
  return box;
}

function drawn(part, room, row, content, deeds) {
  try {
    return part.draw(room, row, content, deeds);
  } catch (error) {
    reportError(error); // a fault of ours: the rest of the conversation is drawn all the same
    return el("p", { class: "chat-gone" }, say("unknown"));
  }
}
