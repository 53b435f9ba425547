// What the messenger asks for first, asked before its own parts are here: the device's token, and with it the newest rooms.
// On a slow line both come while the rest is on its way. `line.js` and `sync.js` take what this has got, or ask again.

const { device } = document.querySelector("script[data-device]").dataset;
const CONNECTION = `page-${crypto.randomUUID()}`;
const FIRST = 12;
const STATE = ["m.room.name", "m.room.avatar", "m.room.encryption", "m.room.create", "m.room.retention", "org.meydan.case"];
const request = {
  conn_id: CONNECTION,
  lists: { all: { ranges: [[0, FIRST - 1]], timeline_limit: 1, required_state: [["m.room.member", "$LAZY"], ["m.room.member", "$ME"], ...STATE.map((kind) => [kind, ""])] } },
};

// The number of where this browser keeps its keys (line.js).
let store = "";
try {
  store = localStorage.getItem("chat-store") ?? "";
  if (!store) localStorage.setItem("chat-store", (store = crypto.randomUUID()));
} catch {
  // It keeps nothing.
}

async function pass() {
  const answer = await fetch(device, { method: "POST", body: JSON.stringify({ store }), headers: { "Content-Type": "application/json" } });
  return { status: answer.status, said: answer.ok ? await answer.json() : null };
}

async function sync(given) {
  const { said } = await given;
  if (!said) return null;
  const headers = { Authorization: `Bearer ${said.access_token}`, "Content-Type": "application/json" };
  const known = localStorage.getItem("chat-way"); // line.js
  const address = `${said.ways.includes(known) ? known : said.server}/_matrix/client/unstable/org.matrix.simplified_msc3575/sync`;
  const answer = await fetch(address, { method: "POST", body: JSON.stringify(request), headers, credentials: "omit" });
  return answer.ok ? answer.json() : null;
}

const given = pass();
const first = sync(given);
given.catch(() => undefined);
first.catch(() => undefined);
self.meydanEarly = { request, given, first };
