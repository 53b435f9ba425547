// Where one writes: the text grows with what is written, a draft stays with its room, files are taken from the camera, the
// clipboard or by dropping them.

import { api, line } from "./line.js";
import { contentOf } from "./message.js";
import * as model from "./model.js";
import { send } from "./outbox.js";
import { drafts } from "./rooms.js";
import * as store from "./store.js";
import { clean, isolate, plainText, written } from "./text.js";
import { el, say, tool } from "./words.js";

const MOST = 16_000; // characters of one message
const TYPING = 20_000;
const touches = matchMedia("(pointer: coarse)");

export function composer(view) {
  const text = el("textarea", { class: "input", rows: "1", maxlength: String(MOST), placeholder: say("write"), "aria-label": say("write"), dir: "auto", enterkeyhint: "send" });
  const pick = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1" });
  const context = el("div", { class: "chat-context", hidden: true });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const go = tool("send", say("send"), undefined, { type: "submit", class: "chat-tool chat-send" });
  const form = el("form", { class: "chat-composer", method: "dialog" }, fault, context, el("div", { class: "chat-writing" }, tool("paperclip", say("attach"), () => pick.click()), pick, text, go));
  let about = null; // {kind: "reply" | "edit", row}
  let typed = 0;

  const grow = () => {
    text.style.blockSize = "auto";
    text.style.blockSize = `${Math.min(text.scrollHeight + 2, innerHeight / 3)}px`;
    go.disabled = !text.value.trim();
  };

  const tellTyping = (isTyping) => {
    if (isTyping && Date.now() - typed < TYPING) return;
    if (!isTyping && !typed) return;
    typed = isTyping ? Date.now() : 0;
    if (line.state !== "online") return;
    api("PUT", `v3/rooms/${encodeURIComponent(view.id)}/typing/${encodeURIComponent(line.me)}`, { typing: isTyping, ...(isTyping ? { timeout: TYPING + 5000 } : {}) }).catch(() => undefined);
  };

  let keeping = 0;
  const keepDraft = () => {
    if (about?.kind === "edit") return;
    if (text.value) drafts.set(view.id, text.value);
    else drafts.delete(view.id);
    clearTimeout(keeping);
    keeping = setTimeout(() => store.put("meta", { name: "drafts", value: [...drafts] }).catch(() => undefined), 500);
  };

  function turnTo(kind, row) {
    about = { kind, row };
    const name = model.personIn(view.room, row.event.sender).name;
    const words = kind === "edit" ? say("editing") : say("answering", { name: row.event.sender === line.me ? say("you") : name });
    context.replaceChildren(el("p", {}, el("b", {}, words), isolate(clean(plainText(contentOf(row)), 140))), tool("x", say("cancel"), turnBack));
    context.hidden = false;
    if (kind === "edit") text.value = contentOf(row).body ?? "";
    grow();
    text.focus();
  }

  function turnBack() {
    if (about?.kind === "edit") text.value = drafts.get(view.id) ?? "";
    about = null;
    context.hidden = true;
    grow();
    text.focus();
  }

  const complain = (words) => {
    fault.textContent = words;
    fault.hidden = !words;
  };

  // Those who are answered are told.
  const relates = (content) => {
    if (about?.kind !== "reply") return content;
    const { row } = about;
    return { ...content, "m.relates_to": { "m.in_reply_to": { event_id: row.id } }, "m.mentions": row.event.sender === line.me ? {} : { user_ids: [row.event.sender] } };
  };

  // The field is free at once: whoever writes quickly has begun the next message when this one is put down.
  async function submit() {
    const words = text.value.trim();
    if (!words) return;
    const content = { "m.mentions": {}, ...written(words) };
    const edited = about?.kind === "edit" ? about.row.id : "";
    const sent = edited ? { ...content, body: `* ${content.body}`, "m.new_content": content, "m.relates_to": { rel_type: "m.replace", event_id: edited } } : relates(content);
    about = null;
    context.hidden = true;
    text.value = edited ? (drafts.get(view.id) ?? "") : "";
    grow();
    keepDraft();
    typed = 0; // a message that comes says that its sender has done with it
    text.focus();
    try {
      await send(view.id, "m.room.message", sent);
      complain("");
    } catch (error) {
      text.value = text.value ? `${words}\n${text.value}` : words;
      grow();
      return complain(error.message);
    }
    return edited ? undefined : view.scroller.toNewest();
  }

  async function take(files) {
    const { prepare } = await import("./photos.js").catch(() => ({}));
    if (!prepare) return complain(say("needsLine"));
    for (const file of files.slice(0, 30)) {
      try {
        const { content, ...parts } = await prepare(file);
        await send(view.id, "m.room.message", relates(content), parts);
        complain("");
      } catch (error) {
        complain(error.message);
      }
    }
    if (about?.kind === "reply") turnBack();
    return view.scroller.toNewest();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // no form of the pages: it may be sent twice in a second
    submit();
  });
  text.addEventListener("input", () => {
    grow();
    keepDraft();
    tellTyping(Boolean(text.value.trim()));
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && about) turnBack();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touches.matches) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take([...event.clipboardData.files]);
  });
  pick.addEventListener("change", () => {
    take([...pick.files]);
    pick.value = "";
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });

  text.value = drafts.get(view.id) ?? "";
  requestAnimationFrame(grow);
  if (!touches.matches) requestAnimationFrame(() => text.focus({ preventScroll: true }));
  return {
    element: form,
    reply: (row) => turnTo("reply", row),
    edit: (row) => turnTo("edit", row),
    close: () => tellTyping(false),
  };
}
