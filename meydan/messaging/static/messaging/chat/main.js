// The messenger in the browser begins here: what is kept on the device is shown at once, then the line is taken up. The
// room that is looked at stands in the address after "#", so that the back button goes back to the list.

import { asked, forgetKeys, loadAgain } from "./crypto.js";
import { line, takePass } from "./line.js";
import * as model from "./model.js";
import * as outbox from "./outbox.js";
import * as rooms from "./rooms.js";
import * as store from "./store.js";
import { run } from "./sync.js";
import { el, say } from "./words.js";

const home = document.querySelector("[data-chat]");
const status = document.querySelector("[data-line]");
const nothing = document.querySelector("[data-nothing]");
const AGAIN = 20_000;
const PEOPLE = [() => import("./card.js"), () => import("./group.js"), () => import("./trouble.js"), () => import("./settings.js"), () => import("./directory.js")];
const QUIET = 6000; // what is for later leaves the line to what is for now
const SHORT = 1500; // a line that is back within it was never away

let shown = "";
let late = 0;
function showState() {
  clearTimeout(late);
  const words = { connecting: "connecting", offline: "offline", fault: "fault", "signed-out": "signedOut" }[line.state];
  const put = () => {
    status.hidden = !words;
    status.className = `chat-line ${line.state}`;
    status.replaceChildren(...(words ? [say(words)] : []), ...(line.state === "signed-out" ? [" ", el("a", { href: home.dataset.signIn }, say("signIn"))] : []));
  };
  if (words && line.state !== "signed-out") late = setTimeout(put, shown ? 0 : SHORT);
  else put();
  shown = words ?? "";
  if (line.state === "signed-out") leave();
  rooms.arrange();
}

// Nobody is signed in: what belongs to who was leaves the page and the device, but for what they have still to send.
async function leave() {
  model.rooms.clear();
  model.timelines.clear();
  location.hash = "";
  await store.wipe("rooms", "timelines", "meta").catch(() => undefined);
  await caches?.delete("meydan-chat").catch(() => undefined);
  await (await import("./badge.js")).endPush().catch(() => undefined);
  forgetKeys();
}

async function follow() {
  const [id, thread = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (id === "join") return void import("./join.js").then(({ openJoin }) => openJoin(thread)).catch(() => undefined);
  const isRoom = id.startsWith("!");
  home.classList.toggle("in-room", isRoom);
  document.body.classList.toggle("chat-in-room", isRoom);
  nothing.hidden = isRoom;
  rooms.choose(isRoom ? id : "");
  if (!isRoom) {
    if (view) view.close();
    return;
  }
  if (!view) [view] = await Promise.all([import("./room.js"), sheetOf(home.dataset.kindsSheet)]);
  await view.open(id, thread);
}
let view = null;

// A sheet that is not needed for the list.
const sheetOf = (href) => new Promise((resolve) => document.head.append(el("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve })));

// The page as the phone's keyboard leaves it.
function fit() {
  const { height, offsetTop } = visualViewport;
  home.style.setProperty("--view", `${height}px`);
  if (offsetTop) scrollTo(0, 0);
}

async function begin() {
  line.addEventListener("state", showState);
  line.addEventListener("person", async ({ detail }) => {
    const others = await store.belongTo(detail).catch(() => false);
    if (!others) return;
    model.rooms.clear();
    model.timelines.clear();
    rooms.drafts.clear();
    await outbox.recall();
    rooms.arrange();
  });
  home.querySelector("[data-begin]").addEventListener("click", async () => (await import("./begin.js")).openBegin());
  home.querySelector("[data-settings]").addEventListener("click", async () => (await import("./settings.js")).openSettings());
  home.querySelector("[data-devices]").addEventListener("click", async () => (await import("./seal/devices.js")).openDevices());
  asked.addEventListener("verification", async ({ detail }) => (await import("./seal/verify.js")).incoming(detail));
  addEventListener("hashchange", follow);
  model.news.addEventListener("call", async ({ detail }) => (await import("./calls.js")).hear(detail));
  visualViewport?.addEventListener("resize", fit);
  if (visualViewport) fit();
  try {
    line.me = (await store.get("meta", "person"))?.value ?? "";
    await Promise.all([model.recall(), outbox.recall()]);
    for (const [id, text] of (await store.get("meta", "drafts"))?.value ?? []) rooms.drafts.set(id, text);
  } catch {
    // Nothing is kept in this browser; the gateway has it all.
  }
  rooms.arrange();
  showState();
  await follow();
  await connect();
}

async function connect() {
  try {
    await takePass();
  } catch {
    if (line.state === "signed-out") return;
    if (line.state === "connecting") line.dispatchEvent(new Event("state"));
  }
  run();
  import("./badge.js").then(({ begin: count }) => count());
  outbox.flush();
  setTimeout(model.expireAll, QUIET);
  setTimeout(loadForLater, QUIET / 2);
}

async function loadForLater() {
  await lineIsFree();
  loadAgain().catch(() => undefined);
  dispatchEvent(new Event("quiet")); // what else pages load for later (ui/app.js)
  setTimeout(keepPage, QUIET / 2);
}

// A call has the line for itself, and so has what somebody wants to send.
async function lineIsFree() {
  while (outbox.hasMore() || document.querySelector('.call:not([data-state="ended"])')) await new Promise((resolve) => setTimeout(resolve, 5000));
}

const KINDS = [
  () => import("./carrying.js"),
  () => import("./presence.js"),
  () => import("./voice.js"),
  () => import("./recorder.js"),
  () => import("./mentions.js"),
  () => import("./threads.js"),
  () => import("./polls.js"),
  () => import("./forward.js"),
  () => import("./films.js"),
  () => import("./places.js"),
  () => import("./place-chooser.js"),
  () => import("./stickers.js"),
  () => import("./attach.js"),
  () => import("./pins.js"),
  () => import("./lasting.js"),
];

// The page itself, without the rooms that it brings, for the next time without a line (or on a slow one): the service
// worker gives it, perhaps to somebody else.
async function keepPage() {
  if (!("caches" in window) || !navigator.serviceWorker) return;
  try {
    const answer = await fetch(`${location.pathname}?frame`, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) await (await caches.open("meydan-chat")).put(location.pathname, answer);
  } catch {
    // Next time.
  }
  // What is loaded when it is needed, so that it is there without a line.
  const parts = [() => import("./room.js"), () => import("./photos.js"), () => import("./menu.js"), () => import("./about.js"), () => import("./begin.js"), ...KINDS, ...PEOPLE];
  for (const load of parts) {
    await lineIsFree();
    await load().catch(() => undefined);
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) outbox.flush();
});
setInterval(() => outbox.flush(), AGAIN);
begin();
