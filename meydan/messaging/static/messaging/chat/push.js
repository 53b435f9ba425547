// Notifications of this browser while the page is closed: a subscription at the browser's own push service, which the
// gateway is told of as a pusher. What comes says that there is something, and where, and never what: the words of the
// notification come from this device's own copy (waking.js). It ends with the session.

import "./more.js";
import { api } from "./line.js";
import * as store from "./store.js";
import { el, say } from "./words.js";

const APP = "meydan.browser";
const PATH = "/_matrix/push/v1/notify";

export const canPush = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const worker = () => navigator.serviceWorker.ready;
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.codePointAt(0));
const text = (buffer) => btoa(String.fromCodePoint(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const sameKey = (subscription, key) => !subscription.options?.applicationServerKey || text(subscription.options.applicationServerKey) === key;

async function cityKey() {
  const { capabilities } = await api("GET", "v3/capabilities");
  return capabilities["org.matrix.msc4174.webpush"]?.vapid ?? "";
}

async function own() {
  return canPush() ? (await worker()).pushManager.getSubscription() : null;
}

export async function isOn() {
  return canPush() && Notification.permission === "granted" && (await store.get("meta", "push").catch(() => null))?.on === true && Boolean(await own());
}

// What the worker says; it has no other sentences.
const words = () => ({ message: say("pushMessage"), call: say("pushCall"), invite: say("pushInvite"), language: document.documentElement.lang, direction: document.documentElement.dir });

async function tellGateway(subscription) {
  const { endpoint } = subscription;
  const pushkey = text(subscription.getKey("p256dh"));
  const { server } = await (await import("./line.js")).takePass();
  await api("POST", "v3/pushers/set", {
    app_id: APP,
    pushkey,
    kind: "http",
    app_display_name: say("pushApp"),
    device_display_name: navigator.userAgentData?.platform ?? "",
    lang: document.documentElement.lang,
    data: { url: `${server}${PATH}`, format: "event_id_only", endpoint, auth: text(subscription.getKey("auth")) },
  });
  await store.put("meta", { name: "push", on: true, words: words() });
}

// Switch it on; only ever called by a press. `Error` with a sentence where the browser or the person says no.
export async function switchOn() {
  const allowed = await Notification.requestPermission();
  if (allowed !== "granted") throw new Error(say(allowed === "denied" ? "pushDenied" : "pushNotAllowed"));
  const key = await cityKey();
  const { pushManager } = await worker();
  let subscription = await pushManager.getSubscription();
  if (subscription && !sameKey(subscription, key)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  try {
    subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  } catch {
    throw new Error(say("pushRefused"));
  }
  await tellGateway(subscription);
}

export async function switchOff() {
  const subscription = await own();
  await store.put("meta", { name: "push", on: false }).catch(() => undefined);
  if (!subscription) return;
  await api("POST", "v3/pushers/set", { app_id: APP, pushkey: text(subscription.getKey("p256dh")), kind: null });
  await subscription.unsubscribe();
}

// At the page's start: the city may have another key, the reader another language, the session another device.
export async function renew() {
  if ((await store.get("meta", "push"))?.on !== true) return;
  const subscription = await own();
  if (subscription && sameKey(subscription, await cityKey())) return tellGateway(subscription);
  await subscription?.unsubscribe();
  return switchOn();
}

// The switch with its explanation.
export function pushSwitch() {
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const button = el("button", { type: "button", class: "chat-switch", role: "switch", "aria-checked": "false", "aria-describedby": "chat-push-text" }, el("span", {}, say("pushOn")));
  const show = async () => button.setAttribute("aria-checked", String(await isOn()));
  button.addEventListener("click", async () => {
    button.disabled = true;
    fault.hidden = true;
    try {
      await ((await isOn()) ? switchOff() : switchOn());
    } catch (error) {
      fault.textContent = error.code === undefined ? error.message : say(error.status === 0 ? "needsLine" : "failed");
      fault.hidden = false;
    }
    button.disabled = false;
    await show();
  });
  if (canPush()) show();
  else button.disabled = true;
  return el("section", { class: "stack tight" }, el("h3", {}, say("notifications")), button, el("p", { class: "muted", id: "chat-push-text" }, say(canPush() ? "pushText" : "pushCannot")), fault);
}
