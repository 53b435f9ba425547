// What is kept on the device, so that the messenger opens at once and without a line: rooms, the newest messages of each,
// and drafts. It belongs to one person (`meta.person`) and is emptied for anybody else; ui/app.js throws it away when
// nobody is signed in any more. What waits to be sent is kept apart: only its own person's session sends it, later too.

const BASES = { "meydan-chat": { rooms: "id", timelines: "id", meta: "name" }, "meydan-chat-outbox": { outbox: "id" } };
const baseOf = (store) => Object.keys(BASES).find((name) => store in BASES[name]);
const opening = new Map();

const open = (base) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(base, 1);
    request.onupgradeneeded = () => {
      for (const [name, key] of Object.entries(BASES[base])) {
        request.result.createObjectStore(name, { keyPath: key, autoIncrement: name === "outbox" });
      }
    };
    request.onsuccess = () => {
      const forget = () => opening.delete(base);
      request.result.onclose = forget;
      request.result.onversionchange = () => [request.result.close(), forget()];
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });

function opened(store) {
  const base = baseOf(store);
  if (!opening.has(base)) opening.set(base, open(base));
  return opening.get(base);
}

async function within(name, mode, work) {
  const transaction = (await opened(name)).transaction(name, mode);
  const request = work(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request?.error);
  });
}

export const all = (name) => within(name, "readonly", (store) => store.getAll());
export const get = (name, key) => within(name, "readonly", (store) => store.get(key));
export const put = (name, value) => within(name, "readwrite", (store) => store.put(value));
export const remove = (name, key) => within(name, "readwrite", (store) => store.delete(key));
export const putAll = (name, values) =>
  within(name, "readwrite", (store) => {
    for (const value of values) store.put(value);
  });
export const removeAll = (name, keys) =>
  within(name, "readwrite", (store) => {
    for (const key of keys) store.delete(key);
  });

export async function wipe(...names) {
  for (const name of names) await within(name, "readwrite", (store) => store.clear());
}

// Whose device this is from now on.
export async function belongTo(person) {
  const known = await get("meta", "person");
  if (known?.value === person) return false;
  if (known) await wipe("rooms", "timelines", "meta");
  await put("meta", { name: "person", value: person });
  return Boolean(known);
}
