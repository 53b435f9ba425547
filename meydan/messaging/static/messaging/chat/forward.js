// Forwarding: a message's content goes to another conversation, and nothing that says where it came from.

import "./more.js";
import { wholeOf } from "./media.js";
import { show } from "./dialog.js";
import { contentOf } from "./message.js";
import * as model from "./model.js";
import { send } from "./outbox.js";
import { face } from "./rooms.js";
import { clean, isolate } from "./plain.js";
import { POLLS } from "./kinds.js";
import { announce, el, say, tool } from "./words.js";

const SHOWN = 30;
// What is taken along of a message; relations, mentions and whatever else it bears stay behind.
const FIELDS = ["msgtype", "body", "format", "formatted_body", "filename", "info", "url", "file", "geo_uri"];
const EXTRA = /^(org\.matrix\.msc(1767|3245|3488)\.|m\.(voice|audio|location|asset|text)$)/;

async function copied(row) {
  const { event } = row;
  const content = contentOf(row);
  if (POLLS.includes(event.type)) return { type: "org.matrix.msc3381.poll.start", content: (await import("./polls.js")).copyOf(content) };
  const kept = Object.entries(structuredClone(content)).filter(([name]) => FIELDS.includes(name) || EXTRA.test(name));
  const made = { "m.mentions": {}, ...Object.fromEntries(kept) };
  if (content["m.relates_to"]?.["m.in_reply_to"] || event.content["m.relates_to"]?.["m.in_reply_to"]) withoutQuote(made);
  if (!made.file) return { type: event.type, content: made };
  // What was encrypted for one conversation is opened here, and goes the way of every file of the other one.
  const file = await wholeOf(content, /^[a-z]+\/[a-z0-9.+-]+$/);
  delete made.file;
  for (const name of ["thumbnail_url", "thumbnail_file", "thumbnail_info"]) delete made.info?.[name];
  return { type: event.type, content: made, parts: { file } };
}

// What an answer repeats of the message that it answers (in the way of old) belongs to its own conversation.
function withoutQuote(made) {
  made.body = made.body.replace(/^(?:> ?[^\n]*\n)+\n?/u, "");
  if (typeof made.formatted_body === "string") made.formatted_body = made.formatted_body.replace(/<mx-reply>[^]*?<\/mx-reply>/giu, "");
}

export function openForward(view, row) {
  const field = el("input", { class: "input", type: "search", maxlength: "80", autocomplete: "off", "aria-label": say("forwardTo"), placeholder: say("forwardTo") });
  const list = el("ul", { class: "chat-found", role: "list" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-forward" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-forward" }, say("forward")), tool("x", say("close"), () => dialog.close())), field, fault, list);
  const fill = () => {
    const words = clean(field.value).toLocaleLowerCase();
    const may = (room) => room.membership === "join" && model.nameOf(room).toLocaleLowerCase().includes(words);
    const found = model.inOrder().filter(may);
    list.replaceChildren(...found.slice(0, SHOWN).map(item));
    if (!found.length) list.append(el("li", { class: "muted", role: "status" }, say("noneFound")));
  };
  const item = (room) => {
    const name = model.nameOf(room) || say("noName");
    const go = async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        const { type, content, parts } = await copied(row);
        await send(room.id, type, content, parts);
        dialog.close();
        announce(say("forwarded", { name }));
        location.hash = `#${encodeURIComponent(room.id)}`;
      } catch (error) {
        fault.textContent = error.status === undefined ? error.message : say("failed");
        fault.hidden = false;
        button.disabled = false;
      }
    };
    return el("li", {}, el("button", { type: "button", class: "chat-pick", onclick: go }, face(room), el("span", {}, el("b", {}, isolate(name)))));
  };
  field.addEventListener("input", fill);
  fill();
  show(dialog);
  field.focus();
}
