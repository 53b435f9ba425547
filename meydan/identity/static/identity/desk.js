// The desk's keys. Everything here has a link, a field or a button that does it too.

const isWriting = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;
const deeds = {
  a: () => document.querySelector("#decision button[value=accept]")?.focus(),
  r: () => document.getElementById("field-reason")?.focus(),
  u: () => document.querySelector(".crumbs a")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const deed = deeds[event.key.toLowerCase()];
  if (!deed) return;
  event.preventDefault();
  deed();
});
