// Where one writes: the text grows with what is written, a draft stays with its room, files are taken from the camera, the
// clipboard or by dropping them. Voice, mentions, stickers, polls and places come with parts that are loaded when they are
// asked for; all that is sent goes by `give`.

import "./more.js";
import { api, keepWarm, line } from "./line.js";
import { contentOf } from "./message.js";
import * as model from "./model.js";
import { send } from "./outbox.js";
import { drafts } from "./rooms.js";
import * as store from "./store.js";
import { clean, isolate } from "./plain.js";
import { plainText, written } from "./text.js";
import { el, say, tool } from "./words.js";

const MOST = 16_000; // characters of one message
const TYPING = 20_000;
const touches = matchMedia("(pointer: coarse)");

// `view`: {id, room, scroller, draftKey, thread: the root of the thread that it shows, or "", newestId()}.
export function composer(view) {
  const label = say(view.thread ? "writeInThread" : "write");
  const text = el("textarea", { class: "input", rows: "1", maxlength: String(MOST), placeholder: say(view.thread ? "reply" : "write"), "aria-label": label, dir: "auto", enterkeyhint: "send" });
  const pick = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1" });
  const context = el("div", { class: "chat-context", hidden: true });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const go = tool("send", say("send"), undefined, { type: "submit", class: "chat-tool chat-send" });
  const speak = tool("mic", say("record"), undefined, { class: "chat-tool chat-mic", title: say("recordHint") });
  const more = tool("paperclip", say("attach"), () => withPart(() => import("./attach.js"), (part) => part.openAttach(host, more)));
  const stick = tool("sticker", say("stickers"), () => withPart(() => import("./stickers.js"), (part) => part.openStickers(host, stick)));
  const writing = el("div", { class: "chat-writing" }, more, pick, text, stick, speak, go);
  const form = el("form", { class: "chat-composer", method: "dialog" }, fault, context, writing);
  const speaks = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  let about = null; // {kind: "reply" | "edit", row}
  let typed = 0;
  let mentions = null; // what offers people after an "@"
  let recorder = null;

  async function withPart(load, deed) {
    const part = await load().catch(() => null);
    if (part) return deed(part);
    return complain(say("needsLine"));
  }

  const grow = () => {
    text.style.blockSize = "auto";
    text.style.blockSize = `${Math.min(text.scrollHeight + 2, innerHeight / 3)}px`;
    const empty = !text.value.trim();
    go.disabled = empty;
    [go.hidden, speak.hidden] = speaks ? [empty, !empty] : [false, true];
  };

  const tellTyping = (isTyping) => {
    if (isTyping && Date.now() - typed < TYPING) return;
    if (!isTyping && !typed) return;
    typed = isTyping ? Date.now() : 0;
    if (line.state !== "online") return;
    if (isTyping) keepWarm();
    api("PUT", `v3/rooms/${encodeURIComponent(view.id)}/typing/${encodeURIComponent(line.me)}`, { typing: isTyping, ...(isTyping ? { timeout: TYPING + 5000 } : {}) }).catch(() => undefined);
  };

  let keeping = 0;
  const keepDraft = () => {
    if (about?.kind === "edit") return;
    if (text.value) drafts.set(view.draftKey, text.value);
    else drafts.delete(view.draftKey);
    clearTimeout(keeping);
    keeping = setTimeout(() => store.put("meta", { name: "drafts", value: [...drafts] }).catch(() => undefined), 500);
  };

  function turnTo(kind, row) {
    about = { kind, row };
    const name = model.personIn(view.room, row.event.sender).name;
    const words = kind === "edit" ? say("editing") : say("answering", { name: row.event.sender === line.me ? say("you") : name });
    context.replaceChildren(el("p", {}, el("b", {}, words), isolate(clean(plainText(contentOf(row)), 140))), tool("x", say("cancel"), turnBack));
    context.hidden = false;
    if (kind === "edit") {
      text.value = contentOf(row).body ?? "";
      const people = contentOf(row)["m.mentions"]?.user_ids ?? []; // as it is now: the part may come after the change is made
      if (people.length) withMentions((part) => part.know(people));
    }
    grow();
    text.focus();
  }

  function turnBack() {
    if (about?.kind === "edit") text.value = drafts.get(view.draftKey) ?? "";
    about = null;
    context.hidden = true;
    grow();
    text.focus();
  }

  const complain = (words) => {
    fault.textContent = words;
    fault.hidden = !words;
  };

  // Those who are answered are told. In a thread all belongs to it, and clients that know none take it for an answer to
  // the newest message there (spec, "Fallback for unthreaded clients").
  const relates = (content) => {
    const row = about?.kind === "reply" ? about.row : null;
    const told = content["m.mentions"]?.user_ids ?? [];
    const people = row && row.event.sender !== line.me ? [...new Set([...told, row.event.sender])] : told;
    const answers = row?.id ?? (view.thread ? view.newestId() : "");
    const relation = { ...(view.thread && { rel_type: "m.thread", event_id: view.thread, is_falling_back: !row }), ...(answers && { "m.in_reply_to": { event_id: answers } }) };
    const made = { ...content, "m.mentions": { ...content["m.mentions"], ...(people.length && { user_ids: people }) } };
    return answers ? { ...made, "m.relates_to": relation } : made;
  };

  // Send something else than words. An `Error` with a sentence where there is no place for it.
  async function give(type, content, parts) {
    await send(view.id, type, relates(content), parts);
    complain("");
    if (about?.kind === "reply") turnBack();
    view.scroller.toNewest();
  }

  // The field is free at once: whoever writes quickly has begun the next message when this one is put down.
  async function submit() {
    const words = text.value.trim();
    if (!words) return;
    const content = mentions?.taken(written(words)) ?? { "m.mentions": {}, ...written(words) };
    const edited = about?.kind === "edit" ? about.row : null;
    const sent = edited ? changed(edited, content) : relates(content);
    about = null;
    context.hidden = true;
    text.value = edited ? (drafts.get(view.draftKey) ?? "") : "";
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

  // A change tells those alone who were not mentioned before.
  function changed(row, content) {
    const known = new Set(contentOf(row)["m.mentions"]?.user_ids ?? []);
    const people = (content["m.mentions"].user_ids ?? []).filter((id) => !known.has(id));
    const news = { ...content, "m.mentions": people.length ? { user_ids: people } : {} };
    return { ...news, body: `* ${content.body}`, "m.new_content": content, "m.relates_to": { rel_type: "m.replace", event_id: row.id } };
  }

  async function take(files) {
    const { prepare } = await import("./photos.js").catch(() => ({}));
    if (!prepare) return complain(say("needsLine"));
    for (const file of files.slice(0, 30)) {
      try {
        const { content, ...parts } = await prepare(file, Boolean(view.room?.encrypted));
        await give("m.room.message", content, parts);
      } catch (error) {
        complain(error.message);
      }
    }
    return undefined;
  }

  // --- parts that come when they are asked for

  const withMentions = (deed) =>
    withPart(() => import("./mentions.js"), (part) => {
      mentions ??= part.mentioning(view, text, form);
      deed(mentions);
    });

  async function beginRecording(event) {
    await withPart(() => import("./recorder.js"), (part) => {
      recorder ??= part.recording({ key: view.draftKey, show, hide, give, complain });
      return recorder.begin(event);
    });
  }

  // Something stands where one writes, as long as it goes on.
  function show(bar) {
    hide(false);
    writing.hidden = true;
    form.append(bar);
  }

  function hide(back = true) {
    if (form.lastElementChild !== writing) form.lastElementChild.remove();
    writing.hidden = false;
    if (back && document.activeElement === document.body) (touches.matches ? speak : text).focus({ preventScroll: true });
  }

  const host = { view, give, complain, pick, key: view.draftKey };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // no form of the pages: it may be sent twice in a second
    submit();
  });
  let byFinger = -Infinity; // no press of a finger yet: the first click counts, however early it comes
  speak.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    byFinger = event.timeStamp;
    beginRecording(event);
  });
  speak.addEventListener("click", (event) => event.timeStamp - byFinger > 1000 && beginRecording());
  speak.addEventListener("contextmenu", (event) => event.preventDefault());
  text.addEventListener("input", () => {
    if (mentions || text.value.includes("@")) withMentions((part) => part.look());
    grow();
    keepDraft();
    tellTyping(Boolean(text.value.trim()));
  });
  text.addEventListener("keydown", (event) => {
    if (mentions?.takes(event)) return;
    if (event.key === "Escape" && about) [event.stopPropagation(), turnBack()];
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

  text.value = drafts.get(view.draftKey) ?? "";
  if (speaks) import("./recorder.js").then((part) => part.isLeft(view.draftKey) && (recorder = part.recording({ key: view.draftKey, show, hide, give, complain })), () => undefined);
  requestAnimationFrame(grow);
  if (!touches.matches) requestAnimationFrame(() => text.focus({ preventScroll: true }));
  return {
    element: form,
    reply: (row) => turnTo("reply", row),
    edit: (row) => turnTo("edit", row),
    complain,
    close: () => [tellTyping(false), recorder?.leave()],
  };
}
