// The conversation that is looked at: its head, what it says of itself, its messages, and the place to write.

import "./more.js";
import { composer } from "./composer.js";
import { entered, lacks, load, open as unseal } from "./crypto.js";
import { api, line, room as at } from "./line.js";
import { forgetLocal } from "./media.js";
import { drawRow, isSaid, lifetimeWords, shortOf, stampOf } from "./message.js";
import * as model from "./model.js";
import { again, drop, entriesOf, outbox, send } from "./outbox.js";
import { face } from "./rooms.js";
import { lookAt } from "./sync.js";
import { isolate, mark } from "./plain.js";
import { Rows, Scroller, isEdit, isOfPoll, threadOf } from "./timeline.js";
import { announce, el, hiddenText, icon, number, reasonOf, say, tool } from "./words.js";

const FAR = 300; // pixels from the newest: from there on a button leads to it
const PAGE = 50;
const LONG_PAGE = 200; // once somebody really goes back
const EXPIRY = 30_000; // how often it is looked for what has lived long enough
const place = document.querySelector("[data-talk]");
const stop = () => view?.close();
let view = null;

export function close() {
  stop();
  view = null;
  place.hidden = true;
  place.replaceChildren();
  lookAt("");
}

// Show a room, and of it a thread, or "" for none; the caller has changed the address. Resolves when what is kept of it is
// drawn.
export async function open(id, thread = "") {
  if (view?.id === id) return view.showThread(thread);
  stop();
  lookAt(id);
  view = new View(id);
  place.hidden = false;
  await view.begin();
  return view.showThread(thread);
}

export const isOpen = (id) => view?.id === id;
export const openView = () => view;

class View {
  // `thread`: the root of the thread that is shown (threads.js), or "" for the conversation itself.
  constructor(id, thread = "") {
    this.id = id;
    this.thread = thread;
    this.draftKey = thread ? `${id}/${thread}` : id;
    this.rows = new Rows(thread);
    this.sent = new Map(); // what was sent and has not come back yet: transaction -> row
    this.end = new AbortController();
  }

  get room() {
    return model.rooms.get(this.id);
  }

  listen(target, names, handle) {
    for (const name of names) target.addEventListener(name, handle, { signal: this.end.signal });
  }

  async begin() {
    this.frame(place);
    this.follow();
    this.timeline = await model.recallTimeline(this.id);
    if (this.end.signal.aborted) return;
    this.rebuild();
    this.seal();
    import("./presence.js").then(({ watch }) => this.end.signal.aborted || watch(this), () => undefined);
  }

  follow() {
    this.listen(model.news, ["room"], ({ detail }) => detail === this.id && this.renew());
    this.listen(model.news, ["reads"], ({ detail }) => detail === this.id && this.scroller?.refresh());
    this.listen(model.news, ["timeline"], ({ detail }) => detail.id === this.id && this.take(detail));
    this.listen(outbox, ["changed"], ({ detail }) => detail === this.id && this.arrange());
    this.listen(outbox, ["sent"], ({ detail }) => detail.room === this.id && this.hold(detail));
    this.listen(outbox, ["progress"], ({ detail }) => detail.room === this.id && this.progress(detail));
    this.listen(document, ["visibilitychange"], () => this.markRead());
    this.expiring = setInterval(() => model.expire(this.id) && this.rebuild(), EXPIRY);
  }

  close() {
    this.end.abort();
    clearInterval(this.expiring);
    this.side?.close();
    this.writing?.close();
    this.scroller?.close();
  }

  // --- what stands around the messages

  frame(into) {
    this.head = el("header", { class: "chat-head" });
    this.notes = el("div", { class: "chat-notes" });
    this.port = el("div", { class: "chat-port", role: "log", "aria-live": "off", "aria-label": say("write"), tabindex: "0" });
    this.down = tool("arrow-down", say("newest"), () => this.scroller.toNewest(), { class: "chat-tool chat-down", hidden: true });
    this.below = el("div", { class: "chat-below" });
    this.readUpTo = () => this.#readUpTo();
    this.under = el("span", { class: "chat-under", role: "status" });
    this.pins = el("div", { class: "chat-pins", hidden: true });
    this.card = el("div", { class: "chat-card-place" });
    into.replaceChildren(this.head, this.notes, this.card, this.pins, el("div", { class: "chat-middle" }, this.port, this.down), this.below);
    const draw = (row, before) => drawRow(this.room, row, before, this);
    this.scroller = new Scroller(this.port, { draw, stampOf: (row, before) => stampOf(row, before, this.readUpTo(), this.newsIn(row)), reachesStart: () => this.older() });
    this.port.addEventListener("scroll", () => this.followed(), { passive: true });
    this.port.addEventListener("keydown", (event) => this.walk(event));
    this.port.addEventListener("contextmenu", (event) => this.summon(event));
    this.renew();
  }

  // The room itself has changed: its name, who writes, whether one is still in it.
  renew() {
    const { room } = this;
    if (!room) {
      this.head.replaceChildren(this.#back(), el("h2", { id: "chat-name" }, say("isGone")));
      this.notes.replaceChildren();
      this.below.replaceChildren();
      this.writing?.close();
      return;
    }
    const stamp = JSON.stringify([room.name, room.avatar, room.heroes, room.joined, room.membership, room.encrypted, room.case, room.kind, room.powers, room.lifetime, room.pinned, this.hasThreads, room.preview?.id]);
    this.#tellUnder(room);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    const name = model.nameOf(room) || say("noName");
    const title = el("h2", { id: "chat-name" }, isolate(name), model.isOfficial(room) && mark());
    const about = el("button", { type: "button", class: "chat-about", onclick: () => this.about(), title: say("about") }, face(room), el("span", {}, title, this.under));
    const calls = this.mayCall ? [tool("phone", say("voiceCall"), () => this.call(false)), tool("video", say("videoCall"), () => this.call(true), { class: "chat-tool chat-wide" })] : [];
    const threads = this.hasThreads ? [tool("messages-square", say("threads"), () => this.listThreads())] : [];
    this.head.replaceChildren(this.#back(), about, ...threads, ...calls, tool("ellipsis", say("about"), () => this.about()));
    this.notes.replaceChildren(...this.#notes(room), ...this.#lifetime(room));
    this.showPins(room);
    this.offerWriting(room);
    this.#case(room);
    this.markRead();
    this.seal();
  }

  // Who writes just now, how many there are, or whether the other one is there.
  #tellUnder(room) {
    const writing = model.typing.get(this.id) ?? [];
    const said = room.joined > 2 ? say("membersCount", { count: number(room.joined) }) : (this.presence ?? "");
    const words = writing.length ? (writing.length === 1 ? say("typing", { name: model.personIn(room, writing[0]).name }) : say("typingMany")) : said;
    this.under.classList.toggle("chat-call", writing.length > 0);
    if (this.under.textContent !== words) this.under.textContent = words;
  }

  showPresence(words) {
    this.presence = words;
    this.renew();
  }

  // Above the messages of a case stands its card (card.js).
  #case(room) {
    if (this.hasCard || !room.case?.link || !model.isOfficial(room)) return;
    this.hasCard = true;
    import("./card.js").then(({ keepCard }) => keepCard(this, this.card)).catch(() => (this.hasCard = false));
  }

  #back() {
    return el("a", { href: "#", class: "chat-tool chat-back" }, icon("arrow-left"), hiddenText(say("back")));
  }

  #notes(room) {
    if (room.membership === "invite") return [];
    const missing = room.encrypted && lacks();
    if (missing) return [el("p", { class: "chat-note" }, icon("lock"), el("span", {}, say(missing)))];
    if (room.encrypted) return [el("p", { class: "chat-note quiet" }, icon("lock"), el("span", {}, say("sealedRoom")))];
    if (!model.isOfficial(room)) return [el("p", { class: "chat-note quiet" }, icon("eye"), el("span", {}, say("openRoom")))];
    const link = room.case?.link && new URL(room.case.link, location.href);
    const page = link && link.origin === location.origin && el("a", { href: link.href }, say("caseCard"));
    return [el("p", { class: "chat-note city" }, icon("landmark"), el("span", {}, say("cityReads"), " ", page))];
  }

  #lifetime({ lifetime }) {
    return lifetime ? [el("p", { class: "chat-note quiet" }, icon("timer"), el("span", {}, `${say("lifetime")}: ${lifetimeWords(lifetime)}`))] : [];
  }

  async showPins(room) {
    this.pins.hidden = !room.pinned?.length;
    if (this.pins.hidden) return;
    const { drawPins } = await import("./pins.js").catch(() => ({}));
    drawPins?.(this, room);
  }

  offerWriting(room) {
    const reads = room.powers && !model.powerOf(room, line.me, room.encrypted ? "m.room.encrypted" : "m.room.message");
    const kind = room.membership === "invite" ? "invite" : room.encrypted && lacks() ? "sealed" : reads ? "reads" : "write";
    if (this.kind === kind) return;
    this.kind = kind;
    this.writing?.close();
    this.writing = null;
    if (kind === "write") {
      this.writing = composer(this);
      this.below.replaceChildren(this.writing.element);
    } else this.below.replaceChildren(...(kind === "invite" ? [this.#invitation(room)] : reads ? [el("p", { class: "chat-note quiet" }, icon("eye"), say("onlyReads"))] : []));
  }

  #invitation(room) {
    const name = model.personIn(room, room.inviter || room.by || "").name;
    const answer = async (verb, button) => {
      button.disabled = true;
      try {
        const { inviter } = room;
        await api("POST", at(this.id, `/${verb}`), {});
        if (verb === "join" && room.encrypted && inviter) entered(this.id, inviter).catch(() => undefined);
        if (verb === "leave") [model.forget(this.id), (location.hash = "")];
        else Object.assign(room, { membership: "join" });
        this.renew();
      } catch (error) {
        button.disabled = false;
        box.append(el("p", { class: "fault", role: "alert" }, reasonOf(error)));
      }
    };
    const box = el(
      "div",
      { class: "chat-invite" },
      el("p", {}, say("inviteFrom", { name })),
      el("div", { class: "actions" }, el("button", { type: "button", class: "button", onclick: (event) => answer("join", event.currentTarget) }, say("accept")), el("button", { type: "button", class: "button quiet", onclick: (event) => answer("leave", event.currentTarget) }, say("decline"))),
    );
    return box;
  }

  // What is encrypted is read by a part of its own, which is loaded for such rooms alone.
  async seal() {
    if (!this.room?.encrypted || this.sealing || lacks()) return;
    this.sealing = true;
    try {
      await (await load()).heal(this.id);
    } catch {
      this.sealing = false; // with the next change of the room, or when there is a line
    }
  }

  async mend(row) {
    const { explain } = await import("./seal/shut.js");
    explain(this, row);
  }

  // --- the messages

  rebuild() {
    const { byId } = this.rows;
    this.rows = new Rows(this.thread);
    this.rows.append(this.timeline.events);
    for (const row of this.rows.list) row.height = byId.get(row.id)?.height ?? 0; // nearly always the same
    this.arrange(0);
  }

  // What has come: everything anew, or events before and after those that we had.
  take({ anew, before, after }) {
    this.timeline = model.timelines.get(this.id);
    if (model.expire(this.id) || anew) return this.rebuild();
    if (before?.length) this.rows.prepend(before);
    if (after?.length) {
      this.rows.append(after);
      this.hear(after);
    }
    return this.arrange(before?.length ? 0 : undefined);
  }

  // Say the new ones to who listens.
  hear(events) {
    for (const event of events) {
      const txn = event.unsigned?.transaction_id;
      if (txn) this.#release(txn);
      const row = this.rows.byId.get(event.event_id);
      if (row && event.sender !== line.me && isSaid(row) && !document.hidden) announce(`${model.personIn(this.room, event.sender).name}: ${shortOf(row)}`);
    }
  }

  #release(txn) {
    const row = this.sent.get(txn);
    if (row?.entry) forgetLocal(row.entry);
    this.sent.delete(txn);
  }

  // Sent, and not come back by the sync yet: it stays where it is.
  hold(entry) {
    if (!this.holds(entry)) return;
    if (this.rows.byId.has(entry.event)) return;
    this.sent.set(entry.txn, rowOf({ ...entry }));
    this.arrange();
  }

  arrange(from = this.rows.list.length - 1) {
    for (const [txn, row] of this.sent) if (this.rows.byId.has(row.entry.event)) this.#release(txn);
    const known = new Set(this.rows.list.slice(-200).map((row) => row.event.unsigned?.transaction_id));
    const waits = entriesOf(this.id);
    for (const entry of waits) if (!isMessage(entry)) this.#foretell(entry);
    const echoes = waits.filter((entry) => this.holds(entry) && !known.has(entry.txn) && !this.sent.has(entry.txn)).map(rowOf);
    this.scroller.set([...this.rows.list, ...this.sent.values(), ...echoes], Math.max(0, from));
    if (!this.thread && this.rows.threads.size) this.renew();
    this.markRead();
  }

  // Whether something that waits to be sent is a row of this view.
  holds(entry) {
    return isMessage(entry) && threadOf(entry) === this.thread;
  }

  // A reaction, change or deletion that waits is shown as if it had been made.
  #foretell(entry) {
    const id = `local-${entry.txn}`;
    if (this.foretold?.has(id) || entry.state === "refused") return;
    (this.foretold ??= new Set()).add(id);
    const event = { event_id: id, sender: line.me, origin_server_ts: entry.at, type: entry.redacts ? "m.room.redaction" : entry.type, redacts: entry.redacts, content: entry.content };
    this.rows.append([event]);
  }

  progress(entry) {
    const bar = this.port.querySelector(`progress[data-txn="${entry.txn}"]`);
    import("./outbox.js").then(({ progress }) => bar && (bar.value = progress.get(entry.txn)?.part ?? 1));
  }

  // What was said before. Whoever asks while that is on its way waits for it.
  older() {
    this.loading ??= this.fetchOlder().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async fetchOlder() {
    const { timeline } = this;
    if (!timeline || timeline.prev === "" || !this.room || this.room.membership !== "join") return;
    if (timeline.prev === null && !timeline.events.length) return; // the sync is about to tell
    try {
      const from = timeline.prev ?? (await this.#before(timeline.events[0].event_id));
      const said = await api("GET", at(this.id, "/messages"), undefined, { query: { dir: "b", from, limit: timeline.events.length > 4 * PAGE ? LONG_PAGE : PAGE } });
      const known = new Set(timeline.events.slice(0, 2 * LONG_PAGE).map((event) => event.event_id));
      const chunk = await unseal(this.id, said.chunk);
      const events = chunk.reverse().filter((event) => !known.has(event.event_id));
      if (timeline !== this.timeline) return;
      timeline.events = events.concat(timeline.events);
      timeline.prev = said.end ?? "";
      this.rows.prepend(events);
      this.arrange(0);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 3000));
    } finally {
      this.scroller.refresh();
    }
  }

  async #before(id) {
    return (await api("GET", at(this.id, `/context/${encodeURIComponent(id)}`), undefined, { query: { limit: 0 } })).start;
  }

  // --- reading

  #readUpTo() {
    let latest = 0;
    for (const [person, { at: moment }] of model.reads.get(this.id) ?? []) if (person !== line.me) latest = Math.max(latest, moment);
    return latest;
  }

  followed() {
    this.down.hidden = this.scroller.away < FAR;
    if (this.scroller.follows) this.markRead();
  }

  markRead() {
    clearTimeout(this.marking);
    this.marking = setTimeout(() => this.#markRead(), 300);
  }

  async #markRead() {
    const last = this.rows.list.findLast((row) => isSaid(row));
    if (this.end.signal.aborted || document.hidden || !this.scroller.follows || !last || this.marked === last.id) return;
    if (this.room?.membership !== "join" || (!this.room.unread && last.event.sender === line.me)) return;
    this.marked = last.id;
    try {
      await this.sendReceipt(last);
    } catch {
      this.marked = ""; // with the next message, or when the page is looked at again
    }
  }

  // Threads are read where they are shown (spec, "Threaded read receipts").
  sendReceipt(row) {
    return api("POST", at(this.id, `/receipt/m.read/${encodeURIComponent(row.id)}`), { thread_id: this.thread || "main" });
  }

  // --- threads

  get hasThreads() {
    return this.rows.threads.size > 0 || Boolean(this.marked && this.room?.unread); // what is unread still is in one
  }

  // How much of the thread of a row is unread.
  newsIn(row) {
    if (!row.thread?.size) return 0;
    const read = model.threadReadBy(this.id, row.id, line.me);
    const latest = Math.max(read, ...[...row.thread.values()].filter((one) => one.sender === line.me).map((one) => one.origin_server_ts));
    return [...row.thread.values()].filter((one) => one.sender !== line.me && one.origin_server_ts > latest).length;
  }

  openThread(row) {
    location.hash = `#${encodeURIComponent(this.id)}/${encodeURIComponent(row.id)}`;
  }

  async showThread(root) {
    if ((this.side?.thread ?? "") === root) return;
    this.side?.close();
    this.side = null;
    place.classList.toggle("with-side", Boolean(root));
    if (!root) return;
    const { threadViewOf } = await import("./threads.js");
    if (this.end.signal.aborted || this.side) return;
    this.side = new (threadViewOf(View))(this, root, place);
    await this.side.begin();
  }

  async listThreads() {
    const { openThreads } = await import("./threads.js");
    openThreads(this);
  }

  // The newest message that is known here, for who answers the thread as a whole.
  newestId() {
    return this.rows.list.findLast((row) => isSaid(row))?.id ?? this.thread;
  }

  // --- what is done with a message

  find(id) {
    return this.rows.byId.get(id);
  }

  grew(row) {
    this.scroller.grew(row);
  }

  again(entry) {
    again(entry);
  }

  drop(entry) {
    forgetLocal(entry);
    drop(entry);
  }

  async show(id) {
    for (let tries = 0; tries < 20 && !this.rows.byId.has(id) && this.timeline.prev !== ""; tries += 1) {
      const before = this.timeline.events.length;
      await this.older();
      if (this.timeline.events.length === before) break;
    }
    const element = this.scroller.show(id);
    if (!element) return announce(say("notFound"));
    element.classList.add("found");
    element.focus({ preventScroll: true });
    setTimeout(() => element.classList.remove("found"), 1600);
    return undefined;
  }

  react(row, key) {
    const mine = row.reactions.get(key)?.get(line.me);
    if (mine?.startsWith("local-")) return;
    if (mine) send(this.id, "m.room.redaction", {}, { redacts: mine });
    else send(this.id, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: row.id, key } });
  }

  async menu(row, button) {
    const { openMenu } = await import("./menu.js");
    openMenu(this, row, button);
  }

  // Two people may call each other. What is encrypted is called when this page can encrypt it.
  get mayCall() {
    const { room } = this;
    return Boolean(room && room.joined === 2 && room.membership === "join" && !(room.encrypted && lacks()) && !model.isOfficial(room) && window.RTCPeerConnection);
  }

  async call(video) {
    const { start } = await import("./calls.js");
    await start(this.id, video);
  }

  async about() {
    const { openAbout } = await import("./about.js");
    openAbout(this);
  }

  // A long press on a phone, the other button of a mouse.
  summon(event) {
    const id = event.target.closest("[data-event]")?.dataset.event;
    const row = this.find(id);
    if (!row || row.gone || !isSaid(row) || event.target.closest("a") || String(getSelection())) return;
    event.preventDefault();
    this.menu(row, event.target.closest("[data-event]"));
  }

  // The arrows go from message to message; Enter opens what can be done with one.
  walk(event) {
    const here = event.target.closest("[data-event]");
    if (event.key === "Enter" && here === event.target) {
      const row = this.find(here.dataset.event);
      if (row && !row.gone && isSaid(row)) [event.preventDefault(), this.menu(row, here)];
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    if (event.target !== this.port && event.target !== here) return;
    event.preventDefault();
    const next = here ? (event.key === "ArrowUp" ? here.previousElementSibling : here.nextElementSibling) : this.port.querySelector("[data-event]:last-of-type");
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }
}

const isMessage = (entry) => !entry.redacts && entry.type !== "m.reaction" && !isEdit(entry) && !isOfPoll(entry.type);

function rowOf(entry) {
  const event = { event_id: `entry-${entry.txn}`, sender: line.me || entry.person, origin_server_ts: entry.at, type: entry.type, content: entry.content };
  return { id: event.event_id, key: event.event_id, event, edit: null, reactions: new Map(), gone: false, height: 0, stamp: 0, entry };
}
