// Photos of the report form: made small on the phone, so that they go over a thin line; sent ahead one by one while the
// rest is being written; and, where the person agrees, asked where they were taken. Whatever fails here, the photo
// that was chosen stays as it is and goes with the form.

const SIDE = 1800;
const QUALITY = 0.85;
const HEAD = 256 * 1024;
const MOST = 5;

async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const factor = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * factor);
  canvas.height = Math.round(bitmap.height * factor);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!small || small.size >= file.size) return file;
  const name = file.name.replace(/\.\w+$/, "") + ".jpg";
  return new File([small], name, { type: "image/jpeg", lastModified: file.lastModified });
}

// Where a JPEG was taken, by its EXIF (TIFF inside APP1, GPS directory 0x8825); null when it does not say.
export async function positionOf(file) {
  const view = new DataView(await file.slice(0, HEAD).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) return inTiff(view, at + 10);
  }
  return null;
}

function inTiff(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const short = (at) => view.getUint16(start + at, little);
  const long = (at) => view.getUint32(start + at, little);
  const entries = (at) =>
    new Map(Array.from({ length: Math.min(200, short(at)) }, (_none, n) => [short(at + 2 + 12 * n), at + 2 + 12 * n]));
  const gps = entries(long(4)).get(0x8825);
  if (gps === undefined) return null;
  const found = entries(long(gps + 8));
  const degrees = (tag, sign) => {
    const at = long(found.get(tag) + 8);
    const part = (n) => long(at + 8 * n) / long(at + 8 * n + 4);
    const value = part(0) + part(1) / 60 + part(2) / 3600;
    return "SW".includes(String.fromCharCode(view.getUint8(start + found.get(sign) + 8))) ? -value : value;
  };
  if (![1, 2, 3, 4].every((tag) => found.has(tag))) return null;
  const [lat, lon] = [degrees(2, 1), degrees(4, 3)];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat || lon) ? { lat, lon } : null;
}

const keyOf = (file) => `${file.name}/${file.size}/${file.lastModified}`;
const ahead = new Map();
self.Ahead = { get: (file) => ahead.get(keyOf(file)) };

async function sendAhead(file, address) {
  if (ahead.has(keyOf(file)) || !navigator.onLine) return;
  const answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": file.type } });
  if (answer.ok) ahead.set(keyOf(file), (await answer.json()).token);
}

// `field` is the file input; `found` is called with the position that a photo knows.
export function preparePhotos(field, found) {
  const home = field.closest(".field");
  const status = document.createElement("p");
  status.className = "hint";
  status.setAttribute("role", "status");
  home.append(status);
  const ready = new Set();

  const choose = (files) => {
    const bag = new DataTransfer();
    for (const file of files.slice(0, MOST)) bag.items.add(file);
    field.files = bag.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  async function prepare(file) {
    const place = await positionOf(file).catch(() => null);
    if (place) found(place);
    return shrink(file).catch(() => file);
  }

  async function take() {
    const files = [...field.files];
    if (files.some((file) => !ready.has(keyOf(file)))) {
      const small = [];
      for (const file of files) small.push(ready.has(keyOf(file)) ? file : await prepare(file));
      for (const file of small) ready.add(keyOf(file));
      choose(small);
      return;
    }
    let done = 0;
    for (const file of files) {
      status.textContent = field.dataset.sending.replace("{number}", ++done).replace("{all}", files.length);
      await sendAhead(file, field.dataset.upload).catch(() => undefined);
    }
    status.textContent = files.length ? field.dataset.ready.replace("{all}", files.length) : "";
  }
  field.addEventListener("change", () => take().catch(() => undefined));

  const camera = home.parentElement.querySelector("[data-camera]");
  if (!camera) return;
  camera.hidden = !matchMedia("(pointer: coarse)").matches;
  camera.addEventListener("click", () => {
    const shot = document.createElement("input");
    Object.assign(shot, { type: "file", accept: "image/*" });
    shot.setAttribute("capture", "environment");
    shot.addEventListener("change", () => choose([...field.files, ...shot.files]));
    shot.click();
  });
}
