// The lock of what this browser holds: a key that a passkey of the person gives, after their finger, face or code, and
// that lives no longer than the page. Where the passkey can (WebAuthn's extension prf) it makes the key by itself;
// elsewhere the city gives it, for an answer of the passkey that it has checked.
import { b64url, fromB64url } from "./bytes.js";

const DOOR = "/api/identity/lock";
const SALT_BYTES = 32, IV_BYTES = 12;

const random = (count) => crypto.getRandomValues(new Uint8Array(count));

async function askCity(body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(DOOR, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  if (!answer.ok) throw new Error("lock");
  return answer.json();
}

async function askPasskey(challenge, salt, id) {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge,
      userVerification: "required",
      allowCredentials: id ? [{ type: "public-key", id }] : [],
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  return { credential, made: credential.getClientExtensionResults().prf?.results?.first };
}

async function given(credential) {
  const response = Object.fromEntries(["clientDataJSON", "authenticatorData", "signature"].map((name) => [name, b64url(credential.response[name])]));
  const { secret } = await askCity({ credential: { id: credential.id, rawId: b64url(credential.rawId), type: credential.type, response } });
  return fromB64url(secret);
}

async function keyOf(secret, salt) {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode("meydan-id") };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const challengeOfCity = async () => fromB64url((await askCity()).challenge);

// A new lock, and the key to it. Throws NotAllowedError where no passkey answers.
export async function makeLock() {
  const salt = random(SALT_BYTES);
  const { credential, made } = await askPasskey(await challengeOfCity(), salt);
  const lock = { id: new Uint8Array(credential.rawId), salt, alone: Boolean(made) };
  return { lock, key: await keyOf(made ?? await given(credential), salt) };
}

export async function openLock({ id, salt, alone }) {
  const { credential, made } = await askPasskey(alone ? random(SALT_BYTES) : await challengeOfCity(), salt, id);
  return keyOf(alone ? made : await given(credential), salt);
}

export async function seal(key, data) {
  const iv = random(IV_BYTES);
  return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(data))) };
}

export async function unseal(key, { iv, sealed }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed)));
}
