"""Somebody who has no mouse: goes by Tab, and sees at each step where they are."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

MOST_STEPS = 150

# Where the focus is: whether it is what was looked for, and what is wrong with the place.
_SPOT = """(wanted) => {
  const el = document.activeElement;
  if (!el || el === document.body) return { here: false, fault: "" };
  const ringed = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const frame = [el, el.closest("label"), ...(el.labels ?? [])].filter(Boolean);
  const box = el.getBoundingClientRect();
  const spots = [[.5, .5], [.1, .5], [.9, .5], [.5, .2], [.5, .8]].map(([x, y]) =>
    document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  const covers = (top, one) => one.contains(top) || (top.contains(one) && top !== document.body);
  const seen = spots.some((top) => top && frame.some((one) => covers(top, one)));
  const fault = el.tabIndex > 0 ? "jumps the queue" : !frame.some(ringed) ? "shows no ring"
    : !box.width || !box.height ? "has no size" : !seen ? "is hidden or off the screen" : "";
  return { here: el.matches(wanted), fault: fault && `${fault}: ${el.outerHTML.slice(0, 200)}` };
}"""


class Keys:
    """A keyboard in front of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("filechooser", lambda _chooser: None)  # from the start: asked for later, a quick key gets ahead of it

    def go(self, wanted: str) -> None:
        """Tab until the focus is on what this selector names."""
        for _step in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            spot = self.page.evaluate(_SPOT, wanted)
            if spot["fault"]:
                self.faults.append(spot["fault"])
            if spot["here"]:
                return
        raise AssertionError(f"{wanted} cannot be reached by Tab on {self.page.url}")

    def press(self, wanted: str, key: str = "Enter") -> None:
        """Go there and press a key."""
        self.go(wanted)
        self.page.keyboard.press(key)

    def write(self, wanted: str, words: str) -> None:
        """Go to a field and write."""
        self.go(wanted)
        self.page.keyboard.insert_text(words)

    def choose_file(self, wanted: str, path: Path) -> None:
        """Open the chooser by key, and choose."""
        self.go(wanted)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")  # Chromium opens it by this key only
        chooser.value.set_files(path)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of radio buttons and walk to one of them."""
        self.press(f"[name={name}]", "Space")
        self._walk(lambda: bool(self.page.evaluate("(value) => document.activeElement.value === value", value)))

    def _walk(self, is_there: Callable[[], bool]) -> None:
        for _step in range(MOST_STEPS):
            if is_there():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError("the choice cannot be reached by arrows")
