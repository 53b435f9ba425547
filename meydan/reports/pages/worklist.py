"""The officer's worklist."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import current_language, format_number, text_of
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ListWork
from meydan.reports.models import BulkVerb, State, WorkFilter
from meydan.reports.pages.forms import hands_options
from meydan.reports.pages.listing import Chip, Option, address_with, options
from meydan.reports.pages.looks import work_rows_markup
from meydan.reports.policies import OVERSEERS, may_change_many, may_go_round, may_take_calls
from meydan.reports.queries import Labels, count_to_check, count_work, labels, list_hands, list_work

BULK_LOOKS: Mapping[BulkVerb, tuple[str, str]] = {
    BulkVerb.ACCEPT: ("primary", "hammer"),
    BulkVerb.ASSIGN: ("quiet", "user-check"),
    BulkVerb.MOVE: ("quiet", "forward"),
    BulkVerb.SOLVE: ("quiet", "check"),
    BulkVerb.DECLINE: ("quiet", "ban"),
    BulkVerb.NOTE: ("quiet", "notebook-pen"),
}
"""Kind and icon of the button for each."""


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """The officer's worklist: the most urgent case first."""
    actor = actor_of(request)
    query = parse(ListWork, request.GET)
    wanted = query.filter
    found = list_work(actor, wanted, after=query.after)
    many = bool(may_change_many(actor))
    context = {
        "rows": work_rows_markup(found.rows, picks=many),
        "chips": _chips(request, query, count_work(actor, wanted), officer=actor.has(Role.OFFICER)),
        "narrow": _narrow_for(actor, wanted, is_open=query.is_narrowed or "find" in request.GET),
        "next": address_with(request, after=found.next) if found.next else None,
        "first": address_with(request) if query.after else None,
        "verbs": BULK_LOOKS.items() if many else (),
        "takes_calls": bool(may_take_calls(actor)),
        "goes_round": bool(may_go_round(actor)),
        "photos": count_to_check(actor),
    }
    return render(request, "reports/work.html", context)


def _narrow_for(actor: Actor, wanted: WorkFilter, *, is_open: bool) -> str:
    """The form that narrows the list down, with the choices that this officer has."""
    known = labels()
    departments = tuple(known.departments) if actor.has(*OVERSEERS) else tuple(sorted(actor.departments))
    officers, teams = list_hands(actor, frozenset(departments))
    return _narrow(
        current_language(),
        known,
        wanted,
        departments,
        tuple(hands_options(officers)[1:]),
        tuple(team.pk for team in teams),
        sees_all=actor.has(*OVERSEERS),
        is_open=is_open,
    )


@lru_cache(maxsize=256)
def _narrow(
    _language: str,
    known: Labels,
    wanted: WorkFilter,
    departments: Sequence[str],
    officers: Sequence[Option],
    teams: Sequence[str],
    *,
    sees_all: bool,
    is_open: bool,
) -> str:
    """As HTML, remembered; the language is the one that is active."""
    own = {code: known.departments.get(code, {}) for code in departments}
    context = {
        "wanted": wanted,
        "states": [("", _("All open")), *((state.value, str(state.label)) for state in State)],
        "categories": options(known.categories, _("All kinds")),
        "districts": options(known.districts, _("Everywhere")),
        "departments": [*options(own, _("All departments")), *([("none", _("Nobody yet"))] if sees_all else [])],
        "officers": [("", _("Everybody")), *officers],
        "teams": [("", _("All offices")), *((code, text_of(known.teams.get(code, {})) or code) for code in teams)],
        "narrowed": is_open,
    }
    return render_to_string("reports/work_narrow.html", context)


def _chips(request: HttpRequest, query: ListWork, counts: Mapping[str, int], *, officer: bool) -> list[Chip]:
    """The officer's usual questions, each with its count; choosing one drops the others."""

    def chip(label: str, count: int, current: bool, **chosen: str) -> Chip:
        changes: dict[str, str | None] = {"state": None, "mine": None, "overdue": None, **chosen}
        return f"{label} ({format_number(count)})", address_with(request, **changes), current

    chips = [
        chip(_("Open"), counts["open"], not (query.mine or query.overdue or query.state)),
        chip(_("Overdue"), counts["overdue"], query.overdue, overdue="true"),
        chip(_("Waiting for an answer"), counts["asked"], query.state == State.ASKED, state=State.ASKED),
    ]
    return [*chips, chip(_("Mine"), counts["mine"], query.mine, mine="true")] if officer else chips
