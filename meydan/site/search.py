"""One question over everything: each domain gives a function, and the front door asks them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise

from meydan.kernel.actor import Actor
from meydan.site.frame import open_doors

MAX_WORDS = 200
MAX_HITS = 8


@dataclass(frozen=True)
class Hit:
    """One answer: what it is called, where it is, and a line about it."""

    title: str | Promise
    href: str
    text: str | Promise
    icon: str


Search = Callable[[Actor, str, int], Iterable[Hit]]
"""(who asks, words, at most so many) -> what this actor may see, the best first."""


def find_doors(actor: Actor, words: str, limit: int) -> list[Hit]:
    """The front door's own places, by their words in the reader's language."""
    wanted = words.casefold().split()
    hits = [Hit(door.title, door.href, door.text, door.icon) for door in open_doors()]
    return [hit for hit in hits if any(word in f"{hit.title} {hit.text}".casefold() for word in wanted)][:limit]


def search_everything(
    actor: Actor, words: str, searches: Iterable[tuple[Promise, Search, str]]
) -> list[tuple[str | Promise, list[Hit], str]]:
    """What each of the searches found for these words: (heading, hits, where all of them are), without those that found
    nothing. A search comes with the address of its own list; "" where it has none."""
    words = words.strip()[:MAX_WORDS]
    if not words:
        return []
    found = [(heading, list(search(actor, words, MAX_HITS)), place) for heading, search, place in searches]
    asked = urlencode({"q": words})
    return [
        (heading, hits, f"{place}?{asked}" if place and len(hits) == MAX_HITS else "")
        for heading, hits, place in found
        if hits
    ]
