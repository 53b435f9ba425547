// How much is unread, on the page's title and on the icon of the installed app; and what the service worker asks of the
// page when a notification was pressed. Of conversations that the sync has not told of yet, far down in the list, the gateway
// is asked.

import { api, line } from "./line.js";
import * as model from "./model.js";
import { list, told } from "./sync.js";
import { number } from "./words.js";

const SOON = 300;
const [LATER, AGAIN] = [6000, 300_000]; // milliseconds after which the gateway is asked, and asked anew
const title = document.title;
let timer = 0;
let shown = -1;
let elsewhere = null; // room -> {notification_count, highlight_count}: of all rooms, as the gateway said last
let asked = Date.now() - AGAIN + LATER;

const counts = (room) => (room.membership === "invite" ? 1 : model.isArchived(room) ? 0 : model.account.muted.has(room.id) ? room.loud : room.unread);

function count() {
  let unread = [...model.rooms.values()].reduce((sum, room) => sum + (elsewhere && !told.has(room.id) ? 0 : counts(room)), 0);
  for (const [id, room] of Object.entries(elsewhere ?? {})) if (!told.has(id)) unread += room.notification_count;
  if (unread === shown) return;
  shown = unread;
  document.title = unread ? `(${number(unread)}) ${title}` : title;
  const set = unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  set?.catch(() => undefined); // where the app is not installed
}

// Whoever has more conversations than are held here.
async function ask() {
  if (told.size >= list.count || document.hidden || line.state !== "online" || Date.now() - asked < AGAIN) return;
  asked = Date.now();
  const said = await api("GET", "unstable/org.meydan.unread").catch(() => null); // what is kept on this device counts as long
  if (said) elsewhere = said.rooms;
  count();
}

export function begin() {
  const soon = () => (timer ||= setTimeout(() => [(timer = 0), count(), ask()], SOON));
  for (const what of ["rooms", "room"]) model.news.addEventListener(what, soon);
  document.addEventListener("visibilitychange", soon);
  soon();
  setTimeout(soon, LATER);
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data?.openRoom === "string") location.hash = `#${encodeURIComponent(data.openRoom)}`;
  });
  if ("PushManager" in window && Notification.permission === "granted") import("./push.js").then(({ renew }) => renew()).catch(() => undefined);
}

// Nobody is signed in here any more: this browser is told of nothing.
export async function endPush() {
  [shown, elsewhere] = [-1, null];
  document.title = title;
  await navigator.clearAppBadge?.().catch(() => undefined);
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
  for (const one of (await worker?.getNotifications()) ?? []) one.close();
}
