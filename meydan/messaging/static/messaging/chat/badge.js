// How much is unread, on the page's title and on the icon of the installed app; and what the service worker asks of the
// page when a notification was pressed.

import * as model from "./model.js";
import { number } from "./words.js";

const SOON = 300;
const title = document.title;
let timer = 0;
let shown = -1;

const counts = (room) => (room.membership === "invite" ? 1 : model.isArchived(room) ? 0 : model.account.muted.has(room.id) ? room.loud : room.unread);

function count() {
  const unread = [...model.rooms.values()].reduce((sum, room) => sum + counts(room), 0);
  if (unread === shown) return;
  shown = unread;
  document.title = unread ? `(${number(unread)}) ${title}` : title;
  const set = unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  set?.catch(() => undefined); // where the app is not installed
}

export function begin() {
  const soon = () => (timer ||= setTimeout(() => [(timer = 0), count()], SOON));
  for (const what of ["rooms", "room"]) model.news.addEventListener(what, soon);
  soon();
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data?.openRoom === "string") location.hash = `#${encodeURIComponent(data.openRoom)}`;
  });
  if ("PushManager" in window && Notification.permission === "granted") import("./push.js").then(({ renew }) => renew()).catch(() => undefined);
}

// Nobody is signed in here any more: this browser is told of nothing.
export async function endPush() {
  shown = -1;
  document.title = title;
  await navigator.clearAppBadge?.().catch(() => undefined);
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
  for (const one of (await worker?.getNotifications()) ?? []) one.close();
}
