// The holder in the browser: keys that no script can read (WebCrypto, not extractable) beside the credentials that are
// bound to them, in IndexedDB. Receives by OpenID4VCI 1.0 with DPoP, shows by OpenID4VP 1.0. Each credential is shown
// once where there are others; a wallet that runs low fetches more.

const TEXT = new TextEncoder();
const EC = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };
const BATCH = 10, FEW = 2;
const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
// The beginning of a P-256 public key in DER (RFC 5480); 65 bytes of its point follow.
const SPKI = [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00];

export const b64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const fromB64url = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? TEXT.encode(data) : data));
const readPart = (part) => JSON.parse(new TextDecoder().decode(fromB64url(part)));
const pathOf = (address) => { const found = new URL(address, location.href); return found.pathname + found.search; };
const seconds = () => Math.floor(Date.now() / 1000);

// Storage: one row is the wallet (its key for DPoP, its refresh token), the others are cards.

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("meydan-id", 1);
    asked.onupgradeneeded = () => {
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

const markShown = (card) => within(["cards"], "readwrite", (cards) => { cards.put({ ...card, shown: card.shown + 1 }); });

// Signing

const newKey = () => crypto.subtle.generateKey(EC, false, ["sign"]);

async function publicJwk(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty, crv, x, y };
}

async function signJwt(pair, header, payload) {
  const signed = [{ alg: "ES256", ...header }, payload].map((one) => b64url(TEXT.encode(JSON.stringify(one)))).join(".");
  return `${signed}.${b64url(await crypto.subtle.sign(SIGN, pair.privateKey, TEXT.encode(signed)))}`;
}

// Receiving

async function post(address, pair, body, { token = "", json = false } = {}) {
  const proof = { jti: crypto.randomUUID(), htm: "POST", htu: address, iat: seconds() };
  if (token) proof.ath = b64url(await sha256(token));
  const headers = {
    "Content-Type": json ? "application/json" : "application/x-www-form-urlencoded",
    DPoP: await signJwt(pair, { typ: "dpop+jwt", jwk: await publicJwk(pair) }, proof),
    ...(token ? { Authorization: `DPoP ${token}` } : {}),
  };
  const answer = await fetch(pathOf(address), { method: "POST", headers, body: json ? JSON.stringify(body) : new URLSearchParams(body), credentials: "omit" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

const metadata = async (path) => (await fetch(path, { credentials: "omit" })).json();

async function fetchCards(city, pair, token) {
  const { c_nonce: nonce } = await (await fetch(pathOf(city.nonce_endpoint), { method: "POST", credentials: "omit" })).json();
  const keys = await Promise.all(Array.from({ length: BATCH }, newKey));
  const proofs = await Promise.all(keys.map(async (key) => signJwt(
    key, { typ: "openid4vci-proof+jwt", jwk: await publicJwk(key) }, { aud: city.credential_issuer, iat: seconds(), nonce },
  )));
  const body = { credential_configuration_id: "person", proofs: { jwt: proofs } };
  const said = await post(city.credential_endpoint, pair, body, { token, json: true });
  if (!said.credentials) throw new Error("deferred");
  return said.credentials.map((one, at) => ({
    token: one.credential, key: keys[at], until: readPart(one.credential.split(".")[1]).exp, shown: 0,
  }));
}

async function keepCards(cards, pair, refresh) {
  await within(["cards", "wallet"], "readwrite", (store, wallet) => {
    store.clear();
    cards.forEach((one) => store.add(one));
    wallet.put({ pair, refresh }, "wallet");
  });
}

export async function receive(offer, digits) {
  const said = await metadata(pathOf(offer));
  const [city, server] = await Promise.all(["openid-credential-issuer", "oauth-authorization-server/id"].map((name) => metadata(`/.well-known/${name}`)));
  const pair = await newKey();
  const given = await post(server.token_endpoint, pair, {
    grant_type: PRE_AUTHORIZED, "pre-authorized_code": said.grants[PRE_AUTHORIZED]["pre-authorized_code"], tx_code: digits,
  });
  await keepCards(await fetchCards(city, pair, given.access_token), pair, given.refresh_token);
}

// More, before the last is shown twice. Without a line, or with a wallet that was ended, what is here stays.
export async function refill() {
  const wallet = await within(["wallet"], "readonly", (store) => store.get("wallet"));
  const unshown = (await usableCards()).filter((one) => !one.shown);
  if (!wallet || unshown.length > FEW) return;
  await navigator.locks.request("meydan-id", async () => {
    const [city, server] = await Promise.all(["openid-credential-issuer", "oauth-authorization-server/id"].map((name) => metadata(`/.well-known/${name}`)));
    const given = await post(server.token_endpoint, wallet.pair, { grant_type: "refresh_token", refresh_token: wallet.refresh });
    await within(["wallet"], "readwrite", (store) => { store.put({ ...wallet, refresh: given.refresh_token }, "wallet"); });
    await keepCards(await fetchCards(city, wallet.pair, given.access_token), wallet.pair, given.refresh_token);
  });
}

// Showing

function leafKey(certificate) {
  const at = certificate.findIndex((_byte, start) => SPKI.every((byte, offset) => certificate[start + offset] === byte));
  if (at < 0) throw new Error("certificate");
  return crypto.subtle.importKey("spki", certificate.slice(at, at + SPKI.length + 65), EC, false, ["verify"]);
}

// The request that a counter's code points to, checked: signed by the key whose certificate the code itself names.
export async function readRequest(link) {
  const parameters = new URLSearchParams(link);
  const who = parameters.get("client_id"), where = new URL(parameters.get("request_uri"));
  if (!where.pathname.startsWith("/verify/requests/")) throw new Error("address");
  const answer = await fetch(where.pathname, { credentials: "omit" });
  if (!answer.ok) throw new Error("gone");
  const token = await answer.text(), [head, body, signature] = token.split(".");
  const header = readPart(head), said = readPart(body);
  const certificate = Uint8Array.from(atob(header.x5c[0]), (one) => one.charCodeAt(0));
  const isNamed = who === `x509_hash:${b64url(await sha256(certificate))}` && said.client_id === who;
  const isSigned = header.alg === "ES256" && header.typ === "oauth-authz-req+jwt"
    && await crypto.subtle.verify(SIGN, await leafKey(certificate), fromB64url(signature), TEXT.encode(`${head}.${body}`));
  if (!isNamed || !isSigned || said.exp < seconds()) throw new Error("forged");
  return said;
}

export const claimsOf = (said) => said.dcql_query.credentials[0].claims.map((one) => one.path[0]);

async function presentation(card, said) {
  const [signed, ...disclosures] = card.token.split("~").slice(0, -1);
  const wanted = new Set(claimsOf(said));
  const shown = [signed, ...disclosures.filter((one) => wanted.has(readPart(one)[1])), ""].join("~");
  const proof = { iat: seconds(), aud: said.client_id, nonce: said.nonce, sd_hash: b64url(await sha256(shown)) };
  return shown + await signJwt(card.key, { typ: "kb+jwt" }, proof);
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
  const head = b64url(TEXT.encode(JSON.stringify({ alg: "ECDH-ES", enc: "A128GCM", kid: jwk.kid, epk: await publicJwk(ours) })));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: TEXT.encode(head) }, key, TEXT.encode(JSON.stringify(data))));
  return [head, "", b64url(iv), b64url(sealed.slice(0, -16)), b64url(sealed.slice(-16))].join(".");
}

async function send(said, form) {
  const answer = await fetch(new URL(said.response_uri).pathname, { method: "POST", body: new URLSearchParams(form), credentials: "omit" });
  if (!answer.ok) throw new Error("refused");
}

export const decline = (said) => send(said, { error: "access_denied", state: said.state });

export async function show(card, said) {
  const vp_token = { [said.dcql_query.credentials[0].id]: [await presentation(card, said)] };
  const keys = said.client_metadata.jwks?.keys;
  await markShown(card);
  await send(said, said.response_mode === "direct_post.jwt"
    ? { response: await encrypt({ vp_token, state: said.state }, keys[0]) }
    : { vp_token: JSON.stringify(vp_token), state: said.state });
}
