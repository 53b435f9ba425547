// What every page gains with JavaScript; nothing here is needed to use the city.

// The worker behind the pages, once it is there. A first installation that breaks off leaves nothing behind, and the
// browser would try again with the next page alone: so it is tried again from here, later each time, six times in all.
async function workerOf(pause = 2000) {
  try {
    return await arrival(await navigator.serviceWorker.register("/sw.js"));
  } catch (error) {
    if (pause > 32000) throw error;
    await new Promise((resolve) => setTimeout(resolve, pause));
    return workerOf(2 * pause);
  }
}

const arrival = ({ active, waiting, installing }) =>
  new Promise((resolve, reject) => {
    const worker = active ?? waiting ?? installing;
    const look = () => {
      if (worker?.state === "activated") resolve(worker);
      else if (!worker || worker.state === "redundant") reject(new Error("its installation broke off"));
    };
    worker?.addEventListener("statechange", look);
    look();
  });

if ("serviceWorker" in navigator) {
  addEventListener("load", async () => {
    // A page with much of its own to fetch says when the line is quiet.
    if (document.querySelector("[data-late]")) await new Promise((resolve) => addEventListener("quiet", resolve, { once: true }));
    try {
      const worker = await workerOf();
      // A new worker takes the pages that are there: one that was on its way meanwhile is in nobody's hands.
      if (!navigator.serviceWorker.controller) worker.postMessage("claim");
      const [known, language] = [localStorage.getItem("language"), document.documentElement.lang];
      localStorage.setItem("language", language);
      if (known && known !== language) worker.postMessage("refresh");
    } catch {
      // A browser that keeps nothing (private window, no space) shows the pages all the same.
    }
  });
}

// One press sends once: a second press within eight seconds is a slip of the thumb.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 8000) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// The error summary is read first; its links lead into the field itself.
document.querySelector(".summary")?.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest(".summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  (field.matches("fieldset") ? field.querySelector("input") ?? field : field).focus({ preventScroll: true });
});

// The device's own sheet for sharing, where it has one.
for (const button of navigator.share ? document.querySelectorAll("[data-share]") : []) {
  const { share: url, title } = button.dataset;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title, url }).catch(() => undefined)); // thought better of it
}

// Who is signed in, as a mark that says nothing to others: pages that the service worker kept do not know it.
try {
  const sender = document.body.dataset.sender ?? "";
  if (!("kept" in document.body.dataset) && localStorage.getItem("sender") !== sender) {
    localStorage.setItem("sender", sender);
    self.caches?.delete("meydan-round").catch(() => undefined); // somebody else's round
    self.caches?.delete("meydan-chat").catch(() => undefined); // and messages
    self.indexedDB?.deleteDatabase("meydan-chat");
    const seal = localStorage.getItem("seal"); // and the keys to them
    if (seal) for (const part of ["", "-meta"]) self.indexedDB?.deleteDatabase(`${seal}::matrix-sdk-crypto${part}`);
    localStorage.removeItem("seal");
  }
} catch {
  // Nothing is kept here.
}

// Forms that are sent even without a line, and what still waits from before (outgoing.js).
const waits = () => {
  try {
    return localStorage.getItem("outbox") !== null;
  } catch {
    return false;
  }
};
if (document.querySelector("form[data-outbox], [data-outbox-list]") || waits()) {
  import("./outgoing.js").catch(() => undefined);
}
