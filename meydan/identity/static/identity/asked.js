// Wait for the answer; a code that ran out is followed by a new one, for some while.
const place = document.querySelector("[data-asked]");
const MOST = 40, EVERY = 1500;
const count = Number(sessionStorage.getItem("asked") ?? 0);

async function look() {
  const answer = await fetch(place.dataset.asked, { headers: { Accept: "application/json" } });
  const { state } = await answer.json();
  if (state === "over" && place.dataset.state !== "over" && count < MOST) {
    sessionStorage.setItem("asked", count + 1);
    document.querySelector("[data-again]").submit();
  } else if (state !== place.dataset.state) {
    if (state === "done") sessionStorage.removeItem("asked");
    location.reload();
  } else if (state !== "over") {
    setTimeout(look, EVERY);
  }
}

setTimeout(function again() { look().catch(() => setTimeout(again, 2 * EVERY)); }, EVERY);
