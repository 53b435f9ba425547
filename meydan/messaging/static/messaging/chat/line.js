// The line to the gateway: the token of this page's device, requests with it, and how the line is.
//
// The token lives in this module's memory only. The session gives another one whenever it is asked (`data-device`), and
// none once it has ended: then the state is "signed-out".

const home = document.querySelector("[data-chat]");
const EARLY = 60_000; // a token is renewed so long before its end
const REQUEST = 60_000;

export class Failure extends Error {
  constructor(status, code = "", wait = 0) {
    super(code || String(status));
    Object.assign(this, { status, code, wait });
  }
  // Whether the same request may be right later: there was no line, or too much at once, or a fault.
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const line = new EventTarget();
line.state = "connecting";
line.me = "";
line.device = "";

export function setState(state) {
  if (line.state === state) return;
  line.state = state;
  line.dispatchEvent(new Event("state"));
}

// Where the keys of this device are kept has a number. When they are lost, another one makes another device of the page.
const storeOf = () => {
  try {
    return localStorage.getItem("chat-store") ?? "";
  } catch {
    return "";
  }
};

export async function becomeAnother() {
  localStorage.setItem("chat-store", crypto.randomUUID());
  pass = null;
  await takePass();
}

let pass = null; // {token, server, ways, until}
let asking = null;

// Where the gateway has several addresses, the one that works is kept, also for the next time; when it fails, all are
// tried in turn, the latest one that worked first.
const WAY = "chat-way";
const TRY = 6000;
let way = "";
let finding = null;

const remembered = () => {
  try {
    return localStorage.getItem(WAY) ?? "";
  } catch {
    return "";
  }
};

function remember(one) {
  try {
    localStorage.setItem(WAY, one);
  } catch {
    // It is tried again next time.
  }
}

async function findWay() {
  for (const one of new Set([remembered(), ...pass.ways])) {
    if (!pass.ways.includes(one)) continue;
    try {
      const answer = await fetch(`${one}/_matrix/client/versions`, { signal: AbortSignal.timeout(TRY), credentials: "omit", referrerPolicy: "no-referrer" });
      if (!answer.ok) continue;
      remember(one);
      return (way = one);
    } catch {
      // The next one.
    }
  }
  throw new Failure(0);
}

async function provenWay() {
  if (pass.ways.length < 2) return pass.server;
  if (pass.ways.includes(way)) return way;
  finding ??= findWay().finally(() => (finding = null));
  return finding;
}

export const ways = () => ({ all: pass?.ways ?? [], now: way || pass?.server });

const early = self.meydanEarly;
let isFirst = true;

async function askForPass() {
  if (isFirst) {
    isFirst = false;
    const known = await early?.given.catch(() => null);
    if (known) return take(known.status, known.said);
  }
  let answer;
  try {
    answer = await fetch(home.dataset.device, {
      method: "POST",
      body: JSON.stringify({ store: storeOf() }),
      headers: { "Content-Type": "application/json" },
      signal: AbortSignal.timeout(REQUEST),
    });
  } catch {
    throw new Failure(0);
  }
  return take(answer.status, answer.ok ? await answer.json().catch(() => null) : null);
}

function take(status, said) {
  if (status === 401 || status === 403) {
    setState("signed-out");
    throw new Failure(401, "signed_out");
  }
  if (!said) throw new Failure(status === 200 ? 0 : status);
  pass = { token: said.access_token, server: said.server, ways: said.ways, until: Date.now() + said.seconds * 1000 };
  const known = line.me;
  [line.me, line.device] = [said.user_id, said.device_id];
  if (known !== line.me) line.dispatchEvent(new CustomEvent("person", { detail: line.me }));
}

// The token that is good now; several that ask at once get one.
export async function takePass() {
  if (!pass || pass.until - EARLY < Date.now()) {
    asking ??= askForPass().finally(() => (asking = null));
    await asking;
  }
  return pass;
}

export const dropPass = (token) => {
  if (pass?.token === token) pass = null;
};

const linked = (signal, milliseconds) => {
  const ends = AbortSignal.timeout(milliseconds);
  return signal && AbortSignal.any ? AbortSignal.any([signal, ends]) : signal ?? ends;
};

// Below this address the gateway takes the token from the body's first line: the browser need not ask leave before (and
// loses no round trip), as it must for a header of ours.
const CARRIER = "/_matrix/client/unstable/";

// A request that is answered, by fetch's answer; a `Failure` else. One whose token has ended is made once more.
export async function ask(method, path, { body, query, signal, wait = REQUEST, again = true, plain = false, ...more } = {}) {
  const { token } = await takePass();
  const server = await provenWay();
  const address = `${server}${path}${query ? `?${new URLSearchParams(query)}` : ""}`;
  const carried = plain && method === "POST" && path.startsWith(CARRIER) && `Bearer ${token}\n`;
  const headers = carried ? {} : { Authorization: `Bearer ${token}`, ...more.headers };
  let answer;
  const began = performance.now();
  try {
    answer = await fetch(address, { method, body: carried ? (body instanceof Blob ? new Blob([carried, body]) : carried + body) : body, headers, signal: linked(signal, wait), credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    if (signal?.aborted) throw new Failure(0, "aborted");
    way = "";
    throw new Failure(0);
  }
  if (wait === REQUEST) quickest = Math.min(performance.now() - began, 1.1 * quickest);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401 && again) {
    dropPass(token);
    return ask(method, path, { body, query, signal, wait, again: false, plain, ...more });
  }
  throw Object.assign(new Failure(answer.status, String(said.errcode ?? ""), Number(said.retry_after_ms ?? 0)), { said });
}

// The client-server API: JSON in, JSON out.
export async function api(method, path, body, more = {}) {
  const sends = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, plain: true };
  const answer = await ask(method, `/_matrix/client/${path}`, { ...sends, ...more });
  try {
    return await answer.json();
  } catch {
    throw new Failure(0, more.signal?.aborted ? "aborted" : ""); // it broke off in the middle
  }
}

// How quickly answers come here, in milliseconds; forgotten little by little, should the line have become a slower one.
let quickest = Infinity;
const [SOONEST, LATEST] = [800, 3000];

// For what may arrive twice without harm (a message with its number). On a slow line a lost packet is missed late, by the
// time that TCP waits: when the answer takes half as long again as answers take here, the same goes once more by another
// connection, and the first answer counts. Once only: after that the outbox waits, longer each time.
export async function apiTwice(method, path, body) {
  const first = api(method, path, body);
  const isOver = first.then(() => true, () => true);
  if (await Promise.race([isOver, pause(Math.min(LATEST, Math.max(SOONEST, 1.5 * quickest)))])) return first;
  return Promise.any([first, api(method, path, body)]).catch(({ errors }) => Promise.reject(errors[0]));
}

// Somebody is about to write: the other connection is there when it is wanted.
export function keepWarm() {
  if (pass) fetch(`${way || pass.server}/_matrix/client/versions`, { method: "HEAD", credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => undefined);
}

export const room = (id, rest = "") => `v3/rooms/${encodeURIComponent(id)}${rest}`;
export const user = (rest = "") => `v3/user/${encodeURIComponent(line.me)}${rest}`;

// Where a file of the gateway's is, by the address that a message gives; null for any other address.
const MXC = /^mxc:\/\/([^/?#\s]{1,255})\/([A-Za-z0-9_.-]{1,255})$/;
export const pathOf = (uri, what, query = "") => {
  const [, server, id] = MXC.exec(uri ?? "") ?? [];
  return id ? `/_matrix/client/v1/media/${what}/${encodeURIComponent(server)}/${encodeURIComponent(id)}${query}` : null;
};

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Until there may be a line again, at most so long.
export const untilOnline = (milliseconds) =>
  Promise.race([
    pause(milliseconds),
    new Promise((resolve) => addEventListener("online", resolve, { once: true })),
  ]);
