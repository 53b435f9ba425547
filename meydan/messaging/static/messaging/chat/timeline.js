// The rows of a conversation, made of its events; and the list that shows those in sight, however many there are.
//
// A row is one event that is shown: {id, key, event, edit, reactions: Map(key -> Map(person -> event)), gone, height}.
// Changes, reactions, votes and deletions are no rows: they go into the row that they are about, or wait until it comes.
// What was said in a thread is a row where that thread is shown, and elsewhere part of the row of the thread's root.

const GUESS = 58; // pixels of a row that was not measured yet
const [NEAR, BEYOND] = [250, 500]; // pixels above and below: as many as are always drawn, and as are drawn in good time
const NEWEST = 40; // pixels from the end: who is so near looks at the newest
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
    const row = { id: event.event_id, key: txn ? `entry-${txn}` : event.event_id, event, edit: null, reactions: new Map(), gone: Boolean(event.unsigned?.redacted_because), height: 0, stamp: 0 };
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

// How far down rows are, however many: sums of blocks of them, so that a row whose height becomes known costs no more in a
// conversation of years.
const BLOCK = 256;

class Heights {
  constructor(rows) {
    this.rows = rows;
    this.sums = []; // of each block; undefined where it must be added up
    this.starts = [0]; // where each block begins; right up to `clean`
    this.clean = 0;
  }

  // The rows have become others from `place` on.
  renew(rows, place) {
    this.rows = rows;
    this.sums.length = Math.min(this.sums.length, Math.floor(Math.max(0, place) / BLOCK));
    this.clean = Math.min(this.clean, this.sums.length);
  }

  // The row there has another height.
  change(place) {
    this.sums[Math.floor(place / BLOCK)] = undefined;
    this.clean = Math.min(this.clean, Math.floor(place / BLOCK));
  }

  at(place) {
    return this.rows[place].height || GUESS;
  }

  #add(from, until) {
    let sum = 0;
    for (let place = from; place < until; place += 1) sum += this.at(place);
    return sum;
  }

  get #count() {
    return Math.ceil(this.rows.length / BLOCK);
  }

  #settle() {
    for (; this.clean < this.#count; this.clean += 1) {
      const from = this.clean * BLOCK;
      this.sums[this.clean] ??= this.#add(from, Math.min(from + BLOCK, this.rows.length));
      this.starts[this.clean + 1] = this.starts[this.clean] + this.sums[this.clean];
    }
  }

  get all() {
    this.#settle();
    return this.starts[this.#count];
  }

  // How far the upper edge of the row there is from the first one's.
  top(place) {
    this.#settle();
    const from = place - (place % BLOCK);
    return this.starts[from / BLOCK] + this.#add(from, place);
  }

  // The place of the row that is `at` so many pixels below the first one's upper edge.
  find(at) {
    this.#settle();
    let [low, high] = [0, Math.max(0, this.#count - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    const last = Math.min((low + 1) * BLOCK, this.rows.length) - 1;
    let place = low * BLOCK;
    for (let top = this.starts[low]; place < last && top + this.at(place) <= at; place += 1) top += this.at(place);
    return place;
  }
}

// Draws the rows that are in sight into `port`, which scrolls. `draw(row, before)` makes a row's element and `stampOf(row,
// before)` says when it must be made anew; `before` is the row above it. Heights are measured when a row was drawn, and
// guessed until then; what is looked at stays where it is, whatever comes or grows above it.
export class Scroller {
  constructor(port, { draw, stampOf, reachesStart }) {
    Object.assign(this, { port, draw, stampOf, reachesStart });
    this.rows = [];
    this.heights = new Heights(this.rows);
    this.drawn = new Map();
    this.follows = true; // stays at the newest
    this.end = 0; // how high all was when one was last put there: from what grew since, nobody has scrolled away
    this.asked = 0;
    this.stale = true; // what is drawn may be out of date
    this.top = document.createElement("div");
    this.bottom = document.createElement("div");
    this.frame = document.createElement("div");
    this.frame.className = "chat-frame";
    port.replaceChildren(this.top, this.frame, this.bottom);
    this.away = 0; // pixels below what is in sight
    this.height = port.clientHeight; // to ask for it costs a look at the page's layout each time
    this.onScroll = () => {
      this.height = port.clientHeight; // a port that has grown moves what it shows before its watcher hears of it
      this.away = port.scrollHeight - port.scrollTop - this.height;
      if (this.isOurs) this.isOurs = false;
      else this.follows = this.away < NEWEST || (this.follows && this.end - port.scrollTop - this.height < NEWEST);
      this.#ask();
    };
    port.addEventListener("scroll", this.onScroll, { passive: true });
    this.watch = new ResizeObserver(([entry]) => {
      const width = entry.contentRect.width;
      if (this.width && this.width !== width) for (const row of this.rows) row.height = 0;
      Object.assign(this, { width, height: port.clientHeight });
      this.heights.renew(this.rows, 0);
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

  // The rows have become others; from `place` on.
  set(rows, place = 0) {
    this.held ??= this.follows ? null : this.#anchor();
    this.rows = rows;
    this.heights.renew(rows, place);
    this.refresh();
  }

  // Something may have changed of what is drawn. (While one only scrolls, nothing does.)
  refresh() {
    this.stale = true;
    this.#ask();
  }

  #ask() {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  // The row at the upper edge, and how far it is above it.
  #anchor(at = this.port.scrollTop) {
    const place = this.heights.find(at);
    return this.rows.length ? { row: this.rows[place], place, offset: this.heights.top(place) - at } : null;
  }

  paint() {
    if (this.held && !this.follows) {
      const { row, offset } = this.held;
      const place = this.rows.findIndex((one) => one === row || one.id === row.id);
      if (place >= 0) this.#putBack({ place, offset });
    }
    this.held = null;
    const sticks = this.follows && this.stale; // who scrolls is not pulled back
    const drawn = this.stale ? null : [this.first, this.last];
    let at = this.port.scrollTop;
    if (drawn && this.#sight(at, drawn).join() === drawn.join()) return this.#prepare(at);
    for (let round = 0; round < 4; round += 1) {
      if (sticks) this.#toEnd();
      const anchor = sticks ? null : this.#anchor(at);
      if (!this.#drawSight(...this.#sight(sticks ? this.heights.all - this.height : at, drawn))) break;
      this.#space();
      if (!anchor) continue;
      const before = at;
      at = this.#putBack(anchor, at);
      this.end += at - before;
    }
    this.stale = false;
    if (sticks) this.end = this.#toEnd();
    if (this.first < 25) this.reachesStart();
    this.#ask();
    return undefined;
  }

  // A frame in which no row comes makes the one that is next where one scrolls to: to make a row takes as long as to lay
  // it out, and both in one frame may be too long for it.
  #prepare(at) {
    const place = at < this.before ? this.first - 1 : this.last + 1;
    this.before = at;
    const row = this.rows[place];
    if (!row || this.ready?.row === row) return;
    const before = this.rows[place - 1];
    this.ready = { row, stamp: this.stampOf(row, before), element: this.draw(row, before) };
  }

  // The element of a row, which may have been made already.
  #made(row, before, stamp) {
    const { ready } = this;
    return ready?.row === row && ready.stamp === stamp ? ready.element : this.draw(row, before);
  }

  // How high all is, then.
  #toEnd() {
    const height = this.port.scrollHeight;
    this.#scrollTo(height);
    return height;
  }

  #scrollTo(top) {
    const before = this.port.scrollTop;
    this.port.scrollTop = top;
    if (this.port.scrollTop !== before) this.isOurs = true;
  }

  // Have the row there as far above the upper edge as it was; `at` is how far down one is now, and what comes is how far
  // one is then. Where nothing grew above, nothing is to be done.
  #putBack({ place, offset }, at = undefined) {
    this.#space();
    const to = this.heights.top(place) - offset;
    if (to === at) return at;
    this.#scrollTo(to);
    return this.port.scrollTop;
  }

  #space() {
    const { heights, rows } = this;
    const first = this.first < rows.length ? heights.top(this.first) : 0;
    const after = this.last >= 0 && this.last < rows.length ? Math.max(0, heights.all - heights.top(this.last) - heights.at(this.last)) : 0;
    this.top.style.blockSize = `${first}px`;
    this.bottom.style.blockSize = `${after}px`;
  }

  // The first and the last row to draw when one is `at` so many pixels down, and those from one to another are `drawn`: all
  // that is near to what is in sight, and of what is beyond a row on each side, so that no frame takes long.
  #sight(at, drawn) {
    const { rows, heights, height } = this;
    if (!rows.length) return [0, -1];
    const [first, last] = [heights.find(at - BEYOND), heights.find(at + height + BEYOND)];
    if (!drawn || drawn[0] > last || drawn[1] < first) return [first, last];
    const near = [heights.find(at - NEAR), heights.find(at + height + NEAR)];
    return [Math.max(first, Math.min(near[0], drawn[0] - 1)), Math.min(last, Math.max(near[1], drawn[1] + 1))];
  }

  // Draw these, and no others; whether a row was measured to be other than it was thought to be.
  #drawSight(first, last) {
    const { rows } = this;
    Object.assign(this, { first, last });
    const keep = new Set();
    let next = this.frame.firstElementChild;
    for (let place = this.first; place <= this.last; place += 1) {
      const row = rows[place];
      keep.add(row.key);
      const known = this.drawn.get(row.key);
      const stamp = known && !this.stale ? known.stamp : this.stampOf(row, rows[place - 1]);
      if (known?.stamp === stamp) {
        if (known.element === next) next = next.nextElementSibling;
        else this.frame.insertBefore(known.element, next);
        continue;
      }
      const element = this.#made(row, rows[place - 1], stamp);
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
      row.height = this.drawn.get(row.key).element.getBoundingClientRect().height || 1;
      this.heights.change(place);
      changed = true;
    }
    return changed;
  }

  // Show a row, in the middle.
  show(id) {
    const place = this.rows.findIndex((row) => row.id === id);
    if (place < 0) return false;
    this.follows = false;
    for (let round = 0; round < 2; round += 1) {
      this.#space();
      this.#scrollTo(this.heights.top(place) - this.port.clientHeight / 2);
      this.paint();
    }
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
