// For how long a room keeps what is said in it (m.room.retention, MSC1763): the gateway deletes it then, for everybody.

import "./more.js";
import { choosing } from "./dialog.js";
import { api, room as at } from "./line.js";
import { lifetimeWords } from "./message.js";
import { DAY, isOfficial, maySet } from "./model.js";
import { el, say } from "./words.js";

const KIND = "m.room.retention";
const DAYS = [0, 1, 7, 30];

// The choice, for who has power over it; "" for others. `attempt(deed)` says what went wrong.
export function lifetimeChoice(view, attempt) {
  const { room } = view;
  if (!maySet(room, KIND) || isOfficial(room)) return "";
  const now = Math.round((room.lifetime ?? 0) / DAY);
  const days = DAYS.includes(now) ? DAYS : [...DAYS, now];
  const field = el("select", { class: "input", id: "chat-lifetime" }, ...days.map((one) => el("option", { value: String(one), selected: one === now }, lifetimeWords(one * DAY))));
  field.addEventListener("change", () =>
    attempt(async () => {
      const lifetime = Number(field.value) * DAY;
      await api("PUT", at(view.id, `/state/${KIND}/`), lifetime ? { max_lifetime: lifetime } : {});
      room.lifetime = lifetime;
      view.renew();
    }),
  );
  return el("div", { class: "field" }, el("label", { for: "chat-lifetime" }, say("lifetime")), choosing(field));
}
