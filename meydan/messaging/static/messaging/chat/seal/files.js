// Files of encrypted messages (client-server API, "Sending encrypted attachments", version 2): AES-CTR with a key for each.

import "../more.js";
import { ask, pathOf } from "../line.js";
import { kindOf } from "./pictures.js";

const MOST = 60_000_000; // bytes that are decrypted in memory

const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const hash = async (bytes) => base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

// {blob, file}: what is uploaded, and what the message says of it, but for its address.
export async function close(blob) {
  const iv = new Uint8Array(16);
  crypto.getRandomValues(iv.subarray(0, 8)); // the counter takes the other half
  const key = await crypto.subtle.generateKey({ name: "AES-CTR", length: 256 }, true, ["encrypt", "decrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-CTR", counter: iv, length: 64 }, key, await blob.arrayBuffer());
  const { k } = await crypto.subtle.exportKey("jwk", key);
  const jwk = { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["encrypt", "decrypt"], k };
  return {
    blob: new Blob([sealed], { type: "application/octet-stream" }),
    file: { v: "v2", key: jwk, iv: base64(iv), hashes: { sha256: await hash(sealed) } },
  };
}

// The bytes of a file. An `Error` where it is not what the message says it is.
export async function open(file) {
  const path = pathOf(file?.url, "download");
  if (!path || file.v !== "v2" || file.key?.alg !== "A256CTR" || typeof file.key.k !== "string") throw new Error("no such file");
  const answer = await ask("GET", path, { wait: 3_600_000 });
  if (Number(answer.headers.get("Content-Length")) > MOST) throw new Error("too large");
  const sealed = await answer.arrayBuffer();
  if ((await hash(sealed)) !== String(file.hashes?.sha256).replace(/=+$/, "")) throw new Error("another file");
  const jwk = { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["decrypt"], k: file.key.k };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "AES-CTR" }, false, ["decrypt"]);
  return crypto.subtle.decrypt({ name: "AES-CTR", counter: bytesOf(file.iv), length: 64 }, key, sealed);
}

// A picture's address of this page's own.
export async function openPicture(file) {
  const bytes = await open(file);
  return URL.createObjectURL(new Blob([bytes], { type: kindOf(bytes) }));
}
