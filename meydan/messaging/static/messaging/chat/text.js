// Text from strangers, made into text nodes and a few harmless elements; never by innerHTML. Names and single lines: plain.js.
//
// - Of org.matrix.custom.html only what is in `ALLOWED` is built, within bounds; all else is its text.
// - A link says where it really leads whenever its words do not, in ASCII where the host has letters that look alike.

import { clean, isolate, LONGEST, tame } from "./plain.js";
import { el, icon, say } from "./words.js";

const MOST_NODES = 1500;
const DEEPEST = 12;
const LINK = /\bhttps?:\/\/[^\s<>"'\u0000-\u001f]{2,2000}/giu;
const TRAIL = /[.,;:!?)\]}،؛؟»”’]+$/u;
const SCHEMES = ["http:", "https:", "mailto:"];

function addressOf(text) {
  try {
    const url = new URL(text);
    return SCHEMES.includes(url.protocol) && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}

// A link with `words`; where they do not say the host, or the host is not plain, it is said beside them.
function linkTo(url, ...words) {
  const link = el("a", { href: url.href, rel: "noopener noreferrer nofollow ugc", target: "_blank", dir: "auto" }, ...words);
  const host = url.protocol === "mailto:" ? url.pathname : url.hostname;
  const strange = host.includes("xn--");
  const says = link.textContent.trim().toLowerCase();
  const begins = [host, `www.${host}`, `${url.protocol}//${host}`, `${url.protocol}//www.${host}`];
  if (!strange && begins.some((one) => says === one || says.startsWith(`${one}/`) || says.startsWith(`${one}?`) || says.startsWith(`${one}:`))) return link;
  const where = el("bdi", { class: "chat-host", dir: "ltr" }, ` (${host})`);
  const note = strange ? el("span", { class: "chat-strange", title: say("lookalike") }, icon("circle-alert"), el("span", { class: "sr-only" }, say("lookalike"))) : null;
  return el("span", {}, link, where, note);
}

// Plain text with its links.
export function linked(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = match[0].replace(TRAIL, "");
    const url = addressOf(found);
    if (!url) continue;
    parts.push(text.slice(from, match.index), linkTo(url, found));
    from = match.index + found.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

// Elements that are built, as which; whatever else stands there is its text.
const ALLOWED = {
  B: "b", STRONG: "strong", I: "i", EM: "em", U: "u", DEL: "del", S: "s", CODE: "code", PRE: "pre", BR: "br", P: "p",
  BLOCKQUOTE: "blockquote", UL: "ul", OL: "ol", LI: "li", SUB: "sub", SUP: "sup", HR: "hr", DIV: "div",
  H1: "strong", H2: "strong", H3: "strong", H4: "strong", H5: "strong", H6: "strong",
};
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "MX-REPLY", "IFRAME", "OBJECT", "SVG", "MATH", "HEAD", "TITLE"]);
const EMPTY = new Set(["BR", "HR"]);
const TAG = /<(\/?)([a-z][a-z0-9-]{0,30})((?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){0,2000})>|<!--[^]{0,2000}?-->/giu;
const HREF = /(?:^|[\s"'/])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/iu;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/giu;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

const decoded = (text) =>
  text.replace(ENTITY, (all, decimal, hex, name) => {
    if (name) return NAMED[name.toLowerCase()];
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });

// A reader of our own, and not the browser's: that one makes the elements with all that stands in them before anybody has
// looked, and is stopped by the page's policy alone.
class Reader {
  constructor(into, people) {
    this.people = people;
    this.open = [{ kind: "", into }];
    this.left = MOST_NODES;
  }

  get top() {
    return this.open[this.open.length - 1];
  }

  text(raw) {
    if (!raw || this.dropping || (this.left -= 1) < 0) return;
    const text = tame(decoded(raw));
    const { into, link, pill } = this.top;
    if (pill) return;
    if (link) link.words += text;
    else into.append(...(into.closest("code,pre") ? [text] : linked(text)));
  }

  tag(closes, kind, rest) {
    if (this.dropping) {
      if (closes && kind === this.dropping) this.dropping = "";
    } else if (closes) this.close(kind);
    else if (DROPPED.has(kind)) this.dropping = kind;
    else if ((this.left -= 1) >= 0) this.begin(kind, rest);
  }

  begin(kind, rest) {
    const { into, link, pill } = this.top;
    if (pill) return;
    const href = kind === "A" && !link ? HREF.exec(rest) : null;
    const address = href && decoded(href[1] ?? href[2] ?? href[3]);
    const whom = href && personOf(address);
    if (whom) return void this.open.push({ kind, into, pill: whom });
    const url = href && addressOf(address);
    if (url) return void this.open.push({ kind, into, link: { url, words: "" } });
    if (link || !Object.hasOwn(ALLOWED, kind) || this.open.length > DEEPEST) return;
    const made = document.createElement(ALLOWED[kind]);
    into.append(made);
    if (!EMPTY.has(kind)) this.open.push({ kind, into: made });
  }

  close(kind) {
    const place = this.open.findLastIndex((one) => one.kind === kind);
    while (place > 0 && this.open.length > place) this.finish(this.open.pop());
  }

  finish({ into, link, pill: whom }) {
    if (whom) into.append(pill(whom, this.people));
    if (link) into.append(linkTo(link.url, link.words.replace(/\s+/gu, " ").trim().slice(0, 500) || link.url.href));
  }

  end() {
    while (this.open.length > 1) this.finish(this.open.pop());
  }
}

// Whom a link is about: `https://matrix.to/#/@…` and `matrix:u/…` are names and lead nowhere.
const PERSON = /^(?:https:\/\/matrix\.to\/#\/(?:@|%40)|matrix:u\/)([^/?#\s]{1,255})/iu;
function personOf(href) {
  const found = PERSON.exec(href.trim())?.[1] ?? "";
  try {
    const id = `@${decodeURIComponent(found)}`;
    return /^@[^:\s]{1,200}:[^\s/]{1,200}$/u.test(id) ? id : "";
  } catch {
    return "";
  }
}

// Somebody who is mentioned, by the name that we know, whatever the words of the link were.
function pill(id, people) {
  const { name = id.slice(1).split(":")[0], mine = false } = people?.(id) ?? {};
  return el("span", { class: `chat-pill${mine ? " me" : ""}`, title: clean(id, 255) }, isolate(`@${clean(name)}`));
}

function build(html, into, people) {
  const reader = new Reader(into, people);
  let from = 0;
  for (const match of html.matchAll(TAG)) {
    reader.text(html.slice(from, match.index));
    if (match[2]) reader.tag(Boolean(match[1]), match[2].toUpperCase(), match[3]);
    from = match.index + match[0].length;
  }
  reader.text(html.slice(from));
  reader.end();
}

// The body of a message as nodes for its bubble. `people(id)`: {name, mine} of whom it mentions.
export function richText(content, people) {
  const body = typeof content.body === "string" ? content.body : "";
  const html = content.formatted_body;
  const into = el("div", { class: "chat-text", dir: "auto" });
  if (content.format === "org.matrix.custom.html" && typeof html === "string" && html.length <= 4 * LONGEST) {
    build(html, into, people);
  } else into.append(...linked(tame(withoutQuote(content, body))));
  return into;
}

// A reply of old begins with the lines that it answers, each after "> ".
const withoutQuote = (content, body) =>
  content["m.relates_to"]?.["m.in_reply_to"] ? body.replace(/^(?:> ?[^\n]*\n)+\n?/u, "") : body;

export const plainText = (content) => tame(withoutQuote(content, typeof content.body === "string" ? content.body : ""));

export const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const MARKED = [
  [/`([^`\n]+)`/gu, "code"],
  [/(?<![\p{L}\p{N}*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\p{L}\p{N}*])/gu, "strong"],
  [/(?<![\p{L}\p{N}_])_([^_\s](?:[^_\n]*[^_\s])?)_(?![\p{L}\p{N}_])/gu, "em"],
  [/(?<![\p{L}\p{N}~])~([^~\s](?:[^~\n]*[^~\s])?)~(?![\p{L}\p{N}~])/gu, "del"],
];

// What is written with *bold*, _slanted_, ~struck~ and `code`, as the content of a message.
export function written(text) {
  let html = escaped(text);
  for (const [pattern, tag] of MARKED) {
    html = html.split(/(<code>.*?<\/code>|<[^>]+>|https?:\/\/\S+)/u).map((part, place) => (place % 2 ? part : part.replace(pattern, `<${tag}>$1</${tag}>`))).join("");
  }
  const content = { msgtype: "m.text", body: text };
  if (html === escaped(text)) return content;
  return { ...content, format: "org.matrix.custom.html", formatted_body: html.replaceAll("\n", "<br>") };
}
