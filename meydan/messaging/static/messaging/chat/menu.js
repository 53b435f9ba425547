// What can be done with a message: react, answer, copy, change, delete.

import "./more.js";
import { show } from "./dialog.js";
import { line } from "./line.js";
import { contentOf } from "./message.js";
import { POLLS } from "./kinds.js";
import { isOffice, maySet, powerOf } from "./model.js";
import { send } from "./outbox.js";
import { plainText } from "./text.js";
import { el, icon, say } from "./words.js";

export { show };

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

export function openMenu(view, row, from) {
  const dialog = el("dialog", { class: "chat-menu", "aria-label": say("more") });
  const close = () => dialog.close();
  const item = (name, words, deed, more = "") => el("li", {}, el("button", { type: "button", class: more, onclick: () => [close(), deed()] }, icon(name), words));
  const mine = row.event.sender === line.me;
  const content = contentOf(row);
  const writes = view.writing;
  const isPinned = view.room.pinned?.includes(row.id);
  const items = [
    writes && item("reply", say("reply"), () => writes.reply(row)),
    typeof content.body === "string" && item("copy", say("copy"), () => navigator.clipboard.writeText(plainText(content)).catch(() => undefined)),
    writes && !view.thread && item("messages-square", say(row.thread?.size ? "threadOpen" : "threadAnswer"), () => view.openThread(row)),
    isCopied(row, content) && item("forward", say("forward"), () => part(view, () => import("./forward.js"), ({ openForward }) => openForward(view, row))),
    maySet(view.room, "m.room.pinned_events") && item(isPinned ? "pin-off" : "pin", say(isPinned ? "unpinMessage" : "pinMessage"), () => part(view, () => import("./pins.js"), ({ setPinned }) => setPinned(view, row.id, !isPinned))),
    writes && POLLS.includes(row.event.type) && (mine || powerOf(view.room, line.me, "redact")) && item("check", say("pollEnd"), () => part(view, () => import("./polls.js"), ({ endPoll }) => endPoll(view, row))),
    writes && mine && content.msgtype === "m.text" && item("pencil", say("edit"), () => writes.edit(row)),
    !mine && !isOffice(row.event.sender) && item("flag", say("report"), async () => (await import("./trouble.js")).reportMessage(view, row)),
    writes && (mine || powerOf(view.room, line.me, "redact")) && item("trash-2", say("delete"), () => sure(view, row), "danger"),
  ].filter(Boolean);
  const quick = writes && el("div", { class: "chat-quick" }, ...QUICK.map((key) => el("button", { type: "button", "aria-label": say("react", { key }), "aria-pressed": String(Boolean(row.reactions.get(key)?.has(line.me))), onclick: () => [close(), view.react(row, key)] }, key)));
  dialog.append(...[quick, el("ul", { class: "chat-items" }, ...items)].filter(Boolean));
  show(dialog, from);
}

const isCopied = ({ event }, content) => POLLS.includes(event.type) || typeof content.body === "string";

const part = (view, load, deed) => load().then(deed, () => view.writing?.complain(say("needsLine")));

function sure(view, row) {
  const dialog = el("dialog", { class: "chat-ask", "aria-labelledby": "chat-sure" });
  const away = () => {
    dialog.close();
    send(view.id, "m.room.redaction", {}, { redacts: row.id });
  };
  dialog.append(el("p", { id: "chat-sure" }, say("deleteSure")), el("div", { class: "actions" }, el("button", { type: "button", class: "button danger", onclick: away }, say("delete")), el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))));
  show(dialog);
}
