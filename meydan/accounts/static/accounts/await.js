// The page that waits for another device's yes: it asks now and then, and goes on by itself.

const place = document.querySelector("[data-await]");
const form = document.querySelector("main form");
const EVERY = 3000;

async function look() {
  if (document.hidden) return;
  try {
    const { answer } = await (await fetch(place.dataset.await)).json();
    if (answer === "yes") form.requestSubmit();
    else if (answer) location.reload();
    else return;
    clearInterval(timer);
  } catch {
    // No line: it is asked again.
  }
}

const timer = place ? setInterval(look, EVERY) : 0;
