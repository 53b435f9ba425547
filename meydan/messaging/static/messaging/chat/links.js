// Links by which people come into a group. Who may invite makes them; each has an end, and can be withdrawn at any time.
// The gateway keeps them and checks them (actions/inviting.py): a link that is found is worth nothing once it has ended.

import "./more.js";
import { api, line } from "./line.js";
import { show } from "./dialog.js";
import * as model from "./model.js";
import { isolate } from "./plain.js";
import { announce, el, icon, momentOf, number, say, tool } from "./words.js";

const DOOR = "unstable/org.meydan.links";
const DAYS = 7;
const home = document.querySelector("[data-chat]");

const addressOf = (token) => new URL(`${home.dataset.join}${token}`, location.href).href;
const doorOf = (room, rest = "") => `${DOOR}/rooms/${encodeURIComponent(room.id)}/links${rest}`;

export function linksOf(room, attempt) {
  const list = el("ul", { class: "chat-found", role: "list" });
  const fill = () =>
    attempt(async () => {
      const { links } = await api("GET", doorOf(room));
      list.replaceChildren(...links.map((link) => linkItem(room, link, fill, attempt)));
    });
  const make = () =>
    attempt(async () => {
      const made = await api("POST", doorOf(room), { days: DAYS });
      await fill();
      showLink(room, made);
    });
  const whole = el("details", { class: "more", dataset: { group: "links" } }, el("summary", {}, icon("link"), say("inviteLinks")), el("div", { class: "inside stack tight" }, el("p", { class: "muted" }, say("linkText", { days: number(DAYS) })), el("div", {}, el("button", { type: "button", class: "button", onclick: make }, say("makeLink"))), list));
  whole.addEventListener("toggle", () => whole.open && fill());
  return whole;
}

function linkItem(room, link, fill, attempt) {
  const mine = link.maker === line.me;
  const by = mine ? say("you") : model.personIn(room, link.maker).name;
  const withdraw = () => attempt(async () => [await api("DELETE", doorOf(room, `/${link.id}`)), announce(say("linkWithdrawn")), await fill()]);
  const words = el("span", {}, isolate(say("linkBy", { name: by })), el("small", {}, say("linkUntil", { moment: momentOf(link.expires_ts), count: number(link.uses) })));
  return el("li", { class: "chat-public" }, icon("link"), words, tool("trash-2", say("withdrawLink"), withdraw));
}

// The link as a code for a camera, and to be copied or sent on. It is shown once: the gateway keeps no copy of it.
function showLink(room, { token, expires_ts: until }) {
  const address = addressOf(token);
  const field = el("input", { class: "input", readonly: true, value: address, dir: "ltr", "aria-label": say("theLink") });
  const copy = el("button", { type: "button", class: "button", onclick: () => navigator.clipboard.writeText(address).then(() => announce(say("linkCopied")), () => field.select()) }, icon("copy"), say("copyLink"));
  const share = navigator.share && el("button", { type: "button", class: "button quiet", onclick: () => navigator.share({ title: model.nameOf(room), url: address }).catch(() => undefined) }, say("shareLink"));
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-link" });
  dialog.append(
    el("header", { class: "chat-head" }, el("h2", { id: "chat-link" }, isolate(model.nameOf(room) || say("noName"))), tool("x", say("close"), () => dialog.close())),
    codeOf(address),
    field,
    el("p", { class: "muted" }, say("linkOnce", { moment: momentOf(until) })),
    el("div", { class: "actions" }, copy, share),
  );
  show(dialog);
}

// An address of this city as a picture for a camera, drawn by its server.
export function codeOf(address) {
  const { pathname, search } = new URL(address);
  return el("img", { class: "chat-code", src: `${home.dataset.code}?${new URLSearchParams({ path: pathname + search })}`, alt: say("codeOf"), width: "240", height: "240" });
}
