// Check a credential by what this browser has kept: the city's keys, and the lists of what is revoked. Says of when the
// list is; one that is older than a day counts for nothing. The page itself is kept too, and opens without a network for
// as long.
import { b64url, fromB64url } from "./bytes.js";

const place = document.querySelector("[data-offline]");
const KEPT = "meydan-verifier";
const DAY = 24 * 3600;
const SIGN = { name: "ECDSA", hash: "SHA-256" };
const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "null");
const readPart = (part) => JSON.parse(new TextDecoder().decode(fromB64url(part)));

async function refresh() {
  const { issuer, jwks } = await (await fetch(place.dataset.keys, { cache: "no-cache" })).json();
  const lists = {};
  for (const path of place.dataset.lists.split(" ").filter(Boolean)) {
    const answer = await fetch(path, { cache: "no-cache" });
    if (answer.ok) lists[path] = await answer.text();
  }
  localStorage.setItem(KEPT, JSON.stringify({ issuer, keys: jwks.keys, lists }));
}

// The service worker gives the page where there is no network, and its parts once they came through it.
async function keepPage() {
  const workers = navigator.serviceWorker;
  if (!workers || !("caches" in self) || "kept" in document.body.dataset) return;
  if (!workers.controller) await new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  const answer = await fetch(location.pathname);
  if (answer.ok && !answer.redirected) await (await caches.open("meydan-round")).put(location.pathname, answer);
  const parts = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /\.(js|css|woff2)$/.test(new URL(name).pathname));
  await Promise.all(parts.map((name) => fetch(name)));
}

const listFor = (said) => kept().lists[new URL(said.status.status_list.uri).pathname];

function draw(at) {
  place.querySelector("[data-nothing]").hidden = Boolean(kept());
  place.querySelector("[data-fresh]").hidden = !at;
  if (at) place.querySelector("[data-when]").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(at * 1000);
}

const newest = () => Math.max(0, ...Object.values(kept()?.lists ?? {}).map((one) => readPart(one.split(".")[1]).iat));

async function verified(token, typ) {
  const [head, body, signature] = token.split(".");
  const header = readPart(head);
  const jwk = kept().keys.find((one) => one.kid === header.kid);
  if (!jwk || header.alg !== "ES256" || header.typ !== typ) return null;
  const key = await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const isSigned = await crypto.subtle.verify(SIGN, key, fromB64url(signature), new TextEncoder().encode(`${head}.${body}`));
  return isSigned ? readPart(body) : null;
}

async function isRevoked(list, index) {
  const packed = new Blob([fromB64url(list.status_list.lst)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bits = new Uint8Array(await new Response(packed).arrayBuffer());
  return Boolean((bits[index >> 3] >> (index & 7)) & 1);
}

async function judge(text) {
  const [signed, ...rest] = text.trim().split("~");
  const said = await verified(signed, "dc+sd-jwt");
  const now = Date.now() / 1000;
  if (!said || said.iss !== kept().issuer || said.exp < now || said.nbf > now + 60) return { verdict: "broken" };
  const claims = {};
  for (const one of rest.filter((part) => part && !part.includes("."))) {
    const digest = b64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(one)));
    if (!said._sd.includes(digest)) return { verdict: "broken" };
    const [, name, value] = readPart(one);
    claims[name] = value;
  }
  const token = listFor(said), list = token && await verified(token, "statuslist+jwt");
  if (!list || list.iat < now - DAY) return { verdict: "stale", claims };
  const revoked = await isRevoked(list, said.status.status_list.idx);
  return { verdict: revoked ? "revoked" : "valid", claims: revoked ? {} : claims, at: list.iat };
}

function tell({ verdict, claims = {}, at }) {
  for (const one of place.querySelectorAll("[data-verdict]")) one.hidden = one.dataset.verdict !== verdict;
  place.querySelector("[data-said]").replaceChildren(...Object.entries(claims).map(([name, value]) => {
    const row = document.createElement("div"), term = document.createElement("dt"), words = document.createElement("dd");
    term.textContent = place.querySelector(`[data-label="${CSS.escape(name)}"]`)?.textContent ?? name;
    words.textContent = typeof value === "boolean" ? place.dataset[value] : value;
    row.append(term, words);
    return row;
  }));
  draw(at ?? newest());
}

place.querySelector("[data-check]").addEventListener("submit", async (event) => {
  event.preventDefault();
  tell(await judge(place.querySelector("[name=token]").value).catch(() => ({ verdict: "broken" })));
});
draw(newest());
Promise.all([refresh().finally(() => draw(newest())), keepPage()]).then(() => (place.dataset.kept = ""), () => {});
