// While the machine checks an application: looks now and then whether it has ended, and only then goes on, so that nobody's
// reading is broken off. Without scripts the page asks again by itself.
const EVERY = 4000;

async function look() {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    if (!page.querySelector("[data-checking]")) return location.reload();
  } catch {
    // No line: the next time.
  }
  return setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
