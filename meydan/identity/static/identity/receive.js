// Take the offer up in this very browser.
import { receive } from "./holder.js";

const place = document.querySelector("[data-offer]");
const button = place?.querySelector("[data-keep]");
if (button && "indexedDB" in window && crypto.subtle) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = place.querySelector("[data-said]");
    said.textContent = said.dataset.working;
    button.hidden = true;
    try {
      await receive(place.dataset.offer, place.dataset.digits);
      location.assign(place.dataset.back);
    } catch (error) {
      const isLocked = error.name === "NotAllowedError";
      said.textContent = isLocked ? "" : said.dataset.failed;
      place.querySelector("[data-locked]").hidden = button.hidden = !isLocked;
      if (isLocked) button.hidden = false;
    }
  });
}
