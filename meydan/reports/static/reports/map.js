// Reports on the moving map. Where WebGL is missing, the drawing that the server made stays.

import { cityMap, colour } from "../ui/city-map.js";

async function showReports(frame) {
  const drawing = frame.parentElement.querySelector(".city-map");
  frame.hidden = false;
  drawing.setAttribute("hidden", "");
  try {
    const { map, maplibre } = await cityMap(frame);
    const load = async () => {
      const { _sw: sw, _ne: ne } = map.getBounds();
      const box = [sw.lng, sw.lat, ne.lng, ne.lat].map((side) => side.toFixed(5)).join(",");
      const answer = await fetch(`${frame.dataset.features}&bbox=${box}`);
      if (answer.ok) map.getSource("reports").setData(await answer.json());
    };
    map.addSource("reports", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({
      id: "reports",
      type: "circle",
      source: "reports",
      paint: {
        "circle-color": ["case", ["boolean", ["get", "late"], false], colour("bad"), ["any", ["has", "count"], ["boolean", ["get", "open"], false]], colour("accent"), colour("quiet")],
        "circle-opacity": ["case", ["has", "count"], 0.75, 1],
        "circle-radius": ["case", ["has", "count"], ["min", 36, ["+", 6, ["sqrt", ["get", "count"]]]], 8],
        // What is overdue shows by its ring as well, not by colour alone.
        "circle-stroke-color": ["case", ["boolean", ["get", "late"], false], colour("ink"), colour("surface")],
        "circle-stroke-width": ["case", ["boolean", ["get", "late"], false], 3, 2],
      },
    });
    map.on("click", "reports", ({ features: [feature], lngLat }) => {
      const { number, count } = feature.properties;
      if (number) location.assign(frame.dataset.report + number);
      else {
        map.easeTo({ center: lngLat, zoom: map.getZoom() + 2 });
        new maplibre.Popup({ closeButton: false }).setLngLat(lngLat).setText(frame.dataset.many.replace("{count}", count)).addTo(map);
      }
    });
    map.on("mouseenter", "reports", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "reports", () => (map.getCanvas().style.cursor = ""));
    map.on("moveend", load);
    await load();
  } catch {
    frame.hidden = true;
    drawing.removeAttribute("hidden");
  }
}

const frame = document.querySelector("[data-map]");
if (frame) await showReports(frame);
