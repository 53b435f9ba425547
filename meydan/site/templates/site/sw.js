// Keeps the shell and the offline page: what is the same for everybody. The one page of somebody's own that is kept is an
// officer's round with its cases (reports/round.js puts them there), for a day, until somebody else signs in; and the frame
// of the messenger, which says nothing of anybody.
const STORE = {{ ("meydan-" ~ version)|tojson }};
const SHELL = {{ shell|tojson }};
const FORMS = {{ forms|tojson }};
const STATICS = {{ statics|tojson }};
const PICTURES = {{ pictures|tojson }};
const KEPT = [SHELL[0], SHELL[1], ...FORMS];
const DAY = 86400000;
const FORMS_WAIT = 5000;
const ROUND = "meydan-round";
const SEAL_STORE = "meydan-seal"; // what encrypts messages: large, named by its content, and here only for who has used it
const SEAL = `${STATICS}vendor/seal/`;
const CHAT = {{ chat|tojson }};
const CHAT_STORE = "meydan-chat"; // the frame of the messenger, put here by it; it goes with the version, the person, the language

self.MEYDAN = { chat: CHAT, icon: {{ icon|tojson }} };
importScripts({{ outbox|tojson }}, {{ waking|tojson }});

async function keepShell() {
  const store = await caches.open(STORE);
  await store.addAll(SHELL);
  const late = new Promise((resolve) => setTimeout(resolve, FORMS_WAIT)); // a form that is slow holds nobody up
  await Promise.race([keepForms(store).catch(() => undefined), late]);
}

// The forms that can be opened without a line: as anybody sees them, asked for without cookies, in the language of here.
async function keepForms(store) {
  const shell = await (await store.match(SHELL[0], { ignoreVary: true })).text();
  const language = /<html lang="([a-z]+)"/.exec(shell)?.[1] ?? "";
  for (const address of FORMS) {
    const answer = await fetch(address, { credentials: "omit", headers: { "Accept-Language": language } });
    if (answer.ok) await store.put(address, answer);
  }
}

async function keepFormsFresh() {
  const store = await caches.open(STORE);
  const kept = await store.match(FORMS[0], { ignoreVary: true });
  if (!kept || Date.now() - Date.parse(kept.headers.get("Date") ?? 0) > DAY) await keepForms(store);
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

// What earlier versions kept goes, and with it the messenger's frame. The first worker finds a frame of its own version,
// which the page has put there while it was still being installed.
async function sweep() {
  const names = await caches.keys();
  const old = names.filter((name) => ![STORE, ROUND, SEAL_STORE, CHAT_STORE].includes(name));
  if (old.length) old.push(CHAT_STORE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(sweep().then(() => self.clients.claim()));
});

// A page from the server; without a line the kept one, else the one that says so.
async function page(request, path) {
  try {
    return await fetch(request);
  } catch {
    const own = request.method === "GET" && KEPT.includes(path) ? await caches.match(path, { ignoreVary: true }) : await ofRound(request, path);
    const kept = own ?? (await caches.match(SHELL[0], { ignoreVary: true }));
    return kept ? again(kept) : Response.error();
  }
}

// The messenger opens at once, from what was kept; its page puts a fresh copy there each time it is opened.
async function chat(request) {
  const kept = (await caches.has(CHAT_STORE)) && (await (await caches.open(CHAT_STORE)).match(CHAT, { ignoreVary: true }));
  return kept || page(request, CHAT);
}

// A film of the messenger. A <video> cannot say to the gateway who asks: the worker asks in its place, piece by piece, with the
// token of the page that shows it. What comes is nothing but a film: it is given to no frame, script or window.
const FILM = CHAT + "film/";
async function film(event, path) {
  const page = await clients.get(event.clientId);
  const pass = page && (await passOf(page));
  if (!pass) return Response.error();
  const range = event.request.headers.get("range");
  const headers = { Authorization: `Bearer ${pass.token}`, ...(range && { Range: range }) };
  const answer = await fetch(`${pass.server}/_matrix/client/v1/media/download/${path.slice(FILM.length)}`, { headers, credentials: "omit", referrerPolicy: "no-referrer", signal: event.request.signal });
  if (!/^(video|audio)\//.test(answer.headers.get("Content-Type") ?? "")) return Response.error();
  const kept = ["Content-Type", "Content-Length", "Content-Range", "ETag"].map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value !== null);
  // An answer of our own, for the page's policy lets it load films from here alone.
  return new Response(answer.body, { status: answer.status, headers: [...kept, ["Accept-Ranges", "bytes"], ["X-Content-Type-Options", "nosniff"]] });
}

const passOf = (page) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 10000, null);
    page.postMessage("film", [port2]);
  });

// A page or picture of the officer's round, not older than a day.
async function ofRound(request, path) {
  if (request.method !== "GET" || !(await caches.has(ROUND))) return undefined;
  const kept = await (await caches.open(ROUND)).match(path, { ignoreVary: true });
  return kept && Date.now() - Date.parse(kept.headers.get("Date") ?? 0) < DAY ? kept : undefined;
}

// A picture of the round, where there is no line.
const pictureOf = (request, path) =>
  fetch(request).catch(async (error) => {
    const kept = await ofRound(request, path);
    if (kept) return kept;
    throw error;
  });

// A kept form is a new one each time it is opened: it gets a token of its own.
async function again(kept) {
  const text = (await kept.text()).replace("<body", "<body data-kept");
  const fresh = text.replace(/(name="form_token" value=")[^"]*/g, (_all, start) => start + crypto.randomUUID());
  return new Response(fresh, { headers: kept.headers });
}

// The kept copy, and nothing else, until it has another name; then the one before goes.
async function seal(request) {
  const store = await caches.open(SEAL_STORE);
  const kept = await store.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status !== 200) return answer;
  const end = request.url.slice(request.url.lastIndexOf("."));
  for (const known of await store.keys()) if (known.url.endsWith(end)) await store.delete(known);
  await store.put(request, answer.clone());
  return answer;
}

// The kept copy at once, and a fresh one for the next time. Bounded: the oldest go when there are more than 60.
async function part(request) {
  const store = await caches.open(STORE);
  const kept = await store.match(request);
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && answer.status === 200) {
      await store.put(request, answer.clone());
      const keys = await store.keys();
      await Promise.all(keys.slice(SHELL.length, Math.max(SHELL.length, keys.length - 60)).map((key) => store.delete(key)));
    }
    return answer;
  });
  if (kept) {
    fresh.catch(() => undefined);
    return kept;
  }
  return fresh;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(url.pathname === CHAT ? chat(request) : page(request, url.pathname));
    event.waitUntil(keepFormsFresh().catch(() => undefined));
  }
  else if (request.destination === "video" && url.pathname.startsWith(FILM)) event.respondWith(film(event, url.pathname));
  else if (request.destination === "image" && url.pathname.startsWith(PICTURES)) event.respondWith(pictureOf(request, url.pathname));
  else if (request.method === "GET" && url.pathname.startsWith(SEAL)) event.respondWith(seal(request));
  else if (request.method === "GET" && url.pathname.startsWith(STATICS) && !request.headers.has("range")) event.respondWith(part(request));
});

// A page was on its way when this worker came; or the language changed: keep the pages in the new one.
self.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(self.clients.claim());
  const refresh = async () => {
    await caches.delete(CHAT_STORE);
    const store = await caches.open(STORE);
    await store.addAll(SHELL.slice(0, 2));
    await keepForms(store);
  };
  if (event.data === "refresh") event.waitUntil(refresh().catch(() => undefined));
});

// The line is back, also where no page is open any more. When something still waits, the browser tries again later.
self.addEventListener("sync", (event) => {
  const send = async () => {
    if (await self.Outbox.flush()) throw new Error("there is no line yet");
  };
  if (event.tag === "outbox") event.waitUntil(send());
});
