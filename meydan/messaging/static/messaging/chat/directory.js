// The city's public conversations: found by words, or by what they are about.

import "./more.js";
import { go } from "./finding.js";
import { api } from "./line.js";
import { CHANNEL, INTEREST, INTERESTS } from "./group.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate } from "./plain.js";
import { el, number, reasonOf, say } from "./words.js";

const PAGE = 20;
const PAUSE = 300;

export function directory(dialog) {
  const state = { words: "", interest: "", next: "", turn: 0 };
  const list = el("ul", { class: "chat-found", role: "list" });
  const status = el("p", { class: "muted", role: "status" });
  const more = el("button", { type: "button", class: "button quiet", hidden: true, onclick: () => load(true) }, say("moreRooms"));
  const field = el("input", { class: "input", type: "search", maxlength: "100", "aria-label": say("findRooms"), placeholder: say("findRooms") });
  const chips = el("div", { class: "chat-chips", role: "group", "aria-label": say("interest") });
  const load = async (further = false) => {
    const turn = (state.turn += 1);
    const filter = { ...(state.words ? { generic_search_term: state.words } : {}), ...(state.interest ? { [INTEREST]: state.interest } : {}) };
    try {
      const said = await api("POST", "v3/publicRooms", { limit: PAGE, filter, ...(further ? { since: state.next } : {}) });
      if (turn !== state.turn) return;
      const items = said.chunk.map((found) => item(found, dialog));
      if (further) list.append(...items);
      else list.replaceChildren(...items);
      status.textContent = list.children.length ? "" : say(state.words || state.interest ? "noRoomsFound" : "noPublicRooms");
      state.next = said.next_batch ?? "";
      more.hidden = !state.next;
    } catch (error) {
      status.textContent = reasonOf(error);
    }
  };
  const choose = (one) => {
    state.interest = state.interest === one ? "" : one;
    for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.interest === state.interest));
    load();
  };
  chips.append(...INTERESTS.map((one) => el("button", { type: "button", "aria-pressed": "false", dataset: { interest: one }, onclick: () => choose(one) }, say(`interest_${one}`))));
  let timer = 0;
  field.addEventListener("input", () => {
    state.words = field.value.trim();
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE);
  });
  load();
  return el("div", { class: "stack tight", dataset: { directory: "" } }, el("h3", {}, say("publicRooms")), field, chips, status, list, more);
}

function item(found, dialog) {
  const id = found.room_id;
  const isIn = model.rooms.get(id)?.membership === "join";
  const name = clean(found.name) || say("noName");
  const topic = clean(found.topic ?? "", 160);
  const kind = found.room_type === CHANNEL && say("isChannel");
  const interest = INTERESTS.includes(found[INTEREST]) && say(`interest_${found[INTEREST]}`);
  const note = el("small", {}, [kind, interest, say("membersCount", { count: number(found.num_joined_members) }), isIn && say("isIn")].filter(Boolean).join(" · "));
  const enter = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      if (!isIn) await api("POST", `v3/join/${encodeURIComponent(id)}`, {});
      dialog.close();
      go(id);
    } catch (error) {
      note.replaceChildren(el("span", { class: "fault", role: "alert" }, reasonOf(error)));
      button.disabled = false;
    }
  };
  return el("li", { class: "chat-public" }, face({ id, name, heroes: [] }), el("span", {}, isolate(name), topic && el("small", {}, isolate(topic)), note), el("button", { type: "button", class: "button quiet", onclick: enter }, say(isIn ? "openIt" : "enter")));
}
