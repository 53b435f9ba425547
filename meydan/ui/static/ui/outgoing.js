// A <form data-outbox="name"> with a hidden form_token is sent even when the line is gone: it is put into the outbox of
// this device first and sent from there; what cannot go now goes by itself later, also when the page is closed (where
// the browser can: background sync), else with the next page of the city that is opened.
//
//   <form method="post" data-outbox="report" data-outbox-title="description" data-draft="report">   the form
//   <template data-outbox-waits>...</template>                                           what stands there while it waits
//
// With data-outbox-stay the page stays as it is: <template data-outbox-sent> stands in the form's place once it is sent.
// A button with a name asks for something else than sending: that goes as any form does.

import "./outbox.js";

const { Outbox } = self;
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 60000;

// A page that the service worker kept does not know who is signed in: what the last page from the server said counts.
function senderNow() {
  const page = document.body.dataset;
  if (!("kept" in page)) return page.sender ?? "";
  try {
    return localStorage.getItem("sender") ?? "";
  } catch {
    return "";
  }
}

// The bytes themselves: a phone may throw the camera's file away before there is a line again.
const copyOf = async (file) => new File([await file.arrayBuffer()], file.name, { type: file.type });

async function collect(form) {
  const values = [];
  const files = [];
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File)) values.push([name, value]);
    else if (value.size) files.push([name, await copyOf(value), self.Ahead?.get(value)]);
  }
  const title = String(form.elements[form.dataset.outboxTitle]?.value ?? document.title).slice(0, 140);
  return {
    token: form.elements.form_token.value,
    page: location.pathname + location.search,
    action: form.action,
    draft: form.dataset.draft ?? "",
    title,
    sender: senderNow(),
    values,
    files,
    at: Date.now(),
    state: "waiting",
    words: "",
  };
}

function showWaiting(form) {
  const words = document.querySelector("template[data-outbox-waits]");
  if (!words) return;
  form.hidden = true;
  form.after(words.content.cloneNode(true));
  const note = form.nextElementSibling;
  note.tabIndex = -1;
  note.focus({ preventScroll: stays(form) });
  if (!stays(form)) scrollTo({ top: 0 });
}

const stays = (form) => "outboxStay" in form.dataset;

function showSent(form) {
  const words = document.querySelector("template[data-outbox-sent]");
  if (form.hidden) form.nextElementSibling?.remove(); // what said that it waits
  form.hidden = true;
  if (words) form.after(words.content.cloneNode(true));
}

async function askForSync() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register("outbox");
}

// What the server would not take it says itself, in the form: sent as any form is, with the photos that are there.
async function sendAsUsual(form, token) {
  await Outbox.drop(token);
  form.submit();
}

async function sendForm(form) {
  let entry;
  try {
    entry = await collect(form);
    await Outbox.put(entry);
  } catch {
    form.submit(); // no store on this device, or no room in it
    return;
  }
  remember(true);
  form.dispatchEvent(new CustomEvent("draft:sent", { bubbles: true }));
  const result = navigator.onLine ? await Outbox.send(entry.token) : { waits: true };
  if (result.sent && stays(form)) return; // `follow` has heard it
  if (result.sent) location.assign(result.sent);
  else if (result.sender) location.assign("/outbox");
  else if ("refused" in result) await sendAsUsual(form, entry.token);
  else if (result.waits) {
    showWaiting(form);
    timer = setTimeout(flush, pause);
    await askForSync().catch(() => undefined);
  }
}

// app.js looks at this before it fetches anything: most people have nothing that waits.
function remember(waits) {
  try {
    if (waits) localStorage.setItem("outbox", "1");
    else localStorage.removeItem("outbox");
  } catch {
    // The bar shows it all the same, on pages with a form.
  }
}

async function showCount() {
  const waiting = await Outbox.list();
  remember(waiting.length > 0);
  const mark = document.querySelector("[data-outbox-mark]");
  if (!mark) return;
  mark.hidden = waiting.length === 0;
  mark.querySelector("[data-count]").textContent = waiting.length.toLocaleString(document.documentElement.lang);
}

// A line that is back at once often is none yet: try again, after twice as long each time.
let pause = FIRST_PAUSE;
let timer = 0;
async function flush() {
  clearTimeout(timer);
  const waits = navigator.onLine ? await Outbox.flush().catch(() => 0) : 0;
  if (!waits) return;
  timer = setTimeout(flush, pause);
  pause = Math.min(LONGEST_PAUSE, 2 * pause);
}

function flushAfresh() {
  pause = FIRST_PAUSE;
  flush();
}

function follow(message) {
  showCount().catch(() => undefined);
  if (!message.sent) return;
  const forms = [...document.querySelectorAll("form[data-outbox]")];
  const form = forms.find((one) => one.elements.form_token?.value === message.sent);
  if (form && stays(form)) showSent(form);
  else if (form?.hidden) location.assign(message.address);
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || event.submitter?.name || !form.matches("form[data-outbox]") || !form.elements.form_token?.value) return;
  event.preventDefault();
  sendForm(form).catch(() => form.submit());
});
addEventListener("outbox", (event) => follow(event.detail));
Outbox.changed.addEventListener("message", (event) => follow(event.data));
addEventListener("online", flushAfresh);
document.addEventListener("visibilitychange", () => document.hidden || flushAfresh());
showCount().then(flush, () => undefined);
