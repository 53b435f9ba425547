// Bytes as text: base64url without padding (RFC 4648, 5).
export const b64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const fromB64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
export const fromB64url = (text) => fromB64(text.replaceAll("-", "+").replaceAll("_", "/"));
