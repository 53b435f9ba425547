// A message that cannot be read here, and what can be done about it.

import { ask } from "./desk.js";
import { openDevices } from "./devices.js";
import { button, open } from "./dialog.js";
import { recover } from "./recovery.js";
import { verifyOwn } from "./verify.js";
import { whyShut } from "../crypto.js";
import { line } from "../line.js";
import * as model from "../model.js";
import { el, say } from "../words.js";

const HELP = { shutBefore: "shutBeforeHelp", shutLost: "shutLostHelp", shutAway: "shutAwayHelp", shutWithheld: "shutWithheldHelp", shutChanged: "shutChangedHelp", shutWaits: "shutWaitsHelp" };

export async function explain(view, row) {
  const why = whyShut(row.event);
  const { dialog, body, attempt } = await open("seal-shut", "shutTitle");
  const name = row.event.sender === line.me ? say("you") : model.personIn(view.room, row.event.sender).name;
  body.append(el("p", {}, say(why, { name })), el("p", { class: "muted" }, say(HELP[why] ?? "shutWaitsHelp", { name })));
  const deeds = el("div", { class: "actions" });
  body.append(deeds);
  const go = (deed) => () => [dialog.close(), deed()];
  const again = button("shutAgain", (pressed) => attempt(async () => {
    const { heal } = await import("./desk.js");
    await heal(view.id);
    dialog.close();
  }, pressed), "quiet");
  const status = await attempt(() => ask("status"));
  if (!status) return;
  if (!status.verified && status.recovery) deeds.append(button("recoveryEnter", go(recover)));
  if (!status.verified && status.identity) deeds.append(button("verifyThis", go(() => verifyOwn()), status.recovery ? "quiet" : ""));
  if (why === "shutChanged") deeds.append(button("trustAgain", (pressed) => attempt(async () => {
    await ask("believe", row.event.sender);
    dialog.close();
  }, pressed)));
  deeds.append(again, button("devices", go(openDevices), "quiet"));
}
