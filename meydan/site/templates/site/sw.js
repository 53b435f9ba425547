// Keeps the shell and the offline page. Never keeps a page with a person's data: only what is the same for everybody.
const STORE = {{ ("meydan-" ~ version)|tojson }};
const SHELL = {{ shell|tojson }};
const STATICS = {{ statics|tojson }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const sweep = caches.keys().then((names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name))));
  event.waitUntil(sweep.then(() => self.clients.claim()));
});

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(SHELL[0])) ?? Response.error();
  }
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
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "GET" && url.pathname.startsWith(STATICS) && !request.headers.has("range")) event.respondWith(part(request));
});

// The language changed: keep the offline page in the new one.
self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(caches.open(STORE).then((store) => store.add(SHELL[0])));
});
