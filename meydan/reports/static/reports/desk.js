// The officer's desk, on the worklist and on a case: keys, choosing all, and ready-made words that are there at once.
// Everything here has a link or a button that does it too.

const rows = [...document.querySelectorAll("[data-case]")];
const help = document.getElementById("keys");
let at = -1;

const isWriting = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

function goTo(step) {
  if (!rows.length) return;
  at = Math.min(rows.length - 1, Math.max(0, at + step));
  rows[at].querySelector("a").focus();
  rows[at].scrollIntoView({ block: "nearest" });
}

const current = () => rows.find((row) => row.contains(document.activeElement)) ?? rows[at];
const boxOf = (row) => row?.querySelector("input[type=checkbox]");

// Accept: what is chosen on the worklist, the row where one is when nothing is chosen; on a case its own form.
function accept() {
  const button = document.querySelector("[data-bulk-accept]");
  if (button) {
    if (!rows.some((row) => boxOf(row)?.checked) && boxOf(current())) boxOf(current()).click();
    if (rows.some((row) => boxOf(row)?.checked)) button.click();
    return;
  }
  const form = document.querySelector("form[data-act=accept]");
  form?.querySelector("button[type=submit]:not([data-use])")?.focus();
  form?.requestSubmit();
}

function search(event) {
  const field = document.getElementById("field-q");
  if (!field) {
    location.assign("/reports/work?find=1");
    return;
  }
  field.closest("details")?.setAttribute("open", "");
  event.preventDefault();
  field.focus();
}

const deeds = {
  j: () => goTo(1),
  k: () => goTo(-1),
  x: () => boxOf(current())?.click(),
  o: () => current()?.querySelector("a").click(),
  a: accept,
  "/": search,
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  if (isWriting(event.target) || !(event.key in deeds)) return;
  deeds[event.key](event);
});

rows.forEach((row, index) => row.addEventListener("focusin", () => (at = index)));

for (const place of document.querySelectorAll("[data-keys-button]")) {
  place.hidden = matchMedia("(pointer: coarse)").matches;
  place.querySelector("button").addEventListener("click", () => help.showModal());
}

// How many are chosen, and all at once.
const all = document.querySelector("[data-choose-all]");
const count = document.querySelector("[data-chosen]");
const deedsForMany = document.querySelector("[data-for-many]");
function showCount() {
  const chosen = rows.filter((row) => boxOf(row)?.checked).length;
  if (count) count.textContent = count.dataset.chosen.replace("{count}", chosen.toLocaleString(document.documentElement.lang));
  if (all) {
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
  if (deedsForMany) deedsForMany.hidden = chosen === 0; // on a phone they would stand before the first case
}
if (all) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows) boxOf(row).checked = all.checked;
    showCount();
  });
  document.addEventListener("change", (event) => event.target.closest("[data-case]") && showCount());
  addEventListener("pageshow", showCount);
  showCount();
}

// Ready-made words go behind what is written already.
for (const select of document.querySelectorAll("select[data-replies]")) {
  select.closest(".ready").querySelector("[data-use]").hidden = true;
  select.addEventListener("change", () => {
    const text = select.selectedOptions[0]?.dataset.text;
    const field = select.form.elements.text;
    if (!text || !field) return;
    field.value = [field.value.trim(), text].filter(Boolean).join("\n\n");
    select.value = "";
    field.focus();
  });
}
