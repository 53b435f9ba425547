// The card of a case above its conversation: where it stands, until when, what comes next, and what one can do there. The
// domain whose case it is makes it, at `<page of the case>/card`, for the session that asks; nothing is known of it here
// but how it is shown. It is asked for anew when something is said in the conversation.

import "./more.js";
import { line } from "./line.js";
import { show } from "./dialog.js";
import * as model from "./model.js";
import { clean, isolate } from "./plain.js";
import { announce, el, icon, number, say } from "./words.js";

const SOON = 400;
const LATER = 5000; // what the city's own reactions change comes a little after
const MOST_PHOTOS = 5;
const WIDE = "(min-width: 60rem)";

const shrinking = () =>
  import("./photos.js").catch(() => {
    throw new Error(say("needsLine"));
  });

export const keepCard = (view, place) => new Card(view, place);

class Card {
  constructor(view, place) {
    Object.assign(this, { view, place, timers: [] });
    const hears = (target, names, handle) => view.listen(target, names, handle);
    hears(model.news, ["timeline"], ({ detail }) => detail.id === view.id && this.soon());
    hears(document, ["visibilitychange"], () => !document.hidden && this.load());
    hears(line, ["state"], () => line.state === "online" && this.load());
    this.draw(view.room?.card);
    this.load();
  }

  get address() {
    const said = this.view.room?.case?.link;
    const link = said ? new URL(said, location.href) : null;
    return link?.origin === location.origin ? link.pathname : "";
  }

  soon() {
    this.timers.forEach(clearTimeout);
    this.timers = [SOON, LATER].map((wait) => setTimeout(() => this.load(), wait));
  }

  async load() {
    if (!this.address || this.view.end.signal.aborted) return;
    try {
      const answer = await fetch(`${this.address}/card`, { headers: { Accept: "application/json" }, signal: this.view.end.signal });
      if (answer.status === 404 || answer.status === 403) return this.take(null);
      if (answer.ok) this.take(await answer.json());
    } catch {
      // No line: what is known stays, and the words above say that there is none.
    }
  }

  take(card) {
    const { room } = this.view;
    if (!room || JSON.stringify(room.card) === JSON.stringify(card)) return;
    if (room.card && card && room.card.state !== card.state) announce(card.state);
    room.card = card;
    model.keep(room.id);
    this.draw(card);
  }

  draw(card) {
    const held = this.place.contains(document.activeElement);
    this.place.replaceChildren(...(card ? [this.whole(card)] : []));
    if (held) this.place.querySelector("summary")?.focus({ preventScroll: true });
  }

  whole(card) {
    const waits = card.deeds.some((deed) => deed.waits);
    const opened = this.opened ?? (waits || matchMedia(WIDE).matches);
    const state = el("span", { class: `tag ${card.tone}` }, isolate(clean(card.state)));
    const title = el("b", {}, isolate(say("caseNumber", { number: number(card.number) })), " · ", isolate(clean(card.title)));
    const term = card.term && el("p", { class: card.late ? "chat-late" : "" }, icon("clock-3"), el("span", {}, say("caseTerm", { term: clean(card.term, 200) })));
    const whole = el(
      "details",
      { class: "chat-card", open: opened },
      el("summary", {}, state, title, icon("chevron-down")),
      el("div", { class: "inside" }, term, el("p", {}, icon("circle-arrow-right"), el("span", {}, say("caseNext", { text: clean(card.following, 300) }))), this.deeds(card)),
    );
    whole.addEventListener("toggle", () => (this.opened = whole.open));
    return whole;
  }

  deeds(card) {
    const buttons = card.deeds.map((deed) => el("button", { type: "button", class: `button ${deed.tone === "primary" ? "" : "quiet"}`, onclick: () => this.ask(card, deed) }, isolate(clean(deed.label))));
    return buttons.length > 0 && el("div", { class: "actions" }, ...buttons);
  }

  // What a deed asks for: words, photos, or only whether one means it. The token makes one deed of several presses.
  ask(card, deed) {
    const token = crypto.randomUUID();
    const words = deed.words && el("textarea", { class: "input", rows: "4", maxlength: "5000", id: "chat-card-words", required: deed.words === "must" });
    const files = deed.photos && el("input", { class: "input", type: "file", accept: "image/*", multiple: true, id: "chat-card-files", required: deed.photos === "must" });
    const fault = el("p", { class: "fault", role: "alert", hidden: true });
    const send = el("button", { class: "button" }, isolate(clean(deed.label)));
    const form = el(
      "form",
      { method: "dialog", class: "stack" },
      el("h2", { id: "chat-card-ask" }, isolate(clean(deed.label))),
      el("p", { class: "muted" }, isolate(clean(deed.hint, 400))),
      words && el("div", { class: "field" }, el("label", { for: "chat-card-words" }, say(deed.words === "must" ? "yourWords" : "yourWordsOr")), words),
      files && el("div", { class: "field" }, el("label", { for: "chat-card-files" }, say("photosFor")), files),
      fault,
      el("div", { class: "actions" }, send, el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))),
    );
    const dialog = el("dialog", { class: "chat-ask wide", "aria-labelledby": "chat-card-ask" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      fault.hidden = send.disabled = true;
      try {
        const photos = await this.bring(card, [...(files?.files ?? [])].slice(0, MOST_PHOTOS));
        this.take(await this.post(`${this.address}/card`, JSON.stringify({ verb: deed.verb, text: words?.value ?? "", photos, form_token: token }), "application/json"));
        dialog.close();
        this.soon();
      } catch (error) {
        [fault.textContent, fault.hidden, send.disabled] = [error.message, false, false];
      }
    });
    if (files) shrinking().catch(() => undefined); // so that it is here when the line is not
    show(dialog);
    (words || files || send).focus();
  }

  // Photos go first, each made small here; their tokens name them.
  async bring(card, files) {
    const tokens = [];
    for (const file of files) {
      const { prepare } = await shrinking();
      const { file: small } = await prepare(file);
      tokens.push((await this.post(card.pictures, small, small.type)).token);
    }
    return tokens;
  }

  // The JSON of a good answer; an `Error` with the sentence for the reader.
  async post(address, body, kind) {
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { "Content-Type": kind, Accept: "application/json" } });
    } catch {
      throw new Error(say("needsLine"));
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    throw new Error(Object.values(said.fields ?? {}).join(" ") || said.detail || say("failed"));
  }
}
