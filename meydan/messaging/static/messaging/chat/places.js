// A place (m.location, MSC3488): a card with its name, and ways to a map: the city's own, or an app of the device's. Nothing
// is asked from anybody else.

import "./more.js";
import { clean, isolate } from "./plain.js";
import { el, hiddenText, icon, say } from "./words.js";

const home = document.querySelector("[data-chat]");
const GEO = /^geo:(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)(?:,-?\d{1,6}(?:\.\d{1,6})?)?(?:;[\w.=;-]{0,100})?$/u;
const ROUND = 0.006; // degrees round it that the city's map shows

// {lat, lon} of a `geo:` address (RFC 5870), or null.
export function pointOf(uri) {
  const [, north, east] = (typeof uri === "string" && GEO.exec(uri)) || [];
  const [lat, lon] = [Number(north), Number(east)];
  return north !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

export const written = ({ lat, lon }) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;

export function draw(_room, _row, content) {
  const said = content["org.matrix.msc3488.location"] ?? content["m.location"] ?? {};
  const point = pointOf(said.uri) ?? pointOf(content.geo_uri);
  const body = clean(content.body, 300);
  if (!point) return el("p", {}, icon("map-pin"), hiddenText(`${say("place")}: `), isolate(body));
  const name = clean(said.description, 200) || body.replace(/\(?geo:[^\s)]*\)?/gu, "").trim();
  const box = [point.lon - ROUND, point.lat - ROUND, point.lon + ROUND, point.lat + ROUND].map((side) => side.toFixed(5)).join(",");
  const links = [el("a", { href: `geo:${point.lat},${point.lon}`, rel: "noopener noreferrer" }, say("placeInApp"))];
  if (home.dataset.map) links.unshift(el("a", { href: `${home.dataset.map}?bbox=${box}`, rel: "noopener" }, say("placeOnMap")));
  return el(
    "div",
    { class: "place", role: "group", "aria-label": `${say("place")}: ${name}` },
    el("p", { class: "place-name" }, icon("map-pin"), el("span", {}, el("b", {}, isolate(name || say("place"))), el("bdi", { dir: "ltr", class: "num" }, written(point)))),
    el("p", { class: "place-links" }, ...links),
  );
}
