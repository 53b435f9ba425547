// An inspector's round on the phone: keeps the page and its cases on the device for a day (the service worker shows them
// when there is no line, and forgets them when somebody else signs in), and starts the walk from where the device is.

const STORE = "meydan-round";
const told = document.querySelector("[data-round-kept]");
const language = document.documentElement.lang;

async function keep(store, address, as = address) {
  const answer = await fetch(address, { headers: { Accept: "text/html, image/*" } });
  if (answer.ok && !answer.redirected) await store.put(as, answer);
}

async function keepRound() {
  await caches.delete(STORE); // the round of before
  const store = await caches.open(STORE);
  await keep(store, location.href, location.pathname);
  const cases = [...document.querySelectorAll("a[data-keep]")].map((link) => link.href);
  const pictures = [...document.querySelectorAll("[data-stop] img")].map((image) => image.src);
  const all = [...cases, ...pictures];
  let count = 0;
  for (const address of all) {
    await keep(store, address);
    count += 1;
    const words = count === all.length ? told.dataset.keptAll : told.dataset.keeping;
    told.textContent = words.replace("{count}", count.toLocaleString(language)).replace("{all}", all.length.toLocaleString(language));
  }
}

function startFromHere(button) {
  const form = button.form ?? button.closest("form");
  const round = (degrees) => degrees.toFixed(Number(button.dataset.decimals));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lat.value = round(coords.latitude);
      form.elements.lon.value = round(coords.longitude);
      form.submit();
    },
    () => told && (told.textContent = told.dataset.refused),
    { timeout: 10000, maximumAge: 60000 },
  );
}

const here = document.querySelector("[data-from-here]");
if (here && "geolocation" in navigator) {
  here.hidden = false;
  here.querySelector("button").addEventListener("click", (event) => startFromHere(event.currentTarget));
}
if (told && !("kept" in document.body.dataset) && "caches" in self) keepRound().catch(() => undefined);
