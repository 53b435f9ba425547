// What this browser holds, and a way to remove it.
import { forgetAll, usableCards } from "./holder.js";

const place = document.querySelector("[data-holder]");

async function draw() {
  const cards = await usableCards();
  for (const one of place.querySelectorAll("[data-holder-some]")) one.hidden = !cards.length;
  place.querySelector("[data-holder-none]").hidden = Boolean(cards.length);
  place.querySelector("[data-holder-count]").textContent = new Intl.NumberFormat(document.documentElement.lang).format(cards.length);
  place.hidden = false;
}

if (place && "indexedDB" in window && crypto.subtle) {
  place.querySelector("[data-holder-forget]").addEventListener("click", async () => { await forgetAll(); await draw(); });
  draw();
}
