// Keeps what people wrote in a form, photos too, on their own device until it was sent.
//
//   <form data-draft="report"> ... {{ ui.draft_note() }} ... </form>     the form
//   <span hidden data-draft-done="report"></span>                                          on the page after success
//
// Kept: text, choices and files that have a name. Never kept: passwords, hidden fields (but those marked
// data-draft-keep), and anything marked data-draft-skip. A field marked data-draft-own takes the draft's value even where
// the server has put another one: the form_token, by which a form that was sent twice is known. Bounded: 8 files and 40 MB a form, 30 days.

const DAYS = 30;
const MAX_FILES = 8;
const MAX_BYTES = 40 * 1024 * 1024;

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("meydan", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function ask(mode, question) {
  const request = question((await opened).transaction("drafts", mode).objectStore("drafts"));
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const read = (name) => ask("readonly", (store) => store.get(name));
const write = (name, draft) => ask("readwrite", (store) => store.put(draft, name));
export const keepDraft = write;
const forget = (name) => ask("readwrite", (store) => store.delete(name));

function isKept(field) {
  if (!field.name || field.disabled || "draftSkip" in field.dataset) return false;
  if (["password", "submit", "button", "image", "reset"].includes(field.type)) return false;
  return field.type !== "hidden" || "draftKeep" in field.dataset;
}

function boundedFiles(list) {
  let bytes = 0;
  return [...list].slice(0, MAX_FILES).filter((file) => (bytes += file.size) <= MAX_BYTES);
}

function collect(form) {
  const values = [];
  const files = {};
  for (const field of [...form.elements].filter(isKept)) {
    if (field.type === "file") files[field.name] = boundedFiles(field.files);
    else if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values.push([field.name, field.value]);
    } else if (field.value) values.push([field.name, field.value]);
  }
  return { at: Date.now(), values, files };
}

const isEmpty = (draft) => !draft.values.some(([name]) => name !== "form_token") && !Object.values(draft.files).some((files) => files.length);

// What the server has put into a field (after an error, or a default) is newer than the draft: it stays.
function restore(form, draft) {
  let restored = false;
  const texts = new Map(draft.values);
  const chosen = new Set(draft.values.map((pair) => pair.join("\0")));
  for (const field of [...form.elements].filter(isKept)) {
    if (field.type === "file") {
      const files = draft.files[field.name] ?? [];
      if (!files.length || field.files.length) continue;
      const bag = new DataTransfer();
      for (const file of files) bag.items.add(file);
      field.files = bag.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      restored = true;
    } else if (field.type === "checkbox" || field.type === "radio") {
      const group = form.querySelectorAll(`[name="${CSS.escape(field.name)}"]:checked`);
      if (chosen.has(`${field.name}\0${field.value}`) && !field.checked && (field.type === "checkbox" || !group.length)) {
        field.checked = restored = true;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    } else if (texts.has(field.name) && "draftOwn" in field.dataset) {
      field.value = texts.get(field.name);
    } else if (texts.has(field.name) && (!field.value || field.matches("select")) && field.value !== texts.get(field.name)) {
      field.value = texts.get(field.name);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      restored = true;
    }
  }
  return restored;
}

function offerAfresh(form, name) {
  const note = form.querySelector("[data-draft-note]");
  if (!note) return;
  note.hidden = false;
  note.querySelector("button")?.addEventListener("click", async () => {
    await forget(name);
    form.reset();
    note.hidden = true;
    form.dispatchEvent(new CustomEvent("draft:cleared", { bubbles: true }));
  });
}

async function keep(form) {
  const name = form.dataset.draft;
  let timer = 0;
  let restoring = true;
  const save = () => {
    if (restoring) return;
    const draft = collect(form);
    (isEmpty(draft) ? forget(name) : write(name, draft)).catch(() => undefined);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 300);
  });
  form.addEventListener("change", save);
  form.addEventListener("submit", save);
  form.addEventListener("draft:sent", () => {
    clearTimeout(timer);
    restoring = true; // nothing is kept any more
    forget(name).catch(() => undefined);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  const draft = await read(name);
  if (draft && Date.now() - draft.at > DAYS * 86400000) await forget(name);
  else if (draft && restore(form, draft)) offerAfresh(form, name);
  restoring = false;
}

// Small pictures of the chosen photos, so that people see what they send.
function preview(field) {
  let strip = field.parentElement.querySelector(".photos");
  if (!strip) {
    strip = document.createElement("div");
    strip.className = "photos";
    field.after(strip);
  }
  for (const image of strip.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  strip.replaceChildren(
    ...[...field.files].slice(0, MAX_FILES).filter((file) => file.type.startsWith("image/")).map((file) => {
      const frame = document.createElement("span");
      const image = document.createElement("img");
      frame.className = "photo";
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      frame.append(image);
      return frame;
    }),
  );
}

try {
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file]") && event.target.closest("form[data-draft]")) preview(event.target);
  });
  for (const mark of document.querySelectorAll("[data-draft-done]")) await forget(mark.dataset.draftDone);
  for (const form of document.querySelectorAll("form[data-draft]")) await keep(form);
} catch {
  // No store on this device (private window, no space): the form works as it is.
}
