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
