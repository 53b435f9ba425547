// The moderators' desk: keys. Everything here has a link, a field or a button that does it too.

const rows = [...document.querySelectorAll("[data-case]")];
const decision = document.getElementById("decision");
const help = document.getElementById("keys");
let at = -1;

const isWriting = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
const current = () => rows.find((row) => row.contains(document.activeElement)) ?? rows[at];

function goTo(step) {
  if (!rows.length) return;
  at = Math.min(rows.length - 1, Math.max(0, at + step));
  const place = rows[at].querySelector("a, button");
  place?.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

function write(field, event) {
  if (!field) return;
  event.preventDefault();
  field.focus();
}

const press = (name) => decision?.querySelector(`button[value=${name}]`)?.click();
const onDesk = {
  j: () => goTo(1),
  k: () => goTo(-1),
  o: () => current()?.querySelector("a")?.click(),
  r: (event) => write(current()?.querySelector("textarea"), event),
};
const onReview = {
  t: () => document.querySelector("#take button")?.click(),
  a: () => press("approve"),
  b: (event) => write(document.getElementById("field-changes"), event),
  r: (event) => write(document.getElementById("field-text"), event),
  u: () => document.querySelector(".crumbs a")?.click(),
};
const deeds = { ...(rows.length ? onDesk : onReview), "?": () => help?.showModal() };

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
