"""What a page is looked over for: axe's rules, sideways scrolling, what is too small for a thumb or covered, weight."""

from functools import cache
from typing import Any

from playwright.sync_api import Page, Response

from meydan.site.frontend import TEST_TOOLS

Fault = str
SMALLEST = 43.5
"""CSS pixels: 44, and half a pixel for rounding."""
WEIGHED = ("document", "stylesheet", "script", "manifest", "font")

_DESCRIBE = """
const describe = (el) => {
  const words = (el.innerText || el.getAttribute("aria-label") || el.name || "").trim().slice(0, 30);
  return `<${el.tagName.toLowerCase()} class="${el.getAttribute("class") ?? ""}"> ${words}`;
};
"""

_WIDE = f"""() => {{ {_DESCRIBE}
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter((el) => {{
    const box = el.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1);
  }});
  return [`${{document.documentElement.scrollWidth}} wide`, ...out.slice(-4).map(describe)];
}}"""

# A link in a sentence or a heading is exempt (WCAG 2.5.8, inline); in navigation it is not.
_SMALL = f"""(smallest) => {{ {_DESCRIBE}
  const reach = (el) => [el, ...(el.labels ?? [])].map((one) => one.getBoundingClientRect());
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((el) => {{
    const style = getComputedStyle(el);
    if (el.closest("svg, .trap") || style.visibility === "hidden" || !el.checkVisibility()) return false;
    if (style.display === "inline" && !el.closest("nav, header.top, footer")) return false;
    const boxes = reach(el);
    if (boxes[0].width <= 1 || boxes[0].bottom < 0) return false;
    const span = (from, to) => Math.max(...boxes.map((box) => box[to])) - Math.min(...boxes.map((box) => box[from]));
    return span("left", "right") < smallest || span("top", "bottom") < smallest;
  }}).map((el) => {{
    const box = el.getBoundingClientRect();
    return `${{describe(el)}} is ${{Math.round(box.width)}} x ${{Math.round(box.height)}}`;
  }});
}}"""

# What is pressed where one aims at an element, once it has been scrolled to the middle; its label is as good as itself.
_COVERED = f"""() => {{ {_DESCRIBE}
  const covers = (el) => {{
    el.scrollIntoView({{ block: "center", inline: "center", behavior: "instant" }});
    const box = el.getClientRects()[0];
    if (!box || box.width <= 1 || box.height <= 1) return null;
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const own = [el, ...(el.labels ?? [])];
    return !top || own.some((one) => one.contains(top) || top.contains(one)) ? null : top;
  }};
  const seen = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((el) =>
    !el.closest("svg, .trap, .places, [inert]") && !el.disabled && el.checkVisibility({{ visibilityProperty: true }}));
  const out = seen.flatMap((el) => {{ const top = covers(el); return top ? [[el, top]] : []; }})
    .map(([el, top]) => `${{describe(el)}} is covered by ${{describe(top)}}`);
  scrollTo(0, 0);
  return out.slice(0, 6);
}}"""

_AXE = """async (rules) => {
  const options = { resultTypes: ["violations"], ...(rules ? { runOnly: { type: "rule", values: rules } } : {}) };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) =>
      `${id}: ${help}: ${html.slice(0, 160)} [${failureSummary.slice(0, 200)}]`));
}"""


def find_sideways_scrolling(page: Page) -> list[Fault]:
    """What makes the page wider than its window."""
    return list(page.evaluate(_WIDE))


def find_small_targets(page: Page) -> list[Fault]:
    """Buttons, fields and links that a thumb may miss."""
    return list(page.evaluate(_SMALL, SMALLEST))


def find_covered(page: Page) -> list[Fault]:
    """Buttons, fields and links that nobody reaches by mouse or thumb, for something else lies over them."""
    return list(page.evaluate(_COVERED))


@cache
def _axe() -> str:
    return (TEST_TOOLS / "axe.min.js").read_text("utf-8")


def bring_axe(page: Page) -> None:
    """Let axe come with every page that is opened from now on: so it is sent to the browser once."""
    page.add_init_script(_axe())


def ask_axe(page: Page, *rules: str) -> list[Fault]:
    """What axe-core finds: by all of its rules, or by these."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())  # by the debugger: no script of another origin, and no hole in the page's own policy
    return list(page.evaluate(_AXE, list(rules) or None))


def weigh(answers: list[Response]) -> dict[str, int]:
    """Bytes over the wire, compressed, by address: what a first view needs; pictures come after it."""
    return {
        answer.url: answer.request.sizes()["responseBodySize"]
        for answer in answers
        if answer.request.resource_type in WEIGHED and not answer.from_service_worker
    }


def tell(where: str, faults: list[Any]) -> list[Fault]:
    """The faults, each with its place."""
    return [f"{where}: {fault}" for fault in faults]
