// The moving map, on a blank grid with the city's districts: no tiles are needed, none are asked for.
//
// `cityMap(frame)` makes it in an element that says in its `data-` attributes where the library, its worker and the districts
// are, and what its buttons are called; it fails where WebGL is missing.

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function style(districts) {
  return {
    version: 8,
    sources: { districts: { type: "geojson", data: districts } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colour("raised") } },
      { id: "areas", type: "fill", source: "districts", paint: { "fill-color": colour("surface") } },
      { id: "borders", type: "line", source: "districts", paint: { "line-color": colour("edge"), "line-width": 1.5 } },
    ],
  };
}

function bounds(districts) {
  const box = [180, 90, -180, -90];
  const visit = (part) => {
    if (typeof part[0] !== "number") return part.forEach(visit);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
  };
  for (const one of districts.features) visit(one.geometry.coordinates);
  return box[0] > box[2] ? null : box;
}

export async function cityMap(frame) {
  const maplibre = await import(frame.dataset.library);
  maplibre.setWorkerUrl?.(frame.dataset.worker);
  const districts = await (await fetch(frame.dataset.districts)).json();
  const box = bounds(districts);
  const map = new maplibre.Map({
    container: frame,
    style: style(districts),
    attributionControl: false,
    locale: {
      "Map.Title": frame.dataset.label,
      "NavigationControl.ZoomIn": frame.dataset.zoomIn,
      "NavigationControl.ZoomOut": frame.dataset.zoomOut,
    },
    ...(box && { bounds: box, fitBoundsOptions: { padding: 16 } }),
  });
  map.getCanvas().setAttribute("aria-label", frame.dataset.label);
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  await new Promise((resolve, reject) => {
    map.once("load", resolve);
    map.once("error", (event) => reject(event.error));
  });
  for (const one of districts.features) nameArea(map, maplibre, one);
  return { map, maplibre };
}

// Names as elements: letters drawn by WebGL would need font files of their own.
function nameArea(map, maplibre, district) {
  const [west, south, east, north] = bounds({ features: [district] }) ?? [];
  if (west === undefined) return;
  const element = document.createElement("span");
  element.className = "area-name";
  element.textContent = district.properties.name;
  new maplibre.Marker({ element }).setLngLat([(west + east) / 2, (south + north) / 2]).addTo(map);
}
