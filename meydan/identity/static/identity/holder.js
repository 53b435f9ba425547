// The holder in the browser: credentials and the keys that they are bound to, sealed in IndexedDB under a lock that a
// passkey opens. Receives by OpenID4VCI 1.0 with DPoP, shows by OpenID4VP 1.0. Each credential is shown once where there
// are others; a wallet that runs low fetches more.
import { b64url, fromB64, fromB64url } from "./bytes.js";
import { fetchRoot, partyKey } from "./chain.js";
import { makeLock, openLock, seal, unseal } from "./lock.js";

const TEXT = new TextEncoder();
const EC = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };
const BATCH = 10, FEW = 2;
const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? TEXT.encode(data) : data));
const readPart = (part) => JSON.parse(new TextDecoder().decode(fromB64url(part)));
const pathOf = (address) => { const found = new URL(address, location.href); return found.pathname + found.search; };
const seconds = () => Math.floor(Date.now() / 1000);

// Storage: one row is the wallet (the lock, the city's root, and sealed: its key for DPoP, its refresh token), the others
// are cards: how often one was shown and until when it counts, and sealed, the credential with its key.

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("meydan-id", 2);
    asked.onupgradeneeded = () => {
      for (const name of asked.result.objectStoreNames) asked.result.deleteObjectStore(name);
      asked.result.createObjectStore("cards", { keyPath: "id", autoIncrement: true });
      asked.result.createObjectStore("wallet");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(stores, mode, work) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction(stores, mode);
      let result;
      transaction.oncomplete = () => resolve(result?.result ?? result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
      result = work(...stores.map((name) => transaction.objectStore(name)));
    });
  } finally {
    base.close();
  }
}

export async function usableCards() {
  const all = await within(["cards"], "readonly", (cards) => cards.getAll());
  return all.filter((one) => one.until > seconds()).sort((one, other) => one.shown - other.shown || one.id - other.id);
}

export const forgetAll = () => within(["cards", "wallet"], "readwrite", (cards, wallet) => { cards.clear(); wallet.clear(); });

const wallet = () => within(["wallet"], "readonly", (store) => store.get("wallet"));

// The key to what is here, once the passkey has seen its owner. Throws NotAllowedError where it has not.
export const unlock = async () => openLock((await wallet()).lock);

const markShown = (card) => within(["cards"], "readwrite", (cards) => { cards.put({ ...card, shown: card.shown + 1 }); });

// Signing

// Keys are private JWKs for as long as it takes to seal them; what signs can not be read out again.

async function newKey() {
  const { privateKey } = await crypto.subtle.generateKey(EC, true, ["sign"]);
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", privateKey);
  return { kty, crv, x, y, d };
}

const publicJwk = ({ kty, crv, x, y }) => ({ kty, crv, x, y });

async function signJwt(jwk, header, payload) {
  const key = await crypto.subtle.importKey("jwk", jwk, EC, false, ["sign"]);
  const signed = [{ alg: "ES256", ...header }, payload].map((one) => b64url(TEXT.encode(JSON.stringify(one)))).join(".");
  return `${signed}.${b64url(await crypto.subtle.sign(SIGN, key, TEXT.encode(signed)))}`;
}

// Receiving

async function post(address, jwk, body, { token = "", json = false } = {}) {
  const proof = { jti: crypto.randomUUID(), htm: "POST", htu: address, iat: seconds() };
  if (token) proof.ath = b64url(await sha256(token));
  const headers = {
    "Content-Type": json ? "application/json" : "application/x-www-form-urlencoded",
    DPoP: await signJwt(jwk, { typ: "dpop+jwt", jwk: publicJwk(jwk) }, proof),
    ...(token ? { Authorization: `DPoP ${token}` } : {}),
  };
  const answer = await fetch(pathOf(address), { method: "POST", headers, body: json ? JSON.stringify(body) : new URLSearchParams(body), credentials: "omit" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

const metadata = async (path) => (await fetch(path, { credentials: "omit" })).json();

async function fetchCards(city, jwk, token) {
  const { c_nonce: nonce } = await (await fetch(pathOf(city.nonce_endpoint), { method: "POST", credentials: "omit" })).json();
  const keys = await Promise.all(Array.from({ length: BATCH }, newKey));
  const proofs = await Promise.all(keys.map(async (key) => signJwt(
    key, { typ: "openid4vci-proof+jwt", jwk: publicJwk(key) }, { aud: city.credential_issuer, iat: seconds(), nonce },
  )));
  const body = { credential_configuration_id: "person", proofs: { jwt: proofs } };
  const said = await post(city.credential_endpoint, jwk, body, { token, json: true });
  if (!said.credentials) throw new Error("deferred");
  return said.credentials.map((one, at) => ({
    token: one.credential, key: keys[at], until: readPart(one.credential.split(".")[1]).exp, shown: 0,
  }));
}

const readServers = () => Promise.all(["openid-credential-issuer", "oauth-authorization-server/id"].map((name) => metadata(`/.well-known/${name}`)));

async function keepCards(cards, row, key, { jwk, refresh }) {
  const kept = { ...row, ...await seal(key, { jwk, refresh }) };
  const sealed = await Promise.all(cards.map(async ({ until, shown, ...secret }) => ({ until, shown, ...await seal(key, secret) })));
  await within(["cards", "wallet"], "readwrite", (store, wallet) => {
    store.clear();
    sealed.forEach((one) => store.add(one));
    wallet.put(kept, "wallet");
  });
}

export async function receive(offer, digits) {
  const { lock, key } = await makeLock();
  const said = await metadata(pathOf(offer));
  const [[city, server], jwk] = await Promise.all([readServers(), newKey()]);
  const given = await post(server.token_endpoint, jwk, {
    grant_type: PRE_AUTHORIZED, "pre-authorized_code": said.grants[PRE_AUTHORIZED]["pre-authorized_code"], tx_code: digits,
  });
  const cards = await fetchCards(city, jwk, given.access_token), root = await fetchRoot(); // made with the first card
  await keepCards(cards, { lock, root }, key, { jwk, refresh: given.refresh_token });
}

// More, before the last is shown twice. Without a line, or with a wallet that was ended, what is here stays.
export async function refill(key) {
  const row = await wallet();
  if (!row || (await usableCards()).filter((one) => !one.shown).length > FEW) return;
  await navigator.locks.request("meydan-id", async () => {
    const { jwk, refresh } = await unseal(key, row);
    const [[city, server], root] = await Promise.all([readServers(), fetchRoot()]);
    const given = await post(server.token_endpoint, jwk, { grant_type: "refresh_token", refresh_token: refresh });
    const renewed = { jwk, refresh: given.refresh_token }, kept = { ...row, ...await seal(key, renewed) };
    await within(["wallet"], "readwrite", (store) => { store.put(kept, "wallet"); });
    await keepCards(await fetchCards(city, jwk, given.access_token), { ...row, root }, key, renewed);
  });
}

// Showing

// The request that a counter's code points to, checked: signed by a relying party of this city, the one that the code
// itself names.
export async function readRequest(link) {
  const parameters = new URLSearchParams(link);
  const who = parameters.get("client_id"), where = new URL(parameters.get("request_uri"));
  if (!where.pathname.startsWith("/verify/requests/")) throw new Error("address");
  const answer = await fetch(where.pathname, { credentials: "omit" });
  if (!answer.ok) throw new Error("gone");
  const token = await answer.text(), [head, body, signature] = token.split(".");
  const header = readPart(head), said = readPart(body);
  const certificate = fromB64(header.x5c[0]), { root } = await wallet();
  const isNamed = who === `x509_hash:${b64url(await sha256(certificate))}` && said.client_id === who;
  const isSigned = header.alg === "ES256" && header.typ === "oauth-authz-req+jwt"
    && await crypto.subtle.verify(SIGN, await partyKey(certificate, root), fromB64url(signature), TEXT.encode(`${head}.${body}`));
  if (!isNamed || !isSigned || said.exp < seconds()) throw new Error("forged");
  return said;
}

export const claimsOf = (said) => said.dcql_query.credentials[0].claims.map((one) => one.path[0]);

async function presentation(card, said, key) {
  const { token, key: jwk } = await unseal(key, card);
  const [signed, ...disclosures] = token.split("~").slice(0, -1);
  const wanted = new Set(claimsOf(said));
  const shown = [signed, ...disclosures.filter((one) => wanted.has(readPart(one)[1])), ""].join("~");
  const proof = { iat: seconds(), aud: said.client_id, nonce: said.nonce, sd_hash: b64url(await sha256(shown)) };
  return shown + await signJwt(jwk, { typ: "kb+jwt" }, proof);
}

// JWE with ECDH-ES and AES-GCM of 128 bits (RFC 7516, RFC 7518 4.6).
async function encrypt(data, jwk) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256));
  const number = (value) => [0, 0, 0, value], name = TEXT.encode("A128GCM");
  const input = Uint8Array.from([...number(1), ...shared, ...number(name.length), ...name, ...number(0), ...number(0), ...number(128)]);
  const key = await crypto.subtle.importKey("raw", (await sha256(input)).slice(0, 16), "AES-GCM", false, ["encrypt"]);
  const head = b64url(TEXT.encode(JSON.stringify({ alg: "ECDH-ES", enc: "A128GCM", kid: jwk.kid, epk: publicJwk(await crypto.subtle.exportKey("jwk", ours.publicKey)) })));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: TEXT.encode(head) }, key, TEXT.encode(JSON.stringify(data))));
  return [head, "", b64url(iv), b64url(sealed.slice(0, -16)), b64url(sealed.slice(-16))].join(".");
}

async function send(said, form) {
  const answer = await fetch(new URL(said.response_uri).pathname, { method: "POST", body: new URLSearchParams(form), credentials: "omit" });
  if (!answer.ok) throw new Error("refused");
}

export const decline = (said) => send(said, { error: "access_denied", state: said.state });

export async function show(card, said, key) {
  const vp_token = { [said.dcql_query.credentials[0].id]: [await presentation(card, said, key)] };
  const keys = said.client_metadata.jwks?.keys;
  await markShown(card);
  await send(said, said.response_mode === "direct_post.jwt"
    ? { response: await encrypt({ vp_token, state: said.state }, keys[0]) }
    : { vp_token: JSON.stringify(vp_token), state: said.state });
}
