// What dialogs are made of.

import "./more.js";
import { el, icon } from "./words.js";

// A dialog that is gone once it is closed, also by a press beside it; the focus goes back.
export function show(dialog, from = document.activeElement) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body || !document.activeElement) from?.focus?.({ preventScroll: true });
  });
  document.querySelector("[data-chat]").append(dialog);
  dialog.showModal();
}

// A choice of one among several, with the sign of it.
export const choosing = (field) => el("span", { class: "select" }, field, icon("chevron-down"));
