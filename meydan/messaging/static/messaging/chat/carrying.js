// Carrying files to the gateway, piece by piece (docs/decisions/0098): where the line breaks off, the page closes or the
// gateway dies, the file goes on where it was. A piece is as large as the line carries in some seconds: so much at most
// goes twice.

import { Failure, api } from "./line.js";

const [LEAST, MOST] = [32_768, 8_388_608]; // bytes of a piece
const AIM = 8000; // milliseconds that a piece may take
const GROWTH = 4; // how many times as large as the last one a piece is at most
const [PATIENCE, SLOWEST] = [60_000, 2]; // a piece is given up after so many milliseconds, and one more for so many bytes

// The address of a file, once all of it is there. `uri`: the one that it has from an earlier try; `keep(uri)` remembers
// a new one; `tell(part)` hears how much of it is there, from 0 to 1.
export async function carry(blob, { type, filename = "", uri = "", signal, keep, tell }) {
  const body = (said, bytes) => new Blob([JSON.stringify(said), "\n", bytes]);
  let size = 2 * LEAST;
  let from = uri ? -1 : 0; // -1 asks
  for (;;) {
    const bytes = from < 0 ? "" : blob.slice(from, from + size);
    const began = performance.now();
    let said;
    try {
      const wait = PATIENCE + (bytes.size ?? 0) / SLOWEST;
      said = await api("POST", "unstable/org.meydan.upload", undefined, { body: body({ content_uri: uri, from, size: blob.size, type, filename }, bytes), plain: true, signal, wait });
    } catch (error) {
      if (error.status === 409) throw new Failure(0); // another request of ours was at it: the next try asks
      if (error.code !== "M_NOT_FOUND" || !uri) throw error;
      [uri, from] = ["", 0]; // its time is over there: from the beginning
      continue;
    }
    if (uri !== said.content_uri) await keep((uri = said.content_uri));
    tell(blob.size ? said.received / blob.size : 1);
    if (said.done) return uri;
    if (from === said.received && bytes.size) throw new Failure(0);
    if (from >= 0) size = Math.round(Math.max(LEAST, Math.min(MOST, GROWTH * size, (bytes.size * AIM) / (performance.now() - began))));
    from = said.received;
  }
}
