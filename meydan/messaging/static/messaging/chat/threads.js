// A thread: what was said about one message, apart from the conversation, in a panel of its own with its own place to write
// (spec, "Threading"). And the list of a room's threads.

import "./more.js";
import { open } from "./crypto.js";
import { api, line, room as at } from "./line.js";
import { show } from "./dialog.js";
import { shortOf } from "./message.js";
import * as model from "./model.js";
import { gist } from "./rooms.js";
import { isolate, nameTag } from "./plain.js";
import { briefly, el, hiddenText, number, reasonOf, say, tool } from "./words.js";

const PAGE = 50;
const LISTED = 50;

// The view of a thread, made of the conversation's own (room.js, which loads this part and is not imported by it).
export const threadViewOf = (View) =>
  class extends View {
    constructor(parent, root, place) {
      super(parent.id, root);
      Object.assign(this, { parent, place, later: [] });
      this.element = el("section", { class: "chat-side", "aria-labelledby": "chat-thread-name" });
      this.element.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.leave());
      place.append(this.element);
    }

    async begin() {
      this.frame(this.element);
      this.readUpTo = () => this.#readUpTo();
      this.follow();
      await this.load();
    }

    // Where the conversation has the root, it has all that came after it; else it is asked for.
    async load() {
      this.later = [];
      const known = this.parent.timeline?.events ?? [];
      if (known.some((event) => event.event_id === this.thread)) {
        this.timeline = { events: known, prev: "" };
        return this.rebuild();
      }
      this.timeline = { events: [], prev: null };
      try {
        [this.root] = await open(this.id, [await api("GET", at(this.id, `/event/${encodeURIComponent(this.thread)}`))]);
        await this.older();
      } catch (error) {
        this.notes.replaceChildren(el("p", { class: "chat-note", role: "alert" }, reasonOf(error)));
      }
      return undefined;
    }

    async fetchOlder() {
      const { timeline } = this;
      if (!this.root || timeline.prev === "") return;
      const query = { dir: "b", limit: PAGE, recurse: "true", ...(timeline.prev && { from: timeline.prev }) };
      const said = await api("GET", `v1/rooms/${encodeURIComponent(this.id)}/relations/${encodeURIComponent(this.thread)}`, undefined, { query });
      const [root, ...known] = timeline.events.length ? timeline.events : [this.root];
      const chunk = await open(this.id, said.chunk);
      Object.assign(timeline, { events: [root, ...chunk.reverse(), ...known], prev: said.next_batch ?? "" });
      this.rebuild();
    }

    take({ anew, after }) {
      if (anew) return this.load();
      if (!after?.length) return undefined;
      if (this.root) this.timeline.events.push(...after);
      this.rows.append(after);
      this.hear(after);
      return this.arrange();
    }

    renew() {
      const { room } = this;
      if (!room) return;
      if (!this.head.firstChild) this.head.replaceChildren(el("h2", { id: "chat-thread-name" }, say("thread")), tool("x", say("threadClose"), () => this.leave()));
      this.offerWriting(room);
      this.markRead();
    }

    async sendReceipt(row) {
      await super.sendReceipt(row);
      model.takeThreadRead(this.id, this.thread, line.me, Math.max(Date.now(), row.event.origin_server_ts));
      model.tell("reads", this.id);
    }

    get unread() {
      return this.rows.list.some((row) => row.event.sender !== line.me && row.event.origin_server_ts > model.threadReadBy(this.id, this.thread, line.me));
    }

    #readUpTo() {
      const people = Object.keys(this.room?.people ?? {}).filter((person) => person !== line.me);
      return Math.max(0, ...people.map((person) => model.threadReadBy(this.id, this.thread, person)));
    }

    leave() {
      location.hash = `#${encodeURIComponent(this.id)}`;
    }

    close() {
      const held = this.element.contains(document.activeElement) || document.activeElement === document.body;
      super.close();
      this.element.remove();
      this.place.classList.remove("with-side");
      if (held) this.parent.port.querySelector(`[data-event="${CSS.escape(this.thread)}"] .chat-thread`)?.focus({ preventScroll: true });
    }
  };

// All threads of a room, the one that was spoken in last first.
export async function openThreads(view) {
  const list = el("ul", { class: "chat-found", role: "list" });
  const status = el("p", { class: "muted", role: "status" });
  const done = el("button", { type: "button", class: "button quiet", hidden: true }, say("threadsRead"));
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-threads" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-threads" }, say("threads")), tool("x", say("close"), () => dialog.close())), status, list, done);
  show(dialog);
  try {
    const { chunk } = await api("GET", `v1/rooms/${encodeURIComponent(view.id)}/threads`, undefined, { query: { limit: LISTED } });
    const roots = await open(view.id, chunk);
    list.replaceChildren(...roots.map((root) => item(view, root, () => dialog.close())));
    status.textContent = chunk.length ? "" : say("noThreads");
    done.hidden = !chunk.length;
    done.addEventListener("click", () => readAll(view, chunk, dialog, status));
  } catch (error) {
    status.textContent = reasonOf(error);
  }
}

const summaryOf = (root) => root.unsigned?.["m.relations"]?.["m.thread"] ?? {};

function item(view, root, close) {
  const { latest_event: last, count = 0 } = summaryOf(root);
  const known = view.find(root.event_id);
  const isNew = last && last.sender !== line.me && last.origin_server_ts > model.threadReadBy(view.id, root.event_id, line.me);
  const words = known ? shortOf(known) : gist(model.gistOf(root));
  const about = el("span", {}, el("b", {}, nameTag(model.personIn(view.room, root.sender))), isolate(words), el("small", {}, say("threadCount", { count: number(count) }), last && ` · ${briefly(last.origin_server_ts)}`));
  const go = () => [close(), view.openThread({ id: root.event_id })];
  return el("li", {}, el("button", { type: "button", class: "chat-pick", onclick: go }, about, isNew && el("span", { class: "chat-count" }, el("span", { "aria-hidden": "true" }, "•"), hiddenText(say("unread", { count: "" })))));
}

// A receipt of no thread is for all of them.
async function readAll(view, chunk, dialog, status) {
  const newest = [...chunk.map((root) => summaryOf(root).latest_event), view.rows.list.findLast((row) => row.id.startsWith("$"))?.event].filter(Boolean).sort((one, other) => one.origin_server_ts - other.origin_server_ts).at(-1);
  try {
    await api("POST", at(view.id, `/receipt/m.read/${encodeURIComponent(newest.event_id)}`), {});
    model.takeThreadRead(view.id, "", line.me, Math.max(Date.now(), newest.origin_server_ts));
    model.tell("reads", view.id);
    dialog.close();
  } catch (error) {
    status.textContent = reasonOf(error);
  }
}
