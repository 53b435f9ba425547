"""The public list, one's own reports, and the officer's worklist."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from meydan.kernel.actor import Role
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import current_language, format_number, text_of
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ListReports, ListWork
from meydan.reports.models import BulkVerb, Filter, State
from meydan.reports.pages.forms import hands_options
from meydan.reports.pages.looks import rows_markup, work_view
from meydan.reports.policies import OVERSEERS, may_change_many, may_go_round, may_see_worklist, may_take_calls
from meydan.reports.queries import (
    Labels,
    count_to_check,
    count_work,
    labels,
    list_hands,
    list_mine,
    list_public,
    list_work,
)
from meydan.ui.templating import url

Option = tuple[str, str]
BULK_LOOKS: Mapping[BulkVerb, tuple[str, str]] = {
    BulkVerb.ACCEPT: ("primary", "hammer"),
    BulkVerb.ASSIGN: ("quiet", "user-check"),
    BulkVerb.MOVE: ("quiet", "forward"),
    BulkVerb.SOLVE: ("quiet", "check"),
    BulkVerb.DECLINE: ("quiet", "ban"),
    BulkVerb.NOTE: ("quiet", "notebook-pen"),
}
"""Kind and icon of the button for each."""
Chip = tuple[str, str, bool]


def address_with(request: HttpRequest, **changes: str | None) -> str:
    """This page's address with other parameters; None takes one away. Going on in the list starts it afresh."""
    kept = {name: value for name, value in request.GET.items() if name not in ("before", "after") and value}
    kept.update({name: value for name, value in changes.items() if value is not None})
    query = urlencode({name: value for name, value in kept.items() if changes.get(name, value) is not None})
    return f"{request.path}?{query}" if query else request.path


def options(names: Mapping[str, Mapping[str, str]], everything: str) -> list[Option]:
    """The choices of a select, by name in the reader's language."""
    return [("", everything), *sorted(((code, text_of(name) or code) for code, name in names.items()), key=_by_label)]


def _by_label(option: Option) -> str:
    return option[1].casefold()


def state_chips(request: HttpRequest, current: str, states: Iterable[Option]) -> list[Chip]:
    """Chips for the states, each as an address."""
    return [(label, address_with(request, state=value or None), value == current) for value, label in states]


def _public_states() -> list[Option]:
    return [
        ("", _("All")),
        ("open", _("Open")),
        (State.SOLVED, str(State.SOLVED.label)),
        (State.CONFIRMED, str(State.CONFIRMED.label)),
    ]


@page("GET")
@same_for_visitors
def index(request: HttpRequest) -> HttpResponse:
    """What was reported in the city, and what became of it."""
    actor, query = actor_of(request), parse(ListReports, request.GET)
    wanted = query.filter
    found = list_public(actor, wanted, before=query.before)
    context = {
        "rows": rows_markup(found.rows),
        "next": _address_of(wanted, before=found.next) if found.next else None,
        "first": _address_of(wanted) if query.before else None,
        "top": _list_top(current_language(), labels(), wanted, works=bool(may_see_worklist(actor))),
        "narrowed": wanted != Filter(),
        "feed": feed_address(wanted),
    }
    return render(request, "reports/list.html", context)


def feed_address(wanted: Filter, **more: str) -> str:
    """The feed of this list, as far as feeds are narrowed."""
    given = {"category": wanted.category, "district": wanted.district, "street": wanted.street, **more}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{url('reports:feed')}?{query}" if query else url("reports:feed")


def _address_of(wanted: Filter, **more: str) -> str:
    """The public list, narrowed like this."""
    given = {"q": wanted.words, "state": wanted.state, "category": wanted.category, "district": wanted.district, **more}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{url('reports:list')}?{query}" if query else url("reports:list")


@lru_cache(maxsize=256)
def _list_top(language: str, known: Labels, wanted: Filter, *, works: bool) -> str:
    """All that stands above the rows, as HTML; the language is the one that is active."""
    states = _public_states()
    context = {
        "query": wanted,
        "chips": [(label, _address_of(replace(wanted, state=code)), code == wanted.state) for code, label in states],
        "categories": options(known.categories, _("All kinds")),
        "districts": options(known.districts, _("Everywhere")),
        "narrowed": wanted != Filter(),
        "works": works,
    }
    return render_to_string("reports/list_top.html", context)


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """The reports that I sent: by my account, and by the secret links that I have opened."""
    query = parse(ListReports, request.GET)
    found = list_mine(actor_of(request), before=query.before)
    context = {
        "rows": rows_markup(found.rows),
        "next": address_with(request, before=found.next) if found.next else None,
        "first": address_with(request) if query.before else None,
    }
    return render(request, "reports/mine.html", context)


@page("GET")
def work(request: HttpRequest) -> HttpResponse:
    """The officer's worklist: the most urgent case first."""
    actor = actor_of(request)
    query = parse(ListWork, request.GET)
    found = list_work(actor, query.filter, after=query.after)
    sees_all = actor.has(*OVERSEERS)
    departments = labels().departments if sees_all else _own(labels().departments, actor.departments)
    officers, teams = list_hands(actor, set(departments))
    context = {
        "rows": [work_view(row) for row in found.rows],
        "query": query,
        "chips": _work_chips(request, query, count_work(actor, query.filter), officer=actor.has(Role.OFFICER)),
        "next": address_with(request, after=found.next) if found.next else None,
        "first": address_with(request) if query.after else None,
        "states": [("", _("All open")), *((state.value, str(state.label)) for state in State)],
        "categories": options(labels().categories, _("All kinds")),
        "districts": options(labels().districts, _("Everywhere")),
        "departments": _departments(departments, sees_all=sees_all),
        "officers": [("", _("Everybody")), *hands_options(officers)[1:]],
        "teams": [("", _("All offices")), *((team.pk, text_of(team.name) or team.pk) for team in teams)],
        "narrowed": query.is_narrowed or "find" in request.GET,
        "verbs": BULK_LOOKS.items() if may_change_many(actor) else (),
        "takes_calls": bool(may_take_calls(actor)),
        "goes_round": bool(may_go_round(actor)),
        "photos": count_to_check(actor),
    }
    return render(request, "reports/work.html", context)


def _own(names: Mapping[str, Mapping[str, str]], codes: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    return {code: names.get(code, {}) for code in codes}


def _departments(names: Mapping[str, Mapping[str, str]], *, sees_all: bool) -> list[Option]:
    choices = options(names, _("All departments"))
    return [*choices, ("none", _("Nobody yet"))] if sees_all else choices


def _work_chips(request: HttpRequest, query: ListWork, counts: Mapping[str, int], *, officer: bool) -> list[Chip]:
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
