"""A way out: reads what a web app says of itself (W3C Web Application Manifest), through the guarded fetcher."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import fetch

PAGE_BYTES = 1_000_000
MANIFEST_BYTES = 256_000
ICON_BYTES, SCREEN_BYTES = 2_000_000, 5_000_000
SECONDS = 4.0
ALL_SECONDS = 15.0
"""After these no further screenshot is asked for."""
LEAST_ICON = 192
DISPLAYS = frozenset({"standalone", "fullscreen", "minimal-ui", "window-controls-overlay"})
PICTURES = ("image/png", "image/jpeg", "image/webp")
MAX_ICONS = 50
MAX_SCREENS, MAX_LABEL = 4, 200


@dataclass(frozen=True)
class Screen:
    """A screenshot: its bytes, and what it shows in the app's own words ("" where it says none)."""

    label: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Manifest:
    """What was read. `lacks`: what keeps browsers from offering to install it; `icon`: the largest picture's bytes;
    `screens`: of the first `MAX_SCREENS` screenshots those that could be had."""

    name: str = ""
    description: str = ""
    display: str = ""
    lacks: tuple[str, ...] = ()
    icon: bytes = field(default=b"", repr=False)
    screens: tuple[Screen, ...] = ()


class _Links(HTMLParser):
    """Finds the manifest's address in a page's head."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and not self.found and "manifest" in (given.get("rel") or "").lower().split():
            self.found = given.get("href") or ""


def read_web_manifest(address: str) -> Manifest:
    """Read the page at `address`, its manifest, icon and screenshots: at most seven requests of `SECONDS` each. Raises
    `Invalid` or `TooLarge` when the page itself cannot be read; a page without a manifest lacks just that."""
    until = monotonic() + ALL_SECONDS
    page = fetch(address, max_bytes=PAGE_BYTES, timeout=SECONDS)
    links = _Links()
    links.feed(page.body.decode("utf-8", "replace"))
    if not links.found:
        return Manifest(lacks=("manifest",))
    try:
        at = urljoin(page.url, links.found)
        told = json.loads(fetch(at, max_bytes=MANIFEST_BYTES, timeout=SECONDS).body)
        if not isinstance(told, dict):
            raise ValueError("no object")
    except (MeydanError, ValueError, RecursionError):
        return Manifest(lacks=("manifest",))
    return _understand(told, at, page.url, until)


def _understand(told: dict[str, Any], at: str, page: str, until: float) -> Manifest:
    icon = _best_icon(told, at)
    lacks = {
        "https": urlsplit(page).scheme != "https",
        "name": not (_text(told, "name") or _text(told, "short_name")),
        "start_url": not _text(told, "start_url"),
        "display": _text(told, "display") not in DISPLAYS,
        "icon": icon is None,
    }
    return Manifest(
        name=(_text(told, "name") or _text(told, "short_name"))[:60],
        description=_text(told, "description")[:140],
        display=_text(told, "display")[:40],
        lacks=tuple(name for name, missing in lacks.items() if missing),
        icon=_picture(icon, ICON_BYTES) if icon else b"",
        screens=tuple(_screens(told, at, until)),
    )


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip().replace("\0", "") if isinstance(value, str) else ""


def _pictures(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The members `icons` and `screenshots`: lists of image resources."""
    found = told.get(name)
    return [one for one in (found if isinstance(found, list) else [])[:MAX_ICONS] if isinstance(one, dict)]


def _screens(told: dict[str, Any], at: str, until: float) -> Iterator[Screen]:
    for one in _pictures(told, "screenshots")[:MAX_SCREENS]:
        if monotonic() < until and (body := _picture(urljoin(at, str(one.get("src", ""))), SCREEN_BYTES)):
            yield Screen(_text(one, "label")[:MAX_LABEL], body)


def _best_icon(told: dict[str, Any], at: str) -> str | None:
    """The address of the largest icon of at least `LEAST_ICON` px; None when there is none."""
    sized = [
        (size, str(icon.get("src", "")))
        for icon in _pictures(told, "icons")
        if (size := _size(str(icon.get("sizes", "")))) >= LEAST_ICON
    ]
    return urljoin(at, max(sized)[1]) if sized else None


def _size(sizes: str) -> int:
    widths = [size.partition("x")[0] for size in sizes.lower().split()[:10]]
    return max((int(width) for width in widths if width.isdecimal() and len(width) < 6), default=0)


def _picture(address: str, most: int) -> bytes:
    """A picture's bytes; none where it cannot be had, or is no picture that we take."""
    try:
        fetched = fetch(address, max_bytes=most, timeout=SECONDS)
    except MeydanError:
        return b""
    return fetched.body if fetched.media_type in PICTURES else b""
