// What the messenger asks for first, asked before its own parts are here: the device's token, and with it the newest rooms.
// On a slow line both come while the rest is on its way, after the sheets: with them the names are there that came with the
// page. `line.js` and `sync.js` take what this has got, or ask again.

const { device, list } = document.querySelector("script[data-device]").dataset;
const CONNECTION = `page-${crypto.randomUUID()}`;
const FIRST = 12;
const TOGETHER = 3; // files under way, of 2 kB each: as much as fills a slow line, and no more
const STATE = ["m.room.name", "m.room.avatar", "m.room.encryption", "m.room.create", "m.room.retention", "org.meydan.case"];
const request = {
  conn_id: CONNECTION,
  "org.meydan.lean": true, // without the ids and times of state
  lists: { all: { ranges: [[0, FIRST - 1]], timeline_limit: 1, required_state: [["m.room.member", "$LAZY"], ["m.room.member", "$ME"], ...STATE.map((kind) => [kind, ""])] } },
};

// The number of where this browser keeps its keys (line.js).
let store = "";
let unseen = "";
try {
  store = localStorage.getItem("chat-store") ?? "";
  unseen = localStorage.getItem("chat-unseen") ? "?set_presence=offline" : ""; // sync.js
  if (!store) localStorage.setItem("chat-store", (store = crypto.randomUUID()));
} catch {
  // It keeps nothing.
}

const once = (node, ...names) => new Promise((done) => names.forEach((name) => node.addEventListener(name, done, { once: true })));
const asked = [...document.querySelectorAll('link[rel="stylesheet"]')].map((one) => one.sheet || once(one, "load", "error"));
const sheets = document.readyState === "complete" || Promise.race([Promise.all(asked), once(self, "load")]);

async function pass() {
  await sheets;
  const answer = await fetch(device, { method: "POST", body: JSON.stringify({ store }), headers: { "Content-Type": "application/json" } });
  return { status: answer.status, said: answer.ok ? await answer.json() : null };
}

async function sync(given) {
  const { said } = await given;
  if (!said) return null;
  const known = localStorage.getItem("chat-way"); // line.js
  const address = `${said.ways.includes(known) ? known : said.server}/_matrix/client/unstable/org.matrix.simplified_msc3575/sync${unseen}`;
  const answer = await fetch(address, { method: "POST", body: `Bearer ${said.access_token}\n${JSON.stringify(request)}`, credentials: "omit" });
  return answer.ok ? answer.json() : null;
}

const given = pass();
const first = sync(given);
given.catch(() => undefined);
first.catch(() => undefined);
self.meydanEarly = { request, given, first };

// The list's own files follow the sheets, a few at a time: more at once than the queue before a slow line holds is dropped
// there, and missed for seconds.
function preload(href) {
  const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href });
  document.head.append(link);
  return once(link, "load", "error");
}

// What is pressed in the page before its parts can hear it is pressed again when they can.
let pressed = null;
const remember = ({ target }) => (pressed = target.closest("[data-begin], [data-settings], [data-devices]") ?? pressed);

async function begin(files) {
  addEventListener("click", remember);
  await sheets;
  const under = [];
  for (const file of files) {
    if (under.length >= TOGETHER) await under.shift();
    under.push(preload(file));
  }
  await Promise.all(under);
  if (document.readyState === "loading") await once(document, "readystatechange");
  await import(files.at(-1));
  removeEventListener("click", remember);
  pressed?.click();
}
if (list) begin(list.split(" "));
