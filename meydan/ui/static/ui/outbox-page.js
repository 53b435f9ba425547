// The list of what waits on this device to be sent.

import "./outbox.js";
import { keepDraft } from "./drafts.js";

const { Outbox } = self;
const home = document.querySelector("[data-outbox-list]");
const pattern = document.querySelector("template[data-outbox-entry]").content.firstElementChild;
const empty = document.querySelector("[data-outbox-empty]");
const told = document.querySelector("[data-outbox-told]");
const language = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

function draw(entry) {
  const card = pattern.cloneNode(true);
  card.dataset.token = entry.token;
  card.querySelector("[data-title]").textContent = entry.title || "…";
  for (const part of card.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== entry.state;
  const time = card.querySelector("[data-at]");
  time.dateTime = new Date(entry.at).toISOString();
  time.textContent = moment.format(entry.at);
  card.querySelector("[data-photos]").hidden = entry.files.length === 0;
  card.querySelector("[data-count]").textContent = entry.files.length.toLocaleString(language);
  card.querySelector("[data-written]").textContent = entry.draft ? "" : (entry.values.find(([name]) => name === "text")?.[1] ?? "");
  card.querySelector("[data-do=edit]").hidden = !entry.draft; // only a form with a draft can be filled in again
  if (entry.words) card.querySelector("[data-words]").textContent = entry.words;
  return card;
}

async function show() {
  const entries = await Outbox.list();
  home.replaceChildren(...entries.map(draw));
  empty.hidden = entries.length > 0;
}

// Back into its form, as a draft that keeps its token.
async function edit(entry) {
  const files = {};
  for (const [name, file] of entry.files) (files[name] ??= []).push(file);
  await keepDraft(entry.draft, { at: Date.now(), values: entry.values, files });
  await Outbox.drop(entry.token);
  location.assign(entry.page);
}

const senderNow = async () => (await (await fetch("/outbox.json", { cache: "no-store" })).json()).sender;

const deeds = {
  send: (entry) => Outbox.send(entry.token),
  "as-now": async (entry) => {
    await Outbox.put({ ...entry, sender: await senderNow(), state: "waiting" });
    await Outbox.send(entry.token);
  },
  edit,
  drop: (entry) => Outbox.drop(entry.token),
};

home.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  button.disabled = true;
  const entry = await Outbox.find(button.closest("[data-token]").dataset.token);
  try {
    if (entry) await deeds[button.dataset.do](entry);
  } catch {
    button.disabled = false; // no line: it waits on
  }
  await show();
});

function hear(message) {
  if (message.sent) told.textContent = told.dataset.sent.replace("{title}", message.title);
  show().catch(() => undefined);
}
addEventListener("outbox", (event) => hear(event.detail));
Outbox.changed.addEventListener("message", (event) => hear(event.data));

// Whoever signed in again as the one who wrote it: it goes.
async function wake() {
  const entries = (await Outbox.list()).filter((entry) => entry.state === "sender");
  if (!entries.length || !navigator.onLine) return;
  const sender = await senderNow();
  for (const entry of entries.filter((one) => one.sender === sender)) {
    await Outbox.put({ ...entry, state: "waiting" });
    await Outbox.send(entry.token);
  }
}

show().then(wake).catch(() => (empty.hidden = false));
