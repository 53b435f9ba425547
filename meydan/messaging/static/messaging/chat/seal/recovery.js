// The recovery key: made, shown once and put away by its person; and entered on a new device.

import "../more.js";
import { ask } from "./desk.js";
import { announce, button, open } from "./dialog.js";
import { el, icon, number, say } from "../words.js";

const NAME = "meydan-recovery-key.txt";

export async function makeRecovery(done = () => undefined) {
  const { dialog, body, attempt } = await open("seal-recovery", "recoveryMake");
  const begin = button("recoveryMakeNow", (pressed) => attempt(async () => present(dialog, body, await ask("makeRecovery"), done), pressed));
  body.append(el("p", {}, say("recoveryWhat")), el("p", {}, say("recoveryWhere")), el("div", { class: "actions" }, begin));
}

function present(dialog, body, key, done) {
  const shown = el("output", { class: "seal-key", dir: "ltr" }, key);
  const copied = el("p", { class: "muted", role: "status" });
  const copy = button("recoveryCopy", async () => {
    await navigator.clipboard.writeText(key).then(() => (copied.textContent = say("recoveryCopied")), () => getSelection().selectAllChildren(shown));
  }, "quiet");
  const save = button("recoverySave", () => {
    const address = URL.createObjectURL(new Blob([`${key}\n`], { type: "text/plain" }));
    const link = el("a", { href: address, download: NAME });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }, "quiet");
  const sure = el("input", { type: "checkbox", id: "seal-sure" });
  const finish = button("recoveryDone", () => {
    dialog.close();
    done();
  });
  finish.disabled = true;
  sure.addEventListener("change", () => (finish.disabled = !sure.checked));
  body.replaceChildren(
    el("p", {}, say("recoveryThis")),
    shown,
    el("div", { class: "actions" }, copy, save),
    copied,
    el("p", { class: "seal-warn" }, icon("circle-alert"), el("span", {}, say("recoveryOnce"))),
    el("label", { class: "row", for: "seal-sure" }, sure, say("recoverySure")),
    el("div", { class: "actions" }, finish),
  );
  shown.tabIndex = -1;
  shown.focus();
}

export async function recover(done = () => undefined) {
  const { dialog, body, attempt } = await open("seal-recover", "recoveryEnter");
  const field = el("textarea", { class: "input seal-key", rows: "3", dir: "ltr", autocomplete: "off", autocapitalize: "off", spellcheck: "false", id: "seal-key", maxlength: "200" });
  const go = el("button", { class: "button" }, say("recoveryGo"));
  const form = el("form", { method: "dialog", class: "stack" }, el("p", {}, say("recoveryEnterText")), el("div", { class: "field" }, el("label", { for: "seal-key" }, say("recoveryKey")), field), el("div", { class: "actions" }, go));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    attempt(async () => {
      const { imported } = await ask("recover", field.value.trim());
      const words = say("recoveryBack", { count: number(imported) });
      announce(words);
      body.replaceChildren(el("p", { class: "seal-good", role: "status" }, icon("badge-check"), el("span", {}, words)), el("div", { class: "actions" }, button("close", () => dialog.close())));
      done();
    }, go);
  });
  body.append(form);
  field.focus();
}
