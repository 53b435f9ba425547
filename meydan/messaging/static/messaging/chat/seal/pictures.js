// What an encrypted picture is, by its own first bytes: never what its message says. It is decrypted here, so that no
// gateway has looked at it: one whose small file would unfold to more than a weak phone holds is not given to the browser.

const MOST = 25_000_000; // pixels, four bytes each once they are decoded

// The kind of a picture that may be shown. An `Error` for any other.
export function kindOf(bytes) {
  const view = new DataView(bytes);
  const [kind, , measure] = KINDS.find(([, magic]) => magic.every((one, place) => place < view.byteLength && view.getUint8(place) === one)) ?? [];
  const [width, height] = measure?.(view) ?? [];
  if (!(width > 0 && height > 0 && width * height <= MOST)) throw new Error("no picture");
  return kind;
}

const KINDS = [
  ["image/jpeg", [0xff, 0xd8, 0xff], jpeg],
  ["image/png", [0x89, 0x50, 0x4e, 0x47], (view) => [view.getUint32(16), view.getUint32(20)]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38], gif],
  ["image/webp", [0x52, 0x49, 0x46, 0x46], webp],
];

// ITU-T T.81, B.2.2: the sizes are in the frame's header, wherever among the segments that is.
function jpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    if (marker < 0xff01) return null;
  }
}

// Browsers make room for the first frame, also where that is larger than the screen which the file speaks of.
function gif(view) {
  const table = (at) => (view.getUint8(at) & 0x80 ? 3 << ((view.getUint8(at) & 7) + 1) : 0);
  let at = 13 + table(10);
  for (; view.getUint8(at) === 0x21; at += 1) for (at += 2; view.getUint8(at); at += view.getUint8(at) + 1);
  const read = (place) => view.getUint16(place, true);
  return [Math.max(read(6), read(at + 1) + read(at + 5)), Math.max(read(8), read(at + 3) + read(at + 7))];
}

// RFC 9649, sections 2.5 to 2.7.
function webp(view) {
  const form = view.getUint32(12);
  if (form === 0x56503820) return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  if (form === 0x5650384c) return [(view.getUint32(21, true) & 0x3fff) + 1, ((view.getUint32(21, true) >> 14) & 0x3fff) + 1];
  return form === 0x56503858 ? [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(27, true) & 0xffffff) + 1] : null;
}
