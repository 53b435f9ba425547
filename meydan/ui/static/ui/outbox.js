// What waits on this device to be sent: forms with their photos. Read by pages and by the service worker alike, hence no
// module: it gives `self.Outbox`. Each entry is sent once: its form_token is the same at every try, and the server gives
// the first result again.
//
// An entry: {token, page, action, draft, title, sender, values: [[name, value]], files: [[name, File, ahead]], at, state,
// words}. `state` is "waiting" for the line, "sender" when somebody else (or nobody) is signed in
// now, "refused" when the server said no, `words` then say why. Bounded: 60 entries, as many as a round has stops. `ahead` is the token of a
// photo that was sent ahead: it goes as `photos` where the file would go as `photo`.

self.Outbox = (() => {
  const MOST = 60;
  const SECONDS = 180;
  const TOKEN_HOURS = 20; // what was sent ahead is good for a day; after that the photo itself goes
  const LATER = [408, 425, 429];
  const changed = new BroadcastChannel("outbox");

  const opened = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open("meydan-outbox", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "token" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  let database = null;
  async function ask(mode, question) {
    database ??= opened();
    const transaction = (await database).transaction("entries", mode);
    const request = question(transaction.objectStore("entries"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  }

  const tell = (message) => {
    changed.postMessage(message);
    self.dispatchEvent(new CustomEvent("outbox", { detail: message }));
  };
  const list = async () => (await ask("readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);
  const find = (token) => ask("readonly", (store) => store.get(token));

  async function put(entry) {
    const known = await list();
    if (known.length >= MOST && !known.some((one) => one.token === entry.token)) throw new Error("the outbox is full");
    await ask("readwrite", (store) => store.put(entry));
    tell({ kept: entry.token });
  }

  async function drop(token) {
    await ask("readwrite", (store) => store.delete(token));
    tell({ gone: token });
  }

  function bodyOf(entry, pass) {
    const body = new FormData();
    for (const [name, value] of entry.values) body.append(name, value);
    body.set("csrfmiddlewaretoken", pass.csrf);
    body.set("is_new", "1"); // what a form may ask back has been asked, or nobody is there to answer
    const fresh = Date.now() - entry.at < TOKEN_HOURS * 3600000;
    for (const [name, file, ahead] of entry.files) {
      if (ahead && fresh) body.append(`${name}s`, ahead);
      else body.append(name, file, file.name || "photo.jpg");
    }
    return body;
  }

  const problemOf = async (answer) =>
    (answer.headers.get("Content-Type") ?? "").includes("json") ? answer.json().catch(() => ({})) : {};

  // One try. Returns {sent: address}, {waits: true}, {sender: true} or {refused: words}.
  async function attempt(entry) {
    try {
      const signal = AbortSignal.timeout(SECONDS * 1000);
      const pass = await (await fetch("/outbox.json", { cache: "no-store", signal })).json();
      if ((entry.sender ?? "") !== pass.sender) return { sender: true };
      const headers = { Accept: "application/json" };
      const answer = await fetch(entry.action, { method: "POST", body: bodyOf(entry, pass), headers, signal });
      if (answer.ok && answer.redirected) return { sent: answer.url };
      if (answer.status >= 500 || LATER.includes(answer.status)) return { waits: true };
      const problem = await problemOf(answer);
      if (problem.code === "sent_already") return { sent: new URL("/reports/mine", location.href).href };
      return { refused: String(problem.detail ?? "") };
    } catch {
      return { waits: true };
    }
  }

  async function deliver(token) {
    const entry = await find(token);
    if (!entry) return { gone: true };
    const result = await attempt(entry);
    if (result.sent) {
      await drop(token);
      tell({ sent: token, address: result.sent, title: entry.title });
    } else if (result.sender || "refused" in result) {
      await put({ ...entry, state: result.sender ? "sender" : "refused", words: result.refused ?? "" });
    }
    return result;
  }

  // Pages and the service worker take turns: none sends while another does.
  const alone = (work) => (navigator.locks ? navigator.locks.request("outbox", work) : work());
  const send = (token) => alone(() => deliver(token));

  // Send all that waits; how many still wait for the line. Those that ask something of the person are left alone.
  const flush = () =>
    alone(async () => {
      let waits = 0;
      for (const entry of await list()) {
        if (entry.state !== "waiting") continue;
        if (waits || (await deliver(entry.token)).waits) waits += 1;
      }
      return waits;
    });

  return { list, find, put, drop, send, flush, changed };
})();
