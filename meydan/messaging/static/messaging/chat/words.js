// Sentences in the reader's language, dates and numbers as they are written in it, and the making of elements. Nothing
// here or elsewhere in the messenger ever makes elements out of text: text becomes text nodes.

const language = document.documentElement.lang;
const sentences = JSON.parse(document.getElementById("chat-words").textContent);
const icons = document.getElementById("chat-icons").content;
// Arabic in Morocco writes Latin digits; browsers know no Tajik: numerals of the region instead of English words.
const locale = { ar: "ar-MA", fa: "fa-IR", tg: "ru-TJ" }[language] ?? language;

// Sentences and icons of parts that are loaded when they are needed (more.js).
export function addWords(more, pictures) {
  Object.assign(sentences, more);
  icons.append(...pictures);
}

// More of them, which only some parts of the messenger say.
export async function learn(part) {
  const answer = await fetch(`${document.querySelector("[data-chat]").dataset.words}${part}.json`).catch(() => null);
  if (!answer?.ok) throw Object.assign(new Error("no words"), { status: answer?.status ?? 0, code: "" });
  Object.assign(sentences, await answer.json());
}

const isolated = (value) => `\u2068${value}\u2069`;
export const say = (name, values = {}) => {
  const sentence = sentences[name]; // most have no places, and a row says half a dozen
  return sentence.includes("%(") ? sentence.replace(/%\((\w+)\)s/g, (_all, key) => isolated(values[key] ?? "")) : sentence;
};

export const knows = (name) => Object.hasOwn(sentences, name);

const numbers = new Intl.NumberFormat(locale);
const hours = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat(
  locale,
  language === "tg"
    ? { day: "2-digit", month: "2-digit", year: "numeric" }
    : { weekday: "long", day: "numeric", month: "long" },
);
const dates = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "2-digit" });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const names = new Intl.Collator(locale);

export const number = (value) => numbers.format(value);
export const timeOf = (moment) => hours.format(moment);
export const momentOf = (moment) => moments.format(moment);
export const compare = (one, other) => names.compare(one, other);
export const size = (bytes) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: bytes < 1e6 ? 0 : 1 })
    .format(bytes / (bytes < 1e6 ? 1e3 : 1e6));

// A length of time as clocks show it: "1:05", "1:00:05".
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (!parts[0]) parts.shift();
  const digits = (value, place) => new Intl.NumberFormat(locale, { minimumIntegerDigits: place ? 2 : 1, useGrouping: false }).format(value);
  return parts.map(digits).join(":");
}

// The day that a moment is in, as a number that grows by one each day, by this device's clock.
export function dayOf(moment) {
  const day = new Date(moment);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 86400000);
}

export function nameOfDay(moment) {
  const ago = dayOf(Date.now()) - dayOf(moment);
  return ago === 0 ? say("today") : ago === 1 ? say("yesterday") : days.format(moment);
}

export function briefly(moment) {
  const ago = dayOf(Date.now()) - dayOf(moment);
  return ago === 0 ? timeOf(moment) : ago === 1 ? say("yesterday") : dates.format(moment);
}

// `attributes`: those with a value; `on*` are listeners; `dataset` an object. Children are elements or text.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export const icon = (name) => icons.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);
export const hiddenText = (text) => el("span", { class: "sr-only" }, text);

// A button whose icon says it to eyes and whose words say it to ears.
export const tool = (name, words, press, more = {}) =>
  el("button", { type: "button", class: "chat-tool", title: words, onclick: press, ...more }, icon(name), hiddenText(words));

const live = document.querySelector("[data-said]");
// Say something to who listens to the page.
export function announce(text) {
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

// Why something was refused, for the reader.
export function reasonOf(error) {
  if (error.code === "M_FORBIDDEN") return say("forbidden");
  if (error.code === "M_LIMIT_EXCEEDED") return say("limited");
  if (error.code === "M_NOT_FOUND") return say("notFound");
  if (error.code === "M_SEAL") return say("sealFailed");
  return say(error.status === 0 ? "needsLine" : "failed");
}
