// One's own devices and what they are worth, the recovery key, and the way back to what was written before.

import "../more.js";
import { load } from "../crypto.js";
import { Failure } from "../line.js";
import { isolate, clean } from "../plain.js";
import { briefly, el, icon, number, say } from "../words.js";
import { button, open } from "./dialog.js";

const home = document.querySelector("[data-chat]");

export async function openDevices() {
  const view = await open("seal-devices", "devices");
  view.body.append(el("p", { role: "status" }, say("sealOpening")));
  const desk = await view.attempt(load);
  if (!desk) return;
  const draw = () => view.attempt(() => fill(view, desk, draw));
  let late = 0;
  const again = () => {
    clearTimeout(late);
    late = setTimeout(draw, 300);
  };
  for (const what of ["devices", "trust"]) desk.news.addEventListener(what, again);
  view.dialog.addEventListener("close", () => {
    clearTimeout(late);
    for (const what of ["devices", "trust"]) desk.news.removeEventListener(what, again);
  });
  await draw();
}

const stops = (body) => [...body.querySelectorAll("a, button")].filter((one) => one.checkVisibility());

async function fill({ dialog, body, attempt }, desk, draw) {
  const [status, devices] = await Promise.all([desk.ask("status"), desk.ask("devices")]);
  const verified = devices.filter((one) => one.verified && !one.here);
  const place = stops(body).indexOf(document.activeElement);
  body.replaceChildren(here(status, verified, draw), recovery(status, draw), el("h3", {}, say("devicesList")), list(devices, status, desk, attempt, draw));
  if (place >= 0) (stops(body)[place] ?? stops(body).at(-1))?.focus(); // whoever goes by keys stays where they were
  dialog.dataset.ready = "";
}

// Whether this browser is known as its person's.
function here(status, verified, draw) {
  const [shape, words] = status.verified ? ["badge-check", "hereVerified"] : ["circle-alert", "hereUnknown"];
  const box = el("section", { class: `seal-state ${status.verified ? "good" : "warn"}` }, icon(shape), el("p", {}, say(words)));
  if (status.verified) return box;
  if (status.owed) box.append(el("p", {}, say("owed", { count: number(status.owed) })));
  const deeds = el("div", { class: "actions" });
  if (status.recovery) deeds.append(button("recoveryEnter", async () => (await import("./recovery.js")).recover(draw)));
  if (verified.length) deeds.append(button("verifyThis", async () => (await import("./verify.js")).verifyOwn(), status.recovery ? "quiet" : ""));
  deeds.append(button("anew", () => startAnew(draw), "quiet"));
  box.append(deeds);
  return box;
}

function recovery(status, draw) {
  const words = status.recovery ? "recoveryIs" : "recoveryNone";
  const box = el("section", { class: "stack tight" }, el("h3", {}, say("recoveryKey")), el("p", {}, say(words)));
  if (status.backup) box.append(el("p", { class: "muted" }, say("backupIs", { count: number(status.kept) })));
  if (status.verified) box.append(el("div", { class: "actions" }, button(status.recovery ? "recoveryOther" : "recoveryMake", async () => (await import("./recovery.js")).makeRecovery(draw), status.recovery ? "quiet" : "")));
  return box;
}

function list(devices, status, desk, attempt, draw) {
  const sorted = [...devices].sort((a, b) => Number(b.here) - Number(a.here) || (b.seen ?? 0) - (a.seen ?? 0));
  return el("ul", { class: "chat-found", role: "list" }, ...sorted.map((device) => item(device, status, desk, attempt, draw)));
}

function item(device, status, desk, attempt, draw) {
  const trust = device.verified ? "deviceVerified" : device.keys ? "deviceUnknown" : "deviceNoKeys";
  const facts = [say(device.here ? "deviceHere" : trust), !device.here && device.seen && say("deviceSeen", { when: briefly(device.seen) })].filter(Boolean);
  const text = el("span", {}, el("b", {}, isolate(clean(device.name, 60) || device.id)), el("small", {}, facts.join(" · ")), el("small", { dir: "ltr" }, isolate(device.id)));
  const deeds = el("div", { class: "seal-deeds" });
  if (!device.here && device.keys && !device.verified && status.verified) {
    const verify = button("verify", async () => (await import("./verify.js")).verifyOwn(device.id), "quiet");
    deeds.append(verify);
  }
  if (!device.here) deeds.append(ending(device, attempt, draw));
  return el("li", { class: "seal-device", dataset: { device: device.id } }, icon(device.verified ? "badge-check" : "circle-alert"), text, deeds);
}

// Signing a device out is asked twice; a browser's whole session ends.
function ending(device, attempt, draw) {
  const first = button("deviceEnd", () => [(sure.hidden = false), (first.hidden = true), yes.focus()], "quiet");
  const yes = button("deviceEndNow", (pressed) => attempt(async () => {
    await end(device.id);
    draw();
  }, pressed), "danger");
  const no = button("cancel", () => [(sure.hidden = true), (first.hidden = false), first.focus()], "quiet");
  const sure = el("div", { class: "stack tight", hidden: true }, el("p", {}, say("deviceEndSure")), el("div", { class: "actions" }, yes, no));
  return el("div", {}, first, sure);
}

async function end(device) {
  const answer = await fetch(home.dataset.deviceEnd, { method: "POST", body: JSON.stringify({ device_id: device }), headers: { "Content-Type": "application/json" } }).catch(() => null);
  if (!answer?.ok) throw new Failure(answer?.status ?? 0);
}

// Nothing is left that knows the person's keys: new ones, which the person allows on a page of the account.
async function startAnew(draw) {
  const { dialog, body, attempt, complain } = await open("seal-anew", "anew");
  const link = el("a", { href: home.dataset.keys, target: "_blank", rel: "noopener", class: "button quiet" }, say("anewAllow"));
  const go = button("anewNow", (pressed) => attempt(async () => {
    try {
      const { ask } = await load();
      await ask("startAnew");
    } catch (error) {
      if (error.status !== 401) throw error;
      return complain(say("anewNotYet"));
    }
    dialog.close();
    return draw();
  }, pressed), "danger");
  body.append(el("p", {}, say("anewText")), el("ol", { class: "stack" }, el("li", {}, link), el("li", {}, go)));
}
