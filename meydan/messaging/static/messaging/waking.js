// The part of the service worker that hears from the gateway while the messenger is closed. What comes says which event of
// which room, whether it is a call, and how much is unread: no words, no names. The room's name is taken from this device's
// own copy (chat/store.js), where there is one; the sentences were put beside it when the person switched this on.

(() => {
  const CALLS = ["m.call.invite", "m.rtc.notification", "org.matrix.msc4075.rtc.notification"];
  const { chat: CHAT, icon: ICON } = self.MEYDAN; // sw.js
  const SHAKE = [500, 300, 500, 300, 500];

  // The device's copy as it is; nothing is made where there is none.
  const opened = () =>
    new Promise((resolve) => {
      const request = indexedDB.open("meydan-chat");
      request.onupgradeneeded = () => request.transaction.abort();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    });

  const read = (base, store, key) =>
    new Promise((resolve) => {
      try {
        const request = base.transaction(store).objectStore(store).get(key);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(undefined);
      } catch {
        resolve(undefined);
      }
    });

  async function known(id) {
    const base = await opened();
    if (!base) return {};
    const push = await read(base, "meta", "push");
    const room = id ? await read(base, "rooms", id) : undefined;
    base.close();
    return { push, room };
  }

  // As model.js calls a room, without those who are only counted.
  function nameOf(room) {
    if (!room) return "";
    const heroes = (room.heroes ?? []).map((hero) => hero.displayname || hero.user_id.slice(1).split(":")[0]);
    return String(room.name || heroes.join(", ")).replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu, "").slice(0, 80);
  }

  async function badge(unread) {
    if (typeof unread !== "number") return;
    const set = unread ? self.navigator.setAppBadge?.(unread) : self.navigator.clearAppBadge?.();
    await set?.catch(() => undefined);
  }

  async function windows() {
    const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return all.filter((one) => new URL(one.url).pathname === CHAT);
  }

  // What was read on another device needs no notification any more.
  async function close(wanted) {
    for (const one of await self.registration.getNotifications()) if (wanted(one)) one.close();
  }

  // Safari takes the leave back from who is told something and shows nothing (plugins/web_push.py, ALWAYS_SHOW).
  async function mustShow() {
    const subscription = await self.registration.pushManager.getSubscription();
    return /\.push\.apple\.com$/.test(subscription ? new URL(subscription.endpoint).hostname : "");
  }

  async function hear(said) {
    await badge(said.unread);
    const id = typeof said.room_id === "string" ? said.room_id : "";
    if (!id) return close(() => said.unread === 0);
    const { push, room } = await known(id);
    if (push?.on !== true) {
      // Nobody is signed in here, or it was switched off: this browser is to be told of nothing.
      const subscription = await self.registration.pushManager.getSubscription();
      await subscription?.unsubscribe();
      return undefined;
    }
    const call = CALLS.includes(said.type);
    const looks = (await windows()).some((one) => one.focused && one.visibilityState === "visible");
    if (looks && !(await mustShow())) return undefined;
    const { words } = push;
    const name = nameOf(room);
    const text = call ? words.call : room?.membership === "invite" ? words.invite : words.message;
    const shown = { body: name ? text : "", tag: call ? `call ${id}` : id, data: { room: id, at: Date.now() }, icon: ICON, lang: words.language, dir: words.direction, renotify: said.prio === "high" };
    return self.registration.showNotification(name || text, call ? { ...shown, renotify: true, requireInteraction: true, vibrate: SHAKE } : shown);
  }

  self.addEventListener("push", (event) => {
    let said = {};
    try {
      said = event.data?.json() ?? {};
    } catch {
      // It is not ours; there is nothing to say.
    }
    event.waitUntil(hear(said && typeof said === "object" ? said : {}));
  });

  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const { room = "" } = event.notification.data ?? {};
    const open = async () => {
      const [one] = await windows();
      if (!one) return self.clients.openWindow(`${CHAT}#${encodeURIComponent(room)}`);
      one.postMessage({ openRoom: room });
      return one.focus();
    };
    event.waitUntil(open());
  });
})();
