// Of an encrypted conversation: who of those in it is known by their keys.

import { invited, load } from "../crypto.js";
import { api, line, room as at } from "../line.js";
import * as model from "../model.js";
import { nameTag } from "../plain.js";
import { el, icon, say } from "../words.js";
import { openDevices } from "./devices.js";
import { button, dressed } from "./dialog.js";

const MOST = 50;

// What whoever was invited can read of what was written before, and what is to be done where that is nothing. `place`: an
// element that it is said in.
export async function tellGiven(room, person, place) {
  await dressed();
  const state = await invited(room, person);
  const words = { given: "gives", later: "givesLater", unconfirmed: "givesNot" }[state];
  if (!words) return;
  const parts = [el("p", { role: "status" }, say(words))];
  if (state === "unconfirmed") parts.push(el("div", { class: "actions" }, button("devices", openDevices, "quiet")));
  place.replaceChildren(el("section", { class: `seal-state ${state === "unconfirmed" ? "warn" : "good"}` }, icon(state === "unconfirmed" ? "circle-alert" : "badge-check"), ...parts));
}

// A part of the dialog about a conversation; it fills itself.
export async function trust(view, dialog) {
  await dressed();
  const list = el("ul", { class: "chat-found", role: "list" });
  const part = el("div", { class: "stack tight seal" }, el("h3", {}, say("trust")), el("p", { class: "muted" }, say("trustText")), list);
  fill(view, list, dialog).catch(() => part.remove());
  return part;
}

async function fill(view, list, dialog) {
  const desk = await load();
  const { joined } = await api("GET", at(view.id, "/joined_members"));
  const people = Object.keys(joined).filter((id) => id !== line.me).slice(0, MOST);
  list.replaceChildren(...(await Promise.all(people.map((id) => item(view, id, dialog, desk)))));
}

async function item(view, id, dialog, desk) {
  const known = await desk.ask("person", id, view.id);
  const words = known.changed ? "trustChanged" : known.verified ? "trustIs" : known.devices ? "trustNot" : "trustNoKeys";
  const made = el("li", { class: "seal-device" }, icon(known.verified && !known.changed ? "badge-check" : "circle-alert"), el("span", {}, nameTag(model.personIn(view.room, id)), el("small", {}, say(words))));
  const verify = async () => {
    dialog.close();
    (await import("./verify.js")).verifyPerson(id, view.id);
  };
  if (known.devices && (!known.verified || known.changed)) made.append(button("verify", verify, "quiet"));
  return made;
}
