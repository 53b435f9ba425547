// Names that go on from what is typed, in the list of the search field. Without a script the field works as well.
const field = document.querySelector("[data-suggest]");
const list = field && document.getElementById(field.getAttribute("list"));
const WAIT = 150;
let waiting = 0;
let latest = 0;

async function suggest(typed) {
  const asked = ++latest;
  const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`).catch(() => null);
  if (!answer?.ok || asked !== latest) return;
  const { apps } = await answer.json();
  list.replaceChildren(
    ...apps.map(({ title }) => {
      const option = document.createElement("option");
      option.value = title;
      return option;
    }),
  );
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  const typed = field.value.trim();
  if (typed.length > 0) waiting = setTimeout(suggest, WAIT, typed);
});
