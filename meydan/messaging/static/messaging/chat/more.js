// What the parts need that are loaded when they are needed: their sentences, their icons and their sheet. Whoever imports
// this runs once all of it is here. The device keeps a copy, for the times without a line.

import { addWords, el } from "./words.js";

const home = document.querySelector("[data-chat]");
const STORE = "meydan-chat"; // thrown away with the language and the person (ui/app.js, sw.js)

async function fetched(address) {
  const kept = async () => (await self.caches?.match(address, { cacheName: STORE })) ?? null;
  try {
    const answer = await fetch(address);
    if (!answer.ok) return await kept();
    await (await self.caches?.open(STORE))?.put(address, answer.clone()).catch(() => undefined);
    return answer;
  } catch {
    return kept();
  }
}

// Our own server's icons. `DOMParser` makes a document that runs nothing and loads nothing.
function drawn(name, source) {
  const picture = new DOMParser().parseFromString(source, "text/html").querySelector("svg");
  return el("span", { dataset: { icon: name } }, document.adoptNode(picture));
}

const sheet = new Promise((resolve) => {
  document.head.append(el("link", { rel: "stylesheet", href: home.dataset.moreSheet, onload: resolve, onerror: resolve }));
});
const answer = await fetched(home.dataset.more);
if (!answer) throw new Error("the words are not here");
const { words, icons } = await answer.json();
addWords(words, Object.entries(icons).map(([name, source]) => drawn(name, source)));
await sheet;
