"""How entries look on pages: kinds as words with icons, rows of lists, states."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from meydan.kernel.i18n import current_language, format_number
from meydan.store.models import (
    ICONS,
    PURPOSES,
    SENSITIVE,
    App,
    Kind,
    Malware,
    Release,
    Stage,
    State,
    senses_of,
    trackers_of,
)
from meydan.store.queries import Row, Version
from meydan.ui.templating import url

KIND_ICONS: Mapping[Kind, str] = {
    Kind.SITE: "globe",
    Kind.WEB_APP: "app-window",
    Kind.ANDROID: "smartphone",
    Kind.IOS: "tablet-smartphone",
    Kind.DESKTOP: "monitor",
}
_STATES: Mapping[State, tuple[str, str]] = {
    State.DRAFT: ("quiet", "pencil"),
    State.PUBLISHED: ("good", "circle-check"),
    State.WITHDRAWN: ("quiet", "undo-2"),
    State.TAKEN_OFF: ("bad", "eye-off"),
}
_STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.WAITING: ("info", "hourglass"),
    Stage.SENT_BACK: ("warning", "message-circle"),
    Stage.REFUSED: ("bad", "ban"),
}


class Stand(NamedTuple):
    """A state as a tag: a word and a picture, never colour alone."""

    label: str
    tone: str
    icon: str


def stand_of(app: App) -> list[Stand]:
    """Where an entry stands: for the public, and with the moderators where something waits there."""
    stands = [Stand(str(State(app.state).label), *_STATES[State(app.state)])]
    stage = Stage(app.stage)
    return stands if stage is Stage.NONE else [*stands, Stand(str(stage.label), *_STAGES[stage])]


def kind_look(kind: str) -> tuple[str, str]:
    """The word and the icon of a kind."""
    return str(Kind(kind).label), KIND_ICONS[Kind(kind)]


def picture_address(slug: str, sha256: str, variant: str = "") -> str:
    """Where a picture of an entry is."""
    name = "store:thumb" if variant else "store:picture"
    return url(name, slug=slug, sha256=sha256)


def rows_markup(rows: Iterable[Row], categories: Mapping[str, str]) -> str:
    """The rows of a list as HTML. What a row looks like is remembered, for lists show the same rows again and again."""
    language = current_language()
    return "".join(_row_markup(language, row, categories.get(row.category or "", "")) for row in rows)


@lru_cache(maxsize=4096)
def _row_markup(language: str, row: Row, category: str) -> str:
    label, sign = kind_look(row.kind)
    context = {
        "row": row,
        "href": url("store:show", slug=row.slug),
        "kind": label,
        "sign": sign,
        "category": category,
        "picture": picture_address(row.slug, row.icon, "thumb") if row.icon else "",
        "used": format_number(row.downloads) if row.downloads else "",
    }
    return render_to_string("store/row.html", context)


class Permission(NamedTuple):
    """What an app can do, in plain words; `reason` is the developer's."""

    label: str
    icon: str
    sensitive: bool
    reason: str
    code: str


def permissions_of(app: App, release: Release | Version) -> list[Permission]:
    """Sensitive ones first."""
    return [
        Permission(str(sense.label), ICONS[sense], sense in SENSITIVE, app.reasons.get(sense, ""), sense.value)
        for sense in senses_of(release.permissions)
    ]


def seen_in(release: Release | Version) -> dict[str, Any]:
    """What was found in a version: trackers with what they do, and what the scanner for malware says."""
    return {
        "trackers": [{"name": one.name, "does": str(PURPOSES[one.purpose])} for one in trackers_of(release.trackers)],
        "whole": release.code_read,
        "malware": str(Malware(release.malware).label),
    }
