// Show who asks, for what and which claims; nothing leaves before the person says yes.
import { claimsOf, decline, readRequest, refill, show, unlock, usableCards } from "./holder.js";

const place = document.querySelector("[data-present]");
const steps = [...place.querySelectorAll("[data-step]")];
const go = (name) => { for (const one of steps) one.hidden = one.dataset.step !== name; };
const part = (name) => place.querySelector(`[data-${name}]`);

function draw(said) {
  const about = said.verifier_info?.find((one) => one.format === "meydan-registration")?.data ?? {};
  part("name").textContent = about.name ?? said.client_metadata.client_name;
  part("purpose").textContent = about.purpose ?? "";
  for (const one of place.querySelectorAll("[data-mode]")) one.hidden = one.dataset.mode !== (about.mode ?? "claims");
  part("claims").replaceChildren(...claimsOf(said).map((name) => {
    const line = document.createElement("li");
    line.textContent = place.querySelector(`[data-label="${CSS.escape(name)}"]`)?.textContent ?? name;
    return line;
  }));
}

async function start() {
  const link = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (!link) return go("none");
  const [card] = await usableCards();
  if (!card) return go("empty");
  go("wait");
  const said = await readRequest(link);
  draw(said);
  const choose = (button, work) => part(button).addEventListener("click", async () => {
    go("wait");
    try {
      go(await work());
    } catch (error) {
      part("locked").hidden = error.name !== "NotAllowedError";
      go(error.name === "NotAllowedError" ? "ask" : "failed");
    }
  });
  choose("yes", async () => {
    const key = await unlock();
    await show(card, said, key);
    refill(key).catch(() => {});
    return "done";
  });
  choose("no", async () => { await decline(said); return "declined"; });
  go("ask");
  return part("yes").focus();
}

start().catch(() => go("failed"));
