// The rows of a conversation, made of its events; and the list that shows those in sight, however many there are.
//
// A row is one event that is shown: {id, key, event, edit, reactions: Map(key -> Map(person -> event)), gone, height, top}.
// Changes, reactions, votes and deletions are no rows: they go into the row that they are about, or wait until it comes.
// What was said in a thread is a row where that thread is shown, and elsewhere part of the row of the thread's root.

const GUESS = 58; // pixels of a row that was not measured yet
const BEYOND = 500; // pixels that are drawn above and below
const STATE = new Set(["m.room.member", "m.room.name", "m.room.topic", "m.room.create", "m.room.retention", "m.room.pinned_events", "org.meydan.case"]);
const SAID = new Set(["m.room.message", "m.sticker", "m.room.encrypted", "m.call.invite", "m.poll.start", "org.matrix.msc3381.poll.start"]);
const VOTES = new Set(["m.poll.response", "org.matrix.msc3381.poll.response"]);
const ENDS = new Set(["m.poll.end", "org.matrix.msc3381.poll.end"]);
const MOST_VOTES = 5000;
const OF_CALL = new Set(["m.call.answer", "m.call.reject", "m.call.hangup"]);

const relation = (event) => event.content?.["m.relates_to"] ?? {};
export const isOfPoll = (type) => VOTES.has(type) || ENDS.has(type);
export const threadOf = (event) => (relation(event).rel_type === "m.thread" && typeof relation(event).event_id === "string" ? relation(event).event_id : "");
export const isEdit = (event) => event.type === "m.room.message" && relation(event).rel_type === "m.replace";

function isRow(event, creator) {
  if (event.state_key !== undefined) return STATE.has(event.type) && tellsSomething(event, creator);
  return SAID.has(event.type) && !isEdit(event);
}

// Who begins a conversation is in it; who only changes their name says nothing.
function tellsSomething(event, creator) {
  if (event.type !== "m.room.member") return true;
  if (event.state_key === creator && event.content?.membership === "join") return false;
  const before = event.unsigned?.prev_content?.membership;
  return before !== event.content?.membership;
}

// `thread`: the root of the thread that is shown, or "" for the conversation itself.
export class Rows {
  constructor(thread = "") {
    this.thread = thread;
    this.threads = new Set(); // the roots of those that are known here
    this.voteOf = new Map(); // vote's id -> row's id
    this.answerOf = new Map(); // the same for what was said in threads
    this.list = [];
    this.byId = new Map();
    this.reactionOf = new Map(); // reaction's id -> {row's id, key, person}
    this.calls = new Map(); // call's id -> {row, answered, over}
    this.waiting = new Map(); // row's id -> events about it that came before it
  }

  append(events) {
    for (const event of events) this.#take(event, this.list);
  }

  // Events before those we have, from old to new.
  prepend(events) {
    const before = [];
    for (const event of events) this.#take(event, before);
    this.list = before.concat(this.list);
    return before.length;
  }

  #take(event, into) {
    if (event.type === "m.room.redaction") return this.#about(event.redacts ?? event.content?.redacts, event);
    if (event.type === "m.reaction" || isEdit(event) || isOfPoll(event.type)) return this.#about(relation(event).event_id, event);
    const thread = event.state_key === undefined ? threadOf(event) : "";
    if (this.thread ? event.event_id !== this.thread && thread !== this.thread : thread) {
      if (thread && !this.thread) this.#inThread(thread, event);
      return undefined;
    }
    if (event.type === "m.room.create") this.creator = event.sender;
    if (OF_CALL.has(event.type)) return this.#ofCall(event);
    if (!isRow(event, this.creator) || this.byId.has(event.event_id)) return undefined;
    // What was sent from here keeps its element when it comes back.
    const txn = event.unsigned?.transaction_id;
    const row = { id: event.event_id, key: txn ? `entry-${txn}` : event.event_id, event, edit: null, reactions: new Map(), gone: Boolean(event.unsigned?.redacted_because), height: 0, top: 0, stamp: 0 };
    const bundled = event.unsigned?.["m.relations"]?.["m.replace"];
    if (bundled?.content && bundled.sender === event.sender) row.edit = bundled;
    this.byId.set(row.id, row);
    into.push(row);
    if (event.type === "m.call.invite") this.#call(row);
    const early = this.waiting.get(row.id);
    if (early) {
      this.waiting.delete(row.id);
      for (const one of early) this.#about(row.id, one);
    }
    return row;
  }

  // What became of a call belongs to the row of its invitation, whichever is known first.
  #ofCall({ type, content, origin_server_ts: at }) {
    const id = content?.call_id;
    if (typeof id !== "string") return;
    const call = this.calls.get(id) ?? {};
    if (type === "m.call.answer") call.answered ??= at;
    else call.over ??= at;
    this.calls.set(id, call);
    if (call.row) Object.assign(call.row, { stamp: call.row.stamp + 1, height: 0 });
  }

  #call(row) {
    const id = String(row.event.content?.call_id);
    const call = this.calls.get(id) ?? {};
    this.calls.set(id, Object.assign(call, { row }));
    row.call = call;
  }

  #about(id, event) {
    if (typeof id !== "string") return;
    if (event.type === "m.room.redaction" && this.reactionOf.has(id)) return void this.#unreact(id);
    if (event.type === "m.room.redaction" && this.voteOf.has(id)) return void this.#unvote(id);
    if (event.type === "m.room.redaction" && this.answerOf.has(id)) return void this.#unanswer(id);
    const row = this.byId.get(id);
    if (!row) {
      const known = this.waiting.get(id) ?? [];
      known.push(event);
      this.waiting.set(id, known);
      return;
    }
    row.stamp += 1;
    row.height = 0;
    if (threadOf(event)) this.#answer(row, event);
    else if (isOfPoll(event.type)) this.#vote(row, event);
    else if (event.type === "m.room.redaction") Object.assign(row, { gone: true, edit: null, reactions: new Map(), poll: null });
    else if (event.type === "m.reaction") this.#react(row, event);
    else if (event.sender === row.event.sender && !(row.edit?.origin_server_ts > event.origin_server_ts)) row.edit = event;
  }

  // Something said in a thread that is not shown here: its root counts it.
  #inThread(root, event) {
    if (!SAID.has(event.type) || isEdit(event) || event.unsigned?.redacted_because) return;
    this.threads.add(root);
    this.#about(root, event);
  }

  #answer(row, event) {
    row.thread ??= new Map();
    row.thread.set(event.event_id, event);
    this.answerOf.set(event.event_id, row.id);
  }

  #unanswer(id) {
    const row = this.byId.get(this.answerOf.get(id));
    this.answerOf.delete(id);
    row?.thread?.delete(id);
    if (row) Object.assign(row, { stamp: row.stamp + 1, height: 0 });
  }

  #vote(row, event) {
    row.poll ??= { votes: new Map(), ends: new Map() };
    const { votes, ends } = row.poll;
    const into = ENDS.has(event.type) ? ends : votes;
    const txn = event.unsigned?.transaction_id;
    if (txn) into.delete(`local-${txn}`);
    if (event.unsigned?.redacted_because || into.size > MOST_VOTES) return;
    into.set(event.event_id, event);
    this.voteOf.set(event.event_id, row.id);
  }

  #unvote(id) {
    const row = this.byId.get(this.voteOf.get(id));
    this.voteOf.delete(id);
    row?.poll?.votes.delete(id);
    row?.poll?.ends.delete(id);
    if (row) Object.assign(row, { stamp: row.stamp + 1, height: 0 });
  }

  #react(row, event) {
    const key = relation(event).key;
    if (typeof key !== "string" || !key || key.length > 64 || row.reactions.size > 40 || event.unsigned?.redacted_because) return;
    const people = row.reactions.get(key) ?? new Map();
    people.set(event.sender, event.event_id);
    row.reactions.set(key, people);
    this.reactionOf.set(event.event_id, { row: row.id, key, person: event.sender });
  }

  #unreact(id) {
    const { row: rowId, key, person } = this.reactionOf.get(id);
    this.reactionOf.delete(id);
    const row = this.byId.get(rowId);
    const people = row?.reactions.get(key);
    people?.delete(person);
    if (people && !people.size) row.reactions.delete(key);
    if (row) Object.assign(row, { stamp: row.stamp + 1, height: 0 });
  }
}

// Draws the rows that are in sight into `port`, which scrolls. `draw(row, before)` makes a row's element and `stampOf(row,
// before)` says when it must be made anew; `before` is the row above it. Heights are measured when a row was drawn, and
// guessed until then; what is looked at stays where it is, whatever comes or grows above it.
export class Scroller {
  constructor(port, { draw, stampOf, reachesStart }) {
    Object.assign(this, { port, draw, stampOf, reachesStart });
    this.rows = [];
    this.drawn = new Map();
    this.clean = 0; // tops are right up to this place
    this.height = 0;
    this.follows = true; // stays at the newest
    this.asked = 0;
    this.top = document.createElement("div");
    this.bottom = document.createElement("div");
    this.frame = document.createElement("div");
    this.frame.className = "chat-frame";
    port.replaceChildren(this.top, this.frame, this.bottom);
    this.onScroll = () => {
      if (this.isOurs) this.isOurs = false;
      else this.follows = this.#isAtEnd();
      this.refresh();
    };
    port.addEventListener("scroll", this.onScroll, { passive: true });
    this.watch = new ResizeObserver(([entry]) => {
      const width = entry.contentRect.width;
      if (this.width && this.width !== width) for (const row of this.rows) row.height = 0;
      this.width = width;
      this.clean = 0;
      this.refresh();
    });
    this.watch.observe(port);
  }

  close() {
    this.watch.disconnect();
    this.port.removeEventListener("scroll", this.onScroll);
    cancelAnimationFrame(this.asked);
    this.port.replaceChildren();
  }

  #isAtEnd() {
    return this.port.scrollHeight - this.port.scrollTop - this.port.clientHeight < 40;
  }

  // The rows have become others; from `place` on.
  set(rows, place = 0) {
    const anchor = this.follows ? null : this.#anchor();
    if (anchor && !rows.includes(anchor.row)) anchor.row = rows.find((row) => row.id === anchor.id) ?? anchor.row;
    this.rows = rows;
    this.clean = Math.min(this.clean, place);
    this.held ??= anchor;
    this.refresh();
  }

  refresh() {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  // The row at the upper edge, and how far it is above it.
  #anchor() {
    const at = this.port.scrollTop;
    const row = this.rows[this.#find(at)];
    return row && { id: row.id, row, offset: row.top - at };
  }

  #settle() {
    const { rows } = this;
    let top = this.clean ? rows[this.clean - 1].top + (rows[this.clean - 1].height || GUESS) : 0;
    for (let place = this.clean; place < rows.length; place += 1) {
      rows[place].top = top;
      top += rows[place].height || GUESS;
    }
    if (this.clean < rows.length || !rows.length) this.height = top;
    this.clean = rows.length;
  }

  // The place of the row that is `at` so many pixels below the first one's upper edge.
  #find(at) {
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].top <= at) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  paint() {
    this.#settle();
    if (this.held && !this.follows) this.#putBack(this.held);
    this.held = null;
    for (let round = 0; round < 4; round += 1) {
      if (this.follows) this.#toEnd();
      const anchor = this.follows ? null : this.#anchor();
      if (!this.#drawSight()) break;
      this.#settle();
      this.#space();
      if (anchor) this.#putBack(anchor);
    }
    if (this.follows) this.#toEnd();
    if (this.first < 25) this.reachesStart();
  }

  #toEnd() {
    this.#scrollTo(this.port.scrollHeight);
  }

  #scrollTo(top) {
    const before = this.port.scrollTop;
    this.port.scrollTop = top;
    if (this.port.scrollTop !== before) this.isOurs = true;
  }

  #putBack({ row, offset }) {
    this.#space();
    this.#scrollTo(row.top - offset);
  }

  #space() {
    const first = this.rows[this.first]?.top ?? 0;
    const last = this.rows[this.last];
    const after = last ? Math.max(0, this.height - last.top - (last.height || GUESS)) : 0;
    this.top.style.blockSize = `${first}px`;
    this.bottom.style.blockSize = `${after}px`;
  }

  // Draw what is in sight; whether a row was measured to be other than it was thought to be.
  #drawSight() {
    const { rows, port } = this;
    const from = this.follows ? this.height - port.clientHeight - BEYOND : port.scrollTop - BEYOND;
    const until = this.follows ? this.height : port.scrollTop + port.clientHeight + BEYOND;
    this.first = rows.length ? this.#find(from) : 0;
    this.last = rows.length ? this.#find(until) : -1;
    const keep = new Set();
    let next = this.frame.firstElementChild;
    for (let place = this.first; place <= this.last; place += 1) {
      const row = rows[place];
      const stamp = this.stampOf(row, rows[place - 1]);
      keep.add(row.key);
      const known = this.drawn.get(row.key);
      if (known?.stamp === stamp) {
        if (known.element === next) next = next.nextElementSibling;
        else this.frame.insertBefore(known.element, next);
        continue;
      }
      const element = this.draw(row, rows[place - 1]);
      if (known) {
        if (known.element === next) next = next.nextElementSibling;
        const held = known.element.contains(document.activeElement);
        known.element.replaceWith(element);
        if (held) element.focus({ preventScroll: true });
      } else this.frame.insertBefore(element, next);
      this.drawn.set(row.key, { element, stamp });
      row.height = 0;
    }
    for (const [id, { element }] of this.drawn) {
      if (keep.has(id)) continue;
      element.remove();
      this.drawn.delete(id);
    }
    this.#space();
    return this.#measure();
  }

  #measure() {
    let changed = false;
    for (let place = this.first; place <= this.last; place += 1) {
      const row = this.rows[place];
      if (row.height) continue;
      const height = this.drawn.get(row.key).element.getBoundingClientRect().height || 1;
      row.height = height;
      if (this.clean > place) this.clean = place;
      changed = true;
    }
    return changed;
  }

  // Show a row, in the middle.
  show(id) {
    const place = this.rows.findIndex((row) => row.id === id);
    if (place < 0) return false;
    this.follows = false;
    this.#settle();
    this.#space();
    this.#scrollTo(this.rows[place].top - this.port.clientHeight / 2);
    this.paint();
    this.#scrollTo(this.rows[place].top - this.port.clientHeight / 2);
    this.paint();
    return this.drawn.get(this.rows[place].key)?.element ?? false;
  }

  toNewest() {
    this.follows = true;
    this.refresh();
  }

  // A row's element has grown by itself, for a picture of unknown size came.
  grew(row) {
    row.height = 0;
    this.refresh();
  }
}
