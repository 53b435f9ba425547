// Sliding sync (MSC4186 as our gateway and Element X speak it): one connection for each open page. It holds a window over
// the list, from the newest room on, that grows as the list is scrolled, and the room that is looked at.

import { openAll } from "./crypto.js";
import { Failure, api, line, setState, takePass, untilOnline } from "./line.js";
import * as model from "./model.js";

const WAIT = 25_000; // the gateway answers after so long when nothing happens
const FIRST = 20;
const TIMELINE = 30;
const early = self.meydanEarly;
const CONNECTION = early?.request.conn_id ?? `page-${crypto.randomUUID()}`; // one of six that the gateway keeps
const OF_LIST = [
  ["m.room.member", "$LAZY"],
  ["m.room.member", "$ME"],
  ["m.room.name", ""],
  ["m.room.avatar", ""],
  ["m.room.encryption", ""],
  ["m.room.create", ""],
  ["m.room.retention", ""],
  ["org.meydan.case", ""],
];
const OF_ROOM = [...OF_LIST, ["m.room.topic", ""], ["m.room.power_levels", ""], ["m.room.join_rules", ""], ["m.room.pinned_events", ""], ["org.meydan.interest", ""]];

let position = "";
let shown = FIRST;
let poll = null;
let running = false;
export const told = new Set(); // the rooms that this connection has told of
export const list = { count: 0 };

// Whether this person shows nobody, on this device, that they are there.
export const isUnseen = () => {
  try {
    return localStorage.getItem("chat-unseen") === "on";
  } catch {
    return false;
  }
};

// All in the body, so that its address is always the same: a browser asks leave for each address by itself (CORS).
const request = () => ({
  conn_id: CONNECTION,
  ...(position ? { pos: position, timeout: WAIT } : {}),
  lists: { all: { ranges: [[0, shown - 1]], timeline_limit: 1, required_state: OF_LIST } },
  room_subscriptions: model.looking.at ? { [model.looking.at]: { timeline_limit: TIMELINE, required_state: OF_ROOM } } : {},
  extensions: {
    account_data: { enabled: true },
    receipts: { enabled: true, lists: [], rooms: ["*"] },
    typing: { enabled: true },
  },
});

// Ask anew with what is wanted now. The gateway lets a later request of a connection overtake an earlier one.
const ask = () => poll?.abort();

// The answer that was asked for before this part was here (early.js), once.
async function takeEarly() {
  await takePass();
  const said = await early.first.catch(() => null);
  if (!said) return;
  setState("online");
  take(said);
}

export function lookAt(id) {
  if (model.looking.at === id) return;
  model.looking.at = id;
  if (id) ask();
}

export function showUpTo(count) {
  if (count <= shown || shown >= list.count) return;
  while (shown < count) shown *= 3;
  ask();
}

export async function run() {
  if (running) return;
  running = true;
  let failures = 0;
  if (early) await takeEarly().catch(() => undefined);
  while (running) {
    poll = new AbortController();
    try {
      const said = await api("POST", "unstable/org.matrix.simplified_msc3575/sync", request(), { signal: poll.signal, wait: 2 * WAIT, query: isUnseen() && { set_presence: "offline" } });
      failures = 0;
      setState("online");
      await openAll(said.rooms);
      take(said);
    } catch (error) {
      if (error.code === "aborted") continue;
      if (error.code === "M_UNKNOWN_POS") {
        position = "";
        told.clear();
        continue;
      }
      if (line.state === "signed-out") break;
      if (!(error instanceof Failure)) reportError(error); // a fault of ours: told, and the line taken up again
      setState(error.status === 0 ? "offline" : "fault");
      failures += 1;
      await untilOnline(Math.max(error.wait ?? 0, Math.min(30_000, 1000 * 2 ** failures * (0.75 + Math.random() / 2))));
    }
  }
  running = false;
}

function take(said) {
  position = said.pos;
  list.count = said.lists.all?.count ?? list.count;
  takeAccount(said.extensions?.account_data);
  for (const [id, part] of Object.entries(said.rooms)) {
    told.add(id);
    model.takeRoom(id, part);
  }
  if (told.size >= list.count) forgetOthers();
  for (const [id, one] of Object.entries(said.extensions?.receipts?.rooms ?? {})) {
    model.takeReceipts(id, one.content);
    model.tell("reads", id);
  }
  for (const [id, one] of Object.entries(said.extensions?.typing?.rooms ?? {})) {
    model.typing.set(id, one.content.user_ids.filter((person) => person !== line.me));
    model.tell("room", id);
  }
  model.tell("rooms");
}

// Once every room of the list was told, any other that is kept here was left elsewhere.
function forgetOthers() {
  for (const id of [...model.rooms.keys()]) if (!told.has(id)) model.forget(id);
}

function takeAccount(data) {
  if (!data) return;
  for (const event of data.global ?? []) {
    if (event.type === "m.direct") model.account.direct = event.content;
    else if (event.type === "m.push_rules") model.takeRules(event.content);
    else if (event.type === "m.ignored_user_list") model.account.blocked = new Set(Object.keys(event.content.ignored_users ?? {}));
  }
  if (data.global) model.keepAccount();
  for (const [id, events] of Object.entries(data.rooms ?? {})) {
    const tags = events.find((event) => event.type === "m.tag");
    if (tags) queueMicrotask(() => setTags(id, tags.content.tags ?? {}));
  }
}

// The room itself may come later in the same answer.
function setTags(id, tags) {
  const room = model.rooms.get(id);
  if (!room) return;
  room.tags = tags;
  model.keep(id);
  model.tell("rooms");
}

