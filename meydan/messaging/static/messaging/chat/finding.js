// Finding the people of the city, and going to a conversation.

import "./more.js";
import { api, line } from "./line.js";
import * as model from "./model.js";
import { face } from "./rooms.js";
import { clean, isolate } from "./plain.js";
import { el, reasonOf, say } from "./words.js";

const PAUSE = 300;

export const go = (id) => (location.hash = `#${encodeURIComponent(id)}`);

// A search over the people of the city, as it is typed. `choose(person)`.
export function findPeople(field, result, status, choose) {
  let timer = 0;
  let turn = 0;
  const search = async () => {
    const words = field.value.trim();
    const mine = (turn += 1);
    if (!words) return result.replaceChildren();
    try {
      const { results } = await api("POST", "v3/user_directory/search", { search_term: words, limit: 20 });
      if (mine !== turn) return undefined;
      const exact = results.length ? null : await byName(words);
      if (mine !== turn) return undefined;
      const people = [...(exact ? [exact] : []), ...results.filter((one) => one.user_id !== exact?.user_id)].filter((one) => one.user_id !== line.me);
      status.textContent = people.length ? "" : say("nobody");
      return result.replaceChildren(...people.map((one) => personItem(one, choose)));
    } catch (error) {
      status.textContent = reasonOf(error);
      return undefined;
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
}

// The directory knows whom one has met, or could have met in a public room; whoever knows somebody's exact name finds
// them too.
async function byName(words) {
  const name = words.toLowerCase().replace(/^@/, "").split(":")[0];
  if (!/^[a-z0-9._=/+-]{2,150}$/.test(name)) return null;
  const id = `@${name}:${line.me.split(":").slice(1).join(":")}`;
  const found = await api("GET", `v3/profile/${encodeURIComponent(id)}`).catch(() => null);
  return found && { user_id: id, display_name: found.displayname };
}

function personItem(found, choose) {
  const person = { id: found.user_id, name: clean(found.display_name) || found.user_id.slice(1).split(":")[0], office: model.isOffice(found.user_id) };
  return el("li", {}, el("button", { type: "button", class: "chat-pick", onclick: () => choose(person) }, face(null, person), el("span", {}, isolate(person.name), el("small", { dir: "ltr" }, isolate(person.id)))));
}
