// Comparing emoji with another device or person. One dialog for each verification; the keeper tells how it stands.

import "../more.js";
import { ask, news } from "./desk.js";
import { button, open } from "./dialog.js";
import * as model from "../model.js";
import { isolate } from "../plain.js";
import { announce, el, icon, knows, say } from "../words.js";

const shown = new Map(); // number -> dialog's {draw}

const nameOf = ({ person, own }) => {
  if (own) return say("ownDevice");
  for (const room of model.rooms.values()) if (room.people[person]?.name) return room.people[person].name;
  return person.slice(1).split(":")[0];
};

// What an emoji is called in the reader's language, by its name in the spec ("SAS method: emoji"): it is also said aloud.
const called = (name) => (knows(`emoji-${name}`) ? say(`emoji-${name}`) : name);

// Ask one's other devices, or one of them.
export const verifyOwn = (device) => begin(() => ask("verifyOwn", device));
export const verifyPerson = (person, room) => begin(() => ask("verifyPerson", person, room));

async function begin(request) {
  const made = new Dialog(await open("seal-verify", "verify"));
  await made.attempt(async () => made.take(await request()));
}

// Somebody asks: once, and not when it is over already.
export async function incoming(state) {
  if (shown.has(state.id) || state.phase !== "requested") return;
  shown.set(state.id, null);
  new Dialog(await open("seal-verify", "verify")).take(state);
}

class Dialog {
  constructor(parts) {
    Object.assign(this, parts);
    this.onNews = ({ detail }) => detail.id === this.id && this.take(detail);
    news.addEventListener("verification", this.onNews);
    this.body.append(el("p", { role: "status" }, say("verifyBegins")));
    this.dialog.addEventListener("close", () => this.end());
  }

  end() {
    news.removeEventListener("verification", this.onNews);
    if (this.id && !["done", "cancelled"].includes(this.state.phase)) ask("refuse", this.id).catch(() => undefined);
  }

  take(state) {
    this.id = state.id;
    this.state = state;
    shown.set(state.id, this);
    const stamp = JSON.stringify([state.phase, Boolean(state.emoji), state.confirmed, this.accepted]);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    this.body.replaceChildren(...this.draw(state));
    this.body.querySelector("button")?.focus();
  }

  deed(words, what, kind = "") {
    return button(words, (pressed) => this.attempt(() => ask(what, this.id), pressed), kind);
  }

  draw(state) {
    const name = nameOf(state);
    const says = (words, ...more) => [el("p", { role: "status" }, say(words, { name })), ...more];
    if (state.phase === "done") return this.done(state, name);
    if (state.phase === "cancelled") return says("verifyCancelled", el("p", { class: "muted" }, say("verifyCancelledText")), el("div", { class: "actions" }, button("close", () => this.dialog.close())));
    if (state.emoji && !state.confirmed) return this.compare(state, name);
    if (state.confirmed) return says("verifyWaitsMatch");
    if (state.phase === "requested" && state.incoming) {
      const accept = button("verifyAccept", (pressed) => this.attempt(async () => {
        this.accepted = true;
        await ask("accept", this.id);
      }, pressed));
      return says(state.own ? "verifyOwnAsks" : "verifyAsks", el("div", { class: "actions" }, accept, button("decline", () => this.dialog.close(), "quiet")));
    }
    if (state.phase === "requested") return says(state.own ? "verifyOwnWaits" : "verifyWaits", el("p", { class: "muted" }, say("verifyTogether")));
    return says("verifyBegins");
  }

  compare(state, name) {
    const faces = el("ul", { class: "seal-emoji", role: "list", dir: "ltr", "aria-label": say("verifyEmoji") }, ...state.emoji.map(([face, name]) => el("li", {}, el("span", { "aria-hidden": "true" }, face), el("small", { dir: "auto" }, called(name)))));
    const same = this.deed("verifySame", "confirm");
    const others = this.deed("verifyDiffers", "differs", "danger");
    announce(say("verifyCompare", { name }));
    return [el("p", {}, say(state.own ? "verifyCompareOwn" : "verifyCompare", { name })), faces, el("div", { class: "actions" }, same, others)];
  }

  done(state, name) {
    announce(say("verifyDone", { name }));
    const good = el("p", { class: "seal-good", role: "status" }, icon("badge-check"), el("span", {}, state.own ? say("verifyDoneOwn") : say("verifyDone", { name })));
    return [good, !state.own && el("p", { class: "muted" }, isolate(state.person)), el("div", { class: "actions" }, button("close", () => this.dialog.close()))].filter(Boolean);
  }
}
