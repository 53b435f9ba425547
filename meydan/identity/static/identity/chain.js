// Who asks, by their certificate (RFC 5280): it must be a leaf that this city's root signed, in its time, for a relying
// party. The root is taken from the city when the ID is received, and kept with it.
import { fromB64 } from "./bytes.js";

const EC = { name: "ECDSA", namedCurve: "P-256" };
const HALF = 32;
const BIT_STRING = 0x03, CONTEXT_0 = 0xa0, CONTEXT_3 = 0xa3, UTC_TIME = 0x17;
const CONSTRAINTS = [0x55, 0x1d, 0x13], NAMES = [0x55, 0x1d, 0x11]; // 2.5.29.19 and 2.5.29.17
const PARTY = "/verify/parties/";

// One element of DER at `at`: its tag, its contents, and itself whole.
function read(bytes, at = 0) {
  let from = at + 2, length = bytes[at + 1];
  if (length & 0x80) {
    const count = length & 0x7f;
    if (!count || count > 3) throw new Error("certificate");
    length = bytes.slice(from, from + count).reduce((sum, one) => sum * 256 + one, 0);
    from += count;
  }
  if (!(from + length <= bytes.length)) throw new Error("certificate");
  return { tag: bytes[at], body: bytes.slice(from, from + length), whole: bytes.slice(at, from + length), end: from + length };
}

function children(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    found.push(read(bytes, at));
    at = found.at(-1).end;
  }
  return found;
}

const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

// UTCTime has two digits of the year, of 1950 to 2049; GeneralizedTime four.
function moment({ tag, body }) {
  const said = new TextDecoder().decode(body);
  const text = tag === UTC_TIME ? (said < "50" ? "20" : "19") + said : said;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const [year, month, ...rest] = parts.map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

function readCertificate(der) {
  const [tbs, , signature] = children(read(der).body);
  const [, , issuer, validity, subject, spki, ...more] = children(tbs.body).filter((one) => one.tag !== CONTEXT_0);
  const [from, until] = children(validity.body).map(moment);
  const extensions = more.filter((one) => one.tag === CONTEXT_3).flatMap((one) => children(read(one.body).body));
  const extension = (name) => extensions.map((one) => children(one.body)).find(([oid]) => isSame(oid.body, name))?.at(-1).body;
  return { tbs: tbs.whole, signature, issuer: issuer.whole, subject: subject.whole, spki: spki.whole, from, until, extension };
}

// ECDSA in DER (two numbers) as WebCrypto takes it (two halves of 32 bytes).
function rawSignature({ tag, body }) {
  if (tag !== BIT_STRING || body[0]) throw new Error("certificate");
  const raw = new Uint8Array(2 * HALF);
  for (const [at, { body: number }] of children(read(body.slice(1)).body).entries()) {
    const digits = number.slice(Math.max(0, number.length - HALF));
    raw.set(digits, HALF * (at + 1) - digits.length);
  }
  return raw;
}

const importKey = (spki) => crypto.subtle.importKey("spki", spki, EC, false, ["verify"]);
const isCa = ({ extension }) => children(read(extension(CONSTRAINTS) ?? Uint8Array.of(0x30, 0)).body).some((one) => one.tag === 0x01 && one.body[0]);

export async function fetchRoot() {
  const pem = await (await fetch("/id/root.pem", { credentials: "omit" })).text();
  return fromB64(pem.replace(/-----[A-Z ]+-----|\s/g, ""));
}

// The key of a relying party's leaf. Throws for any certificate that is not one under this root, now.
export async function partyKey(leafDer, rootDer) {
  const leaf = readCertificate(leafDer), root = readCertificate(rootDer), at = Date.now();
  const inTime = [leaf, root].every(({ from, until }) => from <= at && at <= until);
  const names = new TextDecoder().decode(leaf.extension(NAMES) ?? new Uint8Array());
  const isSigned = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, await importKey(root.spki), rawSignature(leaf.signature), leaf.tbs);
  if (!inTime || !isSigned || !isSame(leaf.issuer, root.subject) || !isCa(root) || isCa(leaf) || !names.includes(PARTY)) throw new Error("certificate");
  return importKey(leaf.spki);
}
