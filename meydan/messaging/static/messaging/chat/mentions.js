// Whom one mentions: an "@" offers the people of the conversation, in a list that the arrow keys go through. What is sent
// names them twice: as a link in the text, which every client draws as a name, and in `m.mentions`, by which they are told.

import "./more.js";
import { api, line, room as at } from "./line.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate, nameTag } from "./plain.js";
import { escaped } from "./text.js";
import { announce, el, icon, number, say } from "./words.js";

const SHOWN = 6;
const MOST = 3000;
const ALL = "@room";
const BEGUN = /(?:^|[\s("'«“\[])@([^\s@]{0,40}(?: [^\s@]{1,20})?)$/u;
const KEPT = /(<a [^>]*>.*?<\/a>|<code>.*?<\/code>|<[^>]+>)/u;
const members = new Map(); // room -> [person]
let serial = 0;

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

// Everybody of the room; until they are known, those whom this page has met there.
async function peopleOf(room) {
  if (!members.has(room.id) && line.state === "online") {
    const said = await api("GET", at(room.id, "/joined_members")).catch(() => null);
    if (said) members.set(room.id, Object.entries(said.joined).slice(0, MOST).map(([id, one]) => model.personIn({ people: { [id]: { name: clean(one.display_name ?? "") } } }, id)));
    setTimeout(() => members.delete(room.id), 120_000);
  }
  const known = members.get(room.id) ?? Object.keys(room.people).map((id) => model.personIn(room, id));
  return known.filter((person) => person.id !== line.me);
}

// `text`: the field; the list stands at the top of `form`.
export function mentioning(view, text, form) {
  const id = `chat-mention-${(serial += 1)}`;
  const list = el("ul", { class: "chat-mentions", role: "listbox", id, "aria-label": say("mentionWhom"), hidden: true });
  const chosen = new Map(); // "@Name" -> person's id
  let found = [];
  let at = 0;
  let turn = 0;
  form.prepend(list);
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", id);
  text.addEventListener("blur", () => setTimeout(close, 150));

  function close() {
    turn += 1;
    found = [];
    list.hidden = true;
    list.replaceChildren();
    text.removeAttribute("aria-activedescendant");
  }

  const begun = () => (text.selectionStart === text.selectionEnd ? BEGUN.exec(text.value.slice(0, text.selectionStart)) : null);

  async function look() {
    const match = begun();
    if (!match || chosen.has(`@${match[1]}`)) return close();
    const mine = (turn += 1);
    const people = await peopleOf(view.room);
    if (mine !== turn || !begun()) return undefined;
    const words = folded(match[1]);
    const fits = (person) => [person.name, ...person.name.split(/\s+/u), person.id.slice(1)].some((one) => folded(one).startsWith(words));
    const all = model.mayCallAll(view.room, line.me) && ALL.startsWith(`@${words}`) ? [{ id: ALL, name: ALL }] : [];
    found = [...people.filter(fits).slice(0, SHOWN), ...all];
    if (!found.length) return close();
    at = 0;
    draw();
    announce(say("mentionCount", { count: number(found.length) }));
    return undefined;
  }

  function draw() {
    list.replaceChildren(...found.map(option));
    list.hidden = false;
    text.setAttribute("aria-activedescendant", `${id}-${at}`);
  }

  function option(person, place) {
    const words = person.id === ALL ? el("span", {}, el("b", { dir: "ltr" }, ALL), el("small", {}, say("mentionAll"))) : el("span", {}, nameTag(person), el("small", { dir: "ltr" }, isolate(person.id)));
    const picture = person.id === ALL ? el("span", { class: "chat-face", "aria-hidden": "true" }, icon("users")) : face(null, person);
    const made = el("li", { role: "option", id: `${id}-${place}`, "aria-selected": String(place === at), class: "chat-pick" }, picture, words);
    made.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    made.addEventListener("click", () => take(place));
    return made;
  }

  function take(place) {
    const person = found[place];
    const name = person.id === ALL ? ALL : `@${clean(person.name)}`;
    const match = begun();
    if (match) {
      const end = text.selectionStart;
      text.setRangeText(`${name} `, end - match[1].length - 1, end, "end");
    }
    if (person.id !== ALL) chosen.set(name, person.id);
    close();
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    text.focus();
  }

  // Whether a key is for the list.
  function takes(event) {
    if (list.hidden || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + found.length) % found.length;
    else if (event.key !== "Enter" && event.key !== "Tab" && event.key !== "Escape") return false;
    event.preventDefault();
    event.stopPropagation();
    if (step) draw();
    else if (event.key === "Escape") close();
    else take(at);
    return true;
  }

  // The content with those who are still named in it.
  function taken(content) {
    const people = [...chosen].filter(([name]) => content.body.includes(name)).sort(([one], [other]) => other.length - one.length);
    const all = model.mayCallAll(view.room, line.me) && /(?:^|\s)@room(?![\p{L}\p{N}])/u.test(content.body);
    const mentions = { ...(people.length && { user_ids: [...new Set(people.map(([, one]) => one))] }), ...(all && { room: true }) };
    const made = { ...content, "m.mentions": mentions };
    if (!people.length) return made;
    return { ...made, format: "org.matrix.custom.html", formatted_body: withLinks(content, people) };
  }

  // Those of a message that is changed.
  const know = (ids) => {
    for (const one of ids.slice(0, 50)) chosen.set(`@${clean(model.personIn(view.room, one).name)}`, one);
  };

  return { look, takes, taken, know };
}

function withLinks(content, people) {
  let html = content.formatted_body ?? escaped(content.body).replaceAll("\n", "<br>");
  for (const [name, id] of people) {
    const link = `<a href="https://matrix.to/#/${escaped(id)}">${escaped(name)}</a>`;
    html = html.split(KEPT).map((part, place) => (place % 2 ? part : part.replaceAll(escaped(name), link))).join("");
  }
  return html;
}
