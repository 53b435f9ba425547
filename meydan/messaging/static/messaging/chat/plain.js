// Names and single lines from strangers, as text nodes; never by innerHTML. With links and formatting: text.js.
//
// - Names and messages are isolated (`<bdi>`, `dir=auto`), so that one of the other direction turns nothing round it.
// - More than `MARKS` combining marks on one letter are cut, and characters that steer the direction are taken out.

import { el, icon, say } from "./words.js";

const MARKS = 3;
export const LONGEST = 20_000; // characters of a message that are shown
const stacked = new RegExp(`(\\p{M}{${MARKS}})\\p{M}+`, "gu");
// Overrides and isolates of direction, what is no character at all, and marks that are invisible.
const STEERING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

export const tame = (text, most = LONGEST) => {
  const short = text.slice(0, most);
  return short.replace(stacked, "$1").replace(STEERING, "").replace(CONTROL, " ");
};

// One line: a name, a topic, a preview.
export const clean = (value, most = 80) =>
  typeof value === "string" ? tame(value, 4 * most).replace(/\s+/gu, " ").trim().slice(0, most) : "";

export const isolate = (text, attributes = {}) => el("bdi", attributes, text);

// Somebody's name; the city's offices with the mark that nobody else has.
export function nameTag(person) {
  const tag = el("span", { class: "chat-who" }, isolate(clean(person.name) || person.id));
  if (person.office) tag.append(mark());
  return tag;
}

export const mark = () =>
  el("span", { class: "chat-official", title: say("official") }, icon("badge-check"), el("span", { class: "sr-only" }, say("official")));
