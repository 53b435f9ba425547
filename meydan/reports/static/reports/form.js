// The report form gains steps, the device's position, a map to choose the place on, and kinds that fit the words.
// Without this script it is one page that works as it is.


const form = document.querySelector("#report-form");
const say = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), form.dataset[name]);

// Steps: one section at a time, unless the server has found faults: then everything is shown.
function makeSteps() {
  const steps = [...form.querySelectorAll(".step")];
  const head = document.createElement("div");
  head.className = "stepper";
  const label = document.createElement("p");
  label.className = "hint";
  label.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = steps.length;
  bar.setAttribute("aria-hidden", "true");
  head.append(label, bar);
  steps[0].before(head);
  let current = 0;

  const show = (index, focus = true) => {
    current = index;
    steps.forEach((step, number) => (step.hidden = number !== index));
    label.textContent = say("step", { step: index + 1, steps: steps.length });
    bar.value = index + 1;
    showNear(index === steps.length - 1).catch(() => undefined);
    if (!focus) return;
    const title = steps[index].querySelector("h2");
    title.tabIndex = -1;
    title.focus();
    scrollTo({ top: 0 });
  };
  const button = (text, kind, go) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `button ${kind}`;
    made.textContent = text;
    made.addEventListener("click", go);
    return made;
  };
  steps.forEach((step, index) => {
    const row = document.createElement("div");
    row.className = "step-actions";
    if (index > 0) row.append(button(form.dataset.back, "quiet", () => show(index - 1)));
    if (index < steps.length - 1) row.append(button(form.dataset.next, "", () => show(index + 1)));
    step.append(row);
  });
  // Enter goes on to the next step; only the last one sends.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("textarea, button, a") || current === steps.length - 1) return;
    event.preventDefault();
    show(current + 1);
  });
  show(0, false);
}

// Place
const lat = form.elements.lat;
const lon = form.elements.lon;
const tools = form.querySelector("[data-place]");
const status = form.querySelector("[data-place-status]");
let marker = null;

function setPlace(latitude, longitude, sentence) {
  lat.value = latitude.toFixed(6);
  lon.value = longitude.toFixed(6);
  lat.dispatchEvent(new Event("change", { bubbles: true }));
  status.textContent = sentence;
  marker?.move(longitude, latitude);
}

// A photo knows where it was taken: its place is taken where the person agrees and has chosen no other.
const agreed = form.elements.place_from_photo;
let photoPlace = null;
function usePhotoPlace() {
  if (photoPlace && agreed?.checked && !lat.value) setPlace(photoPlace.lat, photoPlace.lon, tools.dataset.photo);
}
agreed?.addEventListener("change", usePhotoPlace);
// Not needed before the form is there to see and to use: it comes a second later.
async function handlePhotos() {
  const field = form.elements.photo;
  const { preparePhotos } = await import("./photos.js");
  preparePhotos(field, (place) => {
    photoPlace ??= place;
    usePhotoPlace();
  });
  if (field.files.length) field.dispatchEvent(new Event("change"));
}
addEventListener("load", () => setTimeout(handlePhotos, 1000));

// What the chosen kind asks beside.
const asking = form.querySelector("[data-questions]");
async function askMore() {
  const answer = await fetch(`${asking.dataset.questions}?${new URLSearchParams({ category: form.elements.category.value })}`);
  if (answer.ok) asking.innerHTML = await answer.text();
}
for (const kind of form.querySelectorAll("[name=category]")) {
  kind.addEventListener("change", () => askMore().catch(() => undefined));
}

// What is reported close by, shown above the last step.
async function showNear(last) {
  const home = document.querySelector("[data-near]");
  home.hidden = true;
  if (!last || !lat.value || !navigator.onLine) return;
  const category = form.elements.category.value ?? "";
  const query = new URLSearchParams({ lat: lat.value, lon: lon.value, category });
  const answer = await fetch(`${home.dataset.near}?${query}`);
  if (!answer.ok) return;
  home.innerHTML = await answer.text();
  home.hidden = !home.querySelector("li");
}

function locate() {
  status.textContent = tools.dataset.locating;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const metres = String(Math.round(coords.accuracy));
      setPlace(coords.latitude, coords.longitude, tools.dataset.found.replace("{metres}", metres));
    },
    () => (status.textContent = tools.dataset.refused),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}

async function offerMap(frame) {
  const { cityMap } = await import("../ui/city-map.js");
  frame.hidden = false;
  const { map, maplibre } = await cityMap(frame);
  const pin = new maplibre.Marker({ draggable: true });
  marker = { move: (x, y) => pin.setLngLat([x, y]).addTo(map) && map.easeTo({ center: [x, y], zoom: Math.max(map.getZoom(), 14) }) };
  const choose = ({ lng, lat: y }) => {
    pin.setLngLat([lng, y]).addTo(map);
    setPlace(y, lng, tools.dataset.picked);
  };
  map.on("click", (event) => choose(event.lngLat));
  pin.on("dragend", () => choose(pin.getLngLat()));
  if (lat.value && lon.value) marker.move(Number(lon.value), Number(lat.value));
}

// Kinds: the city says which fit the words, and how surely; they come first, and the person decides.
async function suggest() {
  const words = form.elements.description.value.trim();
  if (words === asked) return;
  asked = words;
  const found = words.length < 3 ? [] : await askFor(words);
  if (found && words === asked) showSuggested(found);
}

async function askFor(words) {
  const body = JSON.stringify({ words });
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  try {
    const answer = await fetch(form.dataset.suggest, { method: "POST", headers, body });
    return answer.ok ? (await answer.json()).suggestions : null;
  } catch {
    return null; // no line: the kinds stand as they are
  }
}

function showSuggested(found) {
  if (document.activeElement?.name === "category") return; // nothing moves under the finger of who is choosing
  for (const [kind, home] of homes) {
    kind.querySelector(".sureness")?.remove();
    home.append(kind); // in their order again
  }
  form.querySelector("[data-suggested]")?.remove();
  const kinds = new Map([...homes.keys()].map((kind) => [kind.querySelector("input").value, kind]));
  const best = found.filter((one) => kinds.has(one.category));
  if (!best.length) return;
  const box = document.createElement("fieldset");
  box.className = "kinds";
  box.dataset.suggested = "";
  const legend = document.createElement("legend");
  legend.textContent = form.dataset.fits;
  box.append(legend, ...best.map((one) => withSureness(kinds.get(one.category), one.said)));
  form.querySelector(".kinds").before(box);
}

function withSureness(kind, said) {
  const hint = document.createElement("span");
  hint.className = "hint sureness";
  hint.textContent = said;
  if (said) kind.querySelector("strong").after(hint);
  return kind;
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 600);
}

let asked = "";
let waiting = 0;
const homes = new Map([...form.querySelectorAll(".kind")].map((kind) => [kind, kind.parentElement]));

tools.hidden = false;
const locator = form.querySelector("[data-locate]");
if (navigator.geolocation) locator.addEventListener("click", locate);
else locator.hidden = true;
const frame = form.querySelector("[data-pick]");
if (frame) offerMap(frame).catch(() => (frame.hidden = true));
form.elements.description.addEventListener("input", soon);
form.elements.description.addEventListener("change", suggest);
if (form.elements.description.value) soon(); // a draft that came back
if (!("errors" in form.dataset)) makeSteps();
