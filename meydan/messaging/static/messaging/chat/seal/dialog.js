// What the dialogs about keys have in common.

import "../more.js";
import { show } from "../menu.js";
import { announce, el, learn, reasonOf, say, tool } from "../words.js";

const home = document.querySelector("[data-chat]");
let known = null;

// Their words and their sheet, once; a `Failure` where there is no line.
export function dressed() {
  const sheet = () =>
    new Promise((resolve) => {
      document.head.append(el("link", { rel: "stylesheet", href: home.dataset.sealSheet, onload: resolve, onerror: resolve }));
    });
  known ??= Promise.all([learn("seal"), sheet()]).catch((error) => {
    known = null;
    announce(say("needsLine"));
    throw error;
  });
  return known;
}

// A dialog with a heading, a place for what went wrong, and `attempt(deed)`, which fills it.
export async function open(id, heading) {
  await dressed();
  const status = el("p", { class: "fault", role: "alert", hidden: true });
  const body = el("div", { class: "stack" });
  const dialog = el("dialog", { class: "chat-begin seal", "aria-labelledby": id }, el("header", { class: "chat-head" }, el("h2", { id }, say(heading)), tool("x", say("close"), () => dialog.close())), status, body);
  const complain = (words) => {
    status.textContent = words;
    status.hidden = !words;
  };
  const attempt = async (deed, button = null) => {
    button?.setAttribute("aria-busy", "true");
    if (button) button.disabled = true;
    try {
      complain("");
      return await deed();
    } catch (error) {
      complain(error.code === "M_WRONG_KEY" ? say("recoveryWrong") : reasonOf(error));
      return undefined;
    } finally {
      button?.removeAttribute("aria-busy");
      if (button) button.disabled = false;
    }
  };
  show(dialog);
  return { dialog, body, attempt, complain };
}

export const button = (words, press, kind = "") => {
  const made = el("button", { type: "button", class: `button ${kind}` }, say(words));
  made.addEventListener("click", () => press(made));
  return made;
};

export { announce };
