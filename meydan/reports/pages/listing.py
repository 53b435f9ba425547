"""The public list, and one's own reports."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ListReports
from meydan.reports.models import Filter, State
from meydan.reports.pages.looks import rows_markup
from meydan.reports.policies import may_see_worklist
from meydan.reports.queries import Labels, labels, list_mine, list_public
from meydan.ui.templating import url

Option = tuple[str, str]
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
