// The settings of the messenger on this device, and of the person in it.

import "./more.js";
import { codeOf } from "./links.js";
import { line, ways } from "./line.js";
import { show } from "./dialog.js";
import { pushSwitch } from "./push.js";
import { isolate } from "./plain.js";
import { presenceSwitch } from "./presence.js";
import { blockedList } from "./trouble.js";
import { el, icon, say, tool } from "./words.js";

const home = document.querySelector("[data-chat]");

export function openSettings() {
  const dialog = el(
    "dialog",
    { class: "chat-begin", "aria-labelledby": "chat-settings" },
    el("header", { class: "chat-head" }, el("h2", { id: "chat-settings" }, say("settings")), tool("x", say("close"), () => dialog.close())),
    el("p", {}, say("youAre"), " ", el("b", { dir: "ltr" }, isolate(line.me))),
    pushSwitch(),
    presenceSwitch(),
    el("section", { class: "stack tight" }, el("h3", {}, say("beFound")), el("p", {}, el("a", { href: home.dataset.own }, say("beFoundLink")))),
    linking(),
    blockedList(),
    waysList(),
  );
  show(dialog);
}

// Another browser signs in by its own; a code brings it to the right page. An app without a browser shows a code of its own.
function linking() {
  const address = new URL(home.dataset.signIn, location.href).href;
  const code = el("div", { class: "stack tight" });
  const whole = el(
    "details",
    { class: "more", dataset: { settings: "link" } },
    el("summary", {}, icon("smartphone"), say("linkDevice")),
    el("div", { class: "inside stack" }, el("p", {}, say("linkBrowser")), code, el("p", {}, say("linkApp"), " ", el("a", { href: home.dataset.link }, say("linkEnter")))),
  );
  whole.addEventListener("toggle", () => whole.open && !code.children.length && code.append(codeOf(address)));
  return whole;
}

// By which of its addresses the gateway is reached now, where it has several.
function waysList() {
  const { all, now } = ways();
  if (all.length < 2) return "";
  const items = all.map((one) => el("li", {}, el("span", { dir: "ltr" }, isolate(new URL(one).host)), one === now ? ` · ${say("wayNow")}` : ""));
  return el("section", { class: "stack tight" }, el("h3", {}, say("ways")), el("ul", {}, ...items));
}
