"""Icons: Lucide (ISC licence), drawn inline so that a page needs no second request. Names: https://lucide.dev/icons/."""

from functools import lru_cache

from lucide.jinja import lucide

# Those that point along the line of text and turn round in Arabic and Persian.
TURNING = frozenset(
    {
        "arrow-left",
        "arrow-right",
        "chevron-left",
        "chevron-right",
        "forward",
        "log-in",
        "log-out",
        "reply",
        "send",
        "undo-2",
    }
)


@lru_cache(maxsize=512)
def icon(name: str, size: int = 24) -> str:
    """The icon as safe markup, hidden from screen readers: the word beside it says it.

    A name that Lucide does not have raises IconDoesNotExist.
    """
    turning = " turning" if name in TURNING else ""
    drawing = lucide(name, size=size, **{"class": f"icon{turning}", "aria-hidden": "true", "focusable": "false"})
    return drawing.replace("\n", "").replace("  ", "")
