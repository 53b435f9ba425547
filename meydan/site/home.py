"""What the home page shows this reader: what waits for them, their cases, and the proof that the city answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meydan.articles.public import Wanted as WantedArticles
from meydan.articles.public import list_articles
from meydan.events.public import Wanted as WantedEvents
from meydan.events.public import list_upcoming
from meydan.kernel.actor import Actor, Role
from meydan.kernel.i18n import current_language, format_moment, format_number, local_digits
from meydan.reports.public import (
    Figures,
    State,
    WorkFilter,
    count_work,
    list_my_cases,
    public_figures,
    search_reports,
)
from meydan.rollout.public import list_closed
from meydan.site.search import Hit
from meydan.site.tools import tools_of
from meydan.store.public import search_apps

MY_CASES = 6
TONES = {State.SOLVED: "good", State.CONFIRMED: "good", State.ASKED: "warning", State.REOPENED: "warning"}


@dataclass(frozen=True)
class Line:
    """One line of a list: a thing with its address, a word about it, and its state as a tag."""

    title: str
    text: str
    href: str
    tag: str = ""
    tone: str = "info"


@dataclass(frozen=True)
class Picture:
    """A photo as `ui.photo` wants it; pixels of the thumb."""

    url: str
    thumb_url: str
    width: int = 320
    height: int = 240


def home_of(actor: Actor) -> Mapping[str, Any]:
    """The context of the home page."""
    cases = list_my_cases(actor, limit=MY_CASES).rows if actor.person_id or actor.case_keys else []
    waiting = [line for case in cases if (line := _question(case))]
    figures = public_figures(actor)
    return {
        "waiting": [*_work(actor), *waiting],
        "tools": tools_of(actor),
        "cases": [_case(case) for case in cases if not _question(case)],
        "figures": figures,
        "pair": _pair(figures),
        "closed": list_closed(actor),
    }


def _title(case: Mapping[str, Any]) -> str:
    return str(case["summary"] or "") or _("Report %(number)s") % {"number": local_digits(str(case["number"]))}


def _address(case: Mapping[str, Any]) -> str:
    return reverse("reports:show", kwargs={"number": case["number"]})


def _question(case: Mapping[str, Any]) -> Line | None:
    """What the city wants of the reporter, when it wants something."""
    asks = {
        State.ASKED: _("The department asks you something. Answer, so that it can go on."),
        State.SOLVED: _("The department says that it is solved. Is it? Confirm or reopen it."),
    }
    text = asks.get(State(case["state"]))
    return Line(_title(case), text, _address(case), _("Your turn"), "warning") if text else None


def _case(case: Mapping[str, Any]) -> Line:
    state = State(case["state"])
    return Line(_title(case), case["address"] or "", _address(case), str(state.label), TONES.get(state, "info"))


def _work(actor: Actor) -> list[Line]:
    """An officer's worklist, when somebody waits in it."""
    if not actor.has(Role.OFFICER):
        return []
    counts = count_work(actor, WorkFilter())
    if not counts["open"]:
        return []
    new = ngettext("%(number)s new report", "%(number)s new reports", counts["new"])
    late = ngettext("%(number)s past its term", "%(number)s past their term", counts["overdue"])
    text = f"{new % {'number': format_number(counts['new'])}} · {late % {'number': format_number(counts['overdue'])}}"
    tag = format_number(counts["open"])
    return [Line(_("My worklist"), text, reverse("reports:work"), tag, "bad" if counts["overdue"] else "info")]


def _pair(figures: Figures) -> Mapping[str, Any] | None:
    """The latest repair that has a photo from before and one from after."""
    if figures.pair is None:
        return None
    number, before, after = figures.pair
    return {
        "before": _picture(before),
        "after": _picture(after),
        "title": _("Report %(number)s") % {"number": local_digits(str(number))},
        "href": reverse("reports:show", kwargs={"number": number}),
    }


def _picture(photo_id: int) -> Picture:
    full, thumb = (
        reverse("reports:photo", kwargs={"photo_id": photo_id, "variant": variant}) for variant in ("full", "thumb")
    )
    return Picture(full, thumb)


def find_apps(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Public entries of the store, for the search over everything."""
    rows = search_apps(actor, words, limit=limit)
    return [
        Hit(row.title, reverse("store:show", kwargs={"slug": row.slug}), row.summary, "layout-grid") for row in rows
    ]


def find_reports(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Public reports, for the search over everything."""
    return [
        Hit(_title(row), _address(row), str(State(str(row["state"])).label), "map-pin")
        for row in search_reports(actor, words, limit=limit)
    ]


def find_articles(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Public articles, for the search over everything."""
    found = [(row, row.live) for row in list_articles(actor, WantedArticles(words=words), limit=limit)[:limit]]
    return [
        Hit(live.title, reverse("articles:show", kwargs={"slug": row.slug}), live.summary, "newspaper")
        for row, live in found
        if live
    ]


def find_events(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Events to come, each once, for the search over everything."""
    hits: dict[int, Hit] = {}
    for row in list_upcoming(actor, WantedEvents(words=words), limit=limit * 4):
        if row.event.live and len(hits) < limit:
            title, _text = row.event.live.words_in(current_language(), row.event.language)
            href = reverse("events:show", kwargs={"number": row.event_id})
            hits.setdefault(row.event_id, Hit(title, href, format_moment(row.starts_at), "calendar-days"))
    return list(hits.values())
