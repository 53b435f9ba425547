"""What frames every page: the city with its name and colours, and the places one can go to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.kernel.config import CITIES, config
from meydan.ui.sheet import Sheet, make_sheet


@dataclass(frozen=True)
class City:
    """The city as a page shows it. `name`: by language; `sheet`: its own colours over ours, empty when it has none."""

    code: str
    name: Mapping[str, str]
    sheet: Sheet


@dataclass(frozen=True)
class Place:
    """One place of the bar: `at` is a url name, `under` the paths that belong to it."""

    label: str | Promise
    icon: str
    at: str
    under: tuple[str, ...]
    middle: bool = False


# The bar of a phone, the rail of a desktop. A domain that brings a place of its own adds it here.
PLACES: tuple[Place, ...] = (
    Place(_("Home"), "house", "site:home", ("/",)),
    Place(_("Me"), "user", "accounts:me", ("/me", "/accounts/")),
)


@cache
def city() -> City:
    """The city that this server serves, from its pack."""
    code = config().city
    path = CITIES / code / "city.toml"
    pack = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return City(code, pack.get("name") or {"en": code.title()}, make_sheet(_overrides(pack.get("tokens", {}))))


def _overrides(tokens: Mapping[str, Mapping[str, str]]) -> str:
    """`{"light": {"primary": "#123456"}, "dark": {...}}` as CSS."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in tokens.get(scheme, {}).items()) for scheme in ("light", "dark")
    )
    css = f":root{{{light}}}" if light else ""
    return css + (f"@media (prefers-color-scheme: dark){{:root{{{dark}}}}}" if dark else "")


def places_for(path: str) -> list[dict[str, Any]]:
    """The places, as the page draws them; the one that `path` belongs to is current."""
    return [
        {
            "label": place.label,
            "icon": place.icon,
            "href": reverse(place.at),
            "middle": place.middle,
            "current": any(path == start if start == "/" else path.startswith(start) for start in place.under),
        }
        for place in PLACES
    ]


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Template context of every page."""
    return {"city": city(), "places": places_for(request.path), "tools": [], "here": request.get_full_path()}
