// Choosing a place to send: on the city's map, by where one is, or by typing; all three fill in the same field.

import "./more.js";
import { show } from "./dialog.js";
import { written } from "./places.js";
import { el, icon, say, tool } from "./words.js";

const home = document.querySelector("[data-chat]");
const TYPED = /^\s*(-?\d{1,2}(?:\.\d{1,15})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*$/u;
const WAIT = 15_000;
const CLOSE = 14; // zoom

// "33.59, -7.60", with the digits of any of our languages.
export function readPoint(text) {
  const latin = text.replace(/[٠-٩۰-۹]/gu, (digit) => String(digit.codePointAt(0) & 15)).replaceAll("٫", ".").replaceAll("،", ",");
  const [, north, east] = TYPED.exec(latin) ?? [];
  const point = { lat: Number(north), lon: Number(east) };
  return north !== undefined && Math.abs(point.lat) <= 90 && Math.abs(point.lon) <= 180 ? point : null;
}

function contentOf({ lat, lon }, name) {
  const uri = `geo:${lat.toFixed(6)},${lon.toFixed(6)}`;
  const body = `${name || say("place")} (${uri})`;
  return {
    msgtype: "m.location",
    body,
    geo_uri: uri,
    "org.matrix.msc1767.text": body,
    "org.matrix.msc3488.location": { uri, ...(name && { description: name }) },
    "org.matrix.msc3488.asset": { type: "m.pin" },
  };
}

export function openPlace(host) {
  const name = el("input", { class: "input", id: "place-name", maxlength: "150", autocomplete: "off" });
  const field = el("input", { class: "input", id: "place-point", maxlength: "60", autocomplete: "off", dir: "ltr", inputmode: "text", "aria-describedby": "place-hint" });
  const status = el("p", { class: "muted", role: "status" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const frame = el("div", { class: "map small", hidden: true });
  const here = el("button", { type: "button", class: "button quiet", hidden: !navigator.geolocation }, icon("crosshair"), say("placeHere"));
  const form = el(
    "form",
    { method: "dialog", class: "stack" },
    frame,
    here,
    status,
    el("div", { class: "field" }, el("label", { for: "place-point" }, say("placePoint")), el("p", { class: "hint", id: "place-hint" }, say("placeHint", { example: "33.5899, -7.6039" })), field),
    el("div", { class: "field" }, el("label", { for: "place-name" }, say("placeName")), name),
    fault,
    el("button", { class: "button" }, icon("send"), say("placeSend")),
  );
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-place" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-place" }, say("placeSend")), tool("x", say("close"), () => dialog.close())), form);
  let pin = null;
  const set = (point) => {
    field.value = written(point);
    fault.hidden = true;
    pin?.(point);
  };
  here.addEventListener("click", () => {
    here.setAttribute("aria-busy", "true");
    const over = (words) => [(status.textContent = words), here.removeAttribute("aria-busy")];
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => [set({ lat: coords.latitude, lon: coords.longitude }), over("")],
      () => over(say("placeRefused")),
      { enableHighAccuracy: true, timeout: WAIT, maximumAge: 30_000 },
    );
  });
  field.addEventListener("change", () => readPoint(field.value) && set(readPoint(field.value)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const point = readPoint(field.value);
    if (!point) {
      fault.textContent = say("placeWrong");
      fault.hidden = false;
      return field.focus();
    }
    try {
      await host.give("m.room.message", contentOf(point, name.value.trim()));
      return dialog.close();
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
      return undefined;
    }
  });
  show(dialog);
  offerMap(frame, set).then(
    (move) => {
      pin = move;
      const point = readPoint(field.value);
      if (point) move(point);
    },
    () => (frame.hidden = true), // no WebGL, or no line: the other two ways are there
  );
}

let sheets = null;
const sheet = (href) => new Promise((resolve) => document.head.append(el("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve })));
async function offerMap(frame, choose) {
  const { mapLibrary: library, mapWorker: worker, mapSheets, districts } = home.dataset;
  if (!library) throw new Error("no map is installed");
  sheets ??= Promise.all(mapSheets.split(" ").map(sheet));
  const [part] = await Promise.all([import("../../ui/city-map.js"), sheets]);
  Object.assign(frame.dataset, { library, worker, districts, label: say("placeMap"), zoomIn: say("zoomIn"), zoomOut: say("zoomOut") });
  frame.hidden = false;
  const { map, maplibre } = await part.cityMap(frame);
  const marker = new maplibre.Marker({ draggable: true });
  map.on("click", ({ lngLat: { lng: lon, lat } }) => choose({ lat, lon }));
  marker.on("dragend", () => {
    const { lng: lon, lat } = marker.getLngLat();
    choose({ lat, lon });
  });
  return ({ lat, lon }) => {
    marker.setLngLat([lon, lat]).addTo(map);
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), CLOSE) });
  };
}
