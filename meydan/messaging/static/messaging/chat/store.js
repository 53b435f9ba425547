// What is kept on the device, so that the messenger opens at once and without a line: rooms, the newest messages of each,
// what waits to be sent, and drafts. It belongs to one person (`meta.person`); for somebody else it is emptied, but for
// what the first one has still to send, which only their own session can send.

const NAME = "meydan-chat";
const STORES = { rooms: "id", timelines: "id", outbox: "id", meta: "name" };

let opening = null;
const opened = () =>
  (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, key] of Object.entries(STORES)) {
        request.result.createObjectStore(name, { keyPath: key, autoIncrement: name === "outbox" });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }));

async function within(name, mode, work) {
  const transaction = (await opened()).transaction(name, mode);
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
