// What else can be sent than words: photos, films and files, a place, a poll.

import "./more.js";
import { show } from "./dialog.js";
import { el, icon, say } from "./words.js";

export function openAttach(host, from) {
  const dialog = el("dialog", { class: "chat-menu", "aria-label": say("attach") });
  const item = (shape, words, deed) => el("li", {}, el("button", { type: "button", onclick: () => [dialog.close(), deed()] }, icon(shape), words));
  const part = (load, deed) => () => load().then(deed, () => host.complain(say("needsLine")));
  dialog.append(
    el(
      "ul",
      { class: "chat-items" },
      item("image", say("attachFile"), () => host.pick.click()),
      item("map-pin", say("placeSend"), part(() => import("./place-chooser.js"), ({ openPlace }) => openPlace(host))),
      item("vote", say("pollNew"), part(() => import("./polls.js"), ({ openNewPoll }) => openNewPoll(host))),
    ),
  );
  show(dialog, from);
}
