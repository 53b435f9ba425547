"""A way out: reads what a web app says of itself (W3C Web Application Manifest), through the guarded fetcher."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import fetch

PAGE_BYTES = 1_000_000
MANIFEST_BYTES = 256_000
ICON_BYTES = 2_000_000
SECONDS = 4.0
LEAST_ICON = 192
DISPLAYS = frozenset({"standalone", "fullscreen", "minimal-ui", "window-controls-overlay"})
PICTURES = ("image/png", "image/jpeg", "image/webp")
MAX_ICONS = 50


@dataclass(frozen=True)
class Manifest:
    """What was read. `lacks`: what keeps browsers from offering to install it; `icon`: the largest picture's bytes."""

    name: str = ""
    description: str = ""
    display: str = ""
    lacks: tuple[str, ...] = ()
    icon: bytes = field(default=b"", repr=False)


class _Links(HTMLParser):
    """Finds the manifest's address in a page's head."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and not self.found and "manifest" in (given.get("rel") or "").lower().split():
            self.found = given.get("href") or ""


def read_web_manifest(address: str) -> Manifest:
    """Read the page at `address`, its manifest and its icon: at most three requests of `SECONDS` each. Raises `Invalid`
    or `TooLarge` when the page itself cannot be read; a page without a manifest lacks just that."""
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
    return _understand(told, at, page.url)


def _understand(told: dict[str, Any], at: str, page: str) -> Manifest:
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
        icon=_picture(icon) if icon else b"",
    )


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip().replace("\0", "") if isinstance(value, str) else ""


def _best_icon(told: dict[str, Any], at: str) -> str | None:
    """The address of the largest icon of at least `LEAST_ICON` px; None when there is none."""
    icons = told.get("icons")
    sized = [
        (size, str(icon.get("src", "")))
        for icon in (icons if isinstance(icons, list) else [])[:MAX_ICONS]
        if isinstance(icon, dict) and (size := _size(str(icon.get("sizes", "")))) >= LEAST_ICON
    ]
    return urljoin(at, max(sized)[1]) if sized else None


def _size(sizes: str) -> int:
    widths = [size.partition("x")[0] for size in sizes.lower().split()[:10]]
    return max((int(width) for width in widths if width.isdecimal() and len(width) < 6), default=0)


def _picture(address: str) -> bytes:
    """The icon's bytes; none where it cannot be had, or is no picture that we take."""
    try:
        fetched = fetch(address, max_bytes=ICON_BYTES, timeout=SECONDS)
    except MeydanError:
        return b""
    return fetched.body if fetched.media_type in PICTURES else b""
