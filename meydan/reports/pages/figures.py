"""The public figures: how the city answers, by department, office, district and kind, and over time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from meydan.kernel.calendar import Period, earlier_starts, period_start
from meydan.kernel.city import city_today
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import format_date, format_number
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ShowFigures
from meydan.reports.models import Dimension
from meydan.reports.pages.listing import Chip, address_with
from meydan.reports.pages.plots import Plot, plot
from meydan.reports.queries import FEW, Board, Numbers, label_of, labels, read_board

Rows = Sequence[tuple[str, Numbers]]
NO_BREAK = "\N{NO-BREAK SPACE}"
LEAGUES = (Dimension.DEPARTMENT, Dimension.TEAM)


def share_words(share: float) -> str:
    """ "62 %"."""
    return _("%(number)s %%") % {"number": format_number(round(100 * share))}


def wait_words(days: float) -> str:
    """ "5 hours" below a day, "2.4 days" from there."""
    if days < 1:
        hours = max(1, round(24 * days))
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": format_number(hours)}
    return ngettext("%(number)s day", "%(number)s days", round(days)) % {"number": format_number(days, 1)}


def content_words(content: float) -> str:
    """ "4.2 of 5"."""
    return _("%(average)s of 5") % {"average": format_number(content, 1)}


def _columns() -> dict[str, tuple[str, Callable[[float], str]]]:
    """The columns of the table, by the name that sorts by them: heading, and how a value is written."""
    return {
        "received": (pgettext("how many reports", "Received"), format_number),
        "median_days": (_("First answer"), wait_words),
        "in_term": (_("Closed in term"), share_words),
        "claimed": (_("Said to be solved"), format_number),
        "confirmed": (_("Of these confirmed"), share_words),
        "reopened": (pgettext("how many reports", "Reopened"), format_number),
        "open": (_("Open now"), format_number),
        "overdue": (_("Overdue now"), format_number),
        "content": (_("Satisfaction"), content_words),
    }


@page("GET")
@same_for_visitors
def show(request: HttpRequest) -> HttpResponse:
    """The figures of one period, and how they came about."""
    query = parse(ShowFigures, request.GET)
    today = city_today()
    board = read_board(actor_of(request), query.period, query.day(today), query.by_dimension)
    league = query.by_dimension in LEAGUES
    sort = query.sort or ("-confirmed" if league else "-received")
    unfinished = board.ends > today
    context = {
        "board": board,
        "when": _span_words(board.start, min(board.ends - timedelta(days=1), today)),
        "unfinished": unfinished,
        "stats": _stats(board.whole),
        "plots": _plots(board, unfinished=unfinished),
        "periods": _period_chips(request, query, today),
        "dimensions": _dimension_chips(request, query),
        "earlier": address_with(request, start=str(earlier_starts(board.start, query.period, 2)[0])),
        "later": address_with(request, start=str(board.ends)) if board.ends <= today else None,
        "headings": _headings(request, sort),
        "rows": [_row(query.by_dimension, place, *one) for place, one in _ranked(board.rows, sort)],
        "name_heading": dict(_dimensions())[query.by],
        "trend": _trend(board),
        "csv": f"by={query.by}&period={query.period}&start={board.start}",
        "few": format_number(FEW),
    }
    return render(request, "reports/figures.html", context)


def _span_words(first: date, last: date) -> str:
    if first == last:
        return format_date(first)
    return _("%(first)s to %(last)s") % {"first": format_date(first), "last": format_date(last)}


def _period_chips(request: HttpRequest, query: ShowFigures, today: date) -> list[Chip]:
    words = {
        Period.WEEK: _("This week"),
        Period.MONTH: _("This month"),
        Period.QUARTER: _("This quarter"),
        Period.YEAR: _("This year"),
    }
    shown = period_start(query.day(today), query.period)
    return [
        (
            label,
            address_with(request, period=period, start=None),
            query.period is period and shown == period_start(today, period),
        )
        for period, label in words.items()
    ]


def _dimensions() -> list[tuple[str, str]]:
    return [
        ("department", _("Department")),
        ("team", _("Responsible office")),
        ("district", _("District")),
        ("category", _("Kind")),
    ]


def _dimension_chips(request: HttpRequest, query: ShowFigures) -> list[Chip]:
    return [(label, address_with(request, by=by, sort=None), by == query.by) for by, label in _dimensions()]


def _stats(whole: Numbers) -> list[tuple[str, str]]:
    """The whole city's figures, as (value, what it is); those that nothing is known for are left out."""
    told: list[tuple[str | None, str]] = [
        (format_number(whole.received), ngettext("report received", "reports received", whole.received)),
        (_said(whole.median_days, wait_words), _("the usual wait for the first answer")),
        (_said(whole.in_term, share_words), _("closed within their term")),
        (
            format_number(whole.claimed),
            ngettext("report that the city says is solved", "reports that the city says are solved", whole.claimed),
        ),
        (_confirmed(whole), _("of these confirmed by who reported them")),
        (format_number(whole.reopened), ngettext("report reopened", "reports reopened", whole.reopened)),
        (format_number(whole.overdue), ngettext("report overdue now", "reports overdue now", whole.overdue)),
        (_said(whole.content, content_words), _("how content reporters are")),
    ]
    return [(value, label) for value, label in told if value is not None]


def _confirmed(one: Numbers) -> str | None:
    """ "3 (60 %)": how many of those said to be solved, and which share of them."""
    share = _said(one.confirmed, share_words)
    return share and f"{format_number(one.upheld)} ({share.replace(' ', NO_BREAK)})"


def _said(value: float | None, words: Callable[[float], str]) -> str | None:
    return None if value is None else words(value)


def _plots(board: Board, *, unfinished: bool) -> list[Plot]:
    days = [format_date(start, short=True) for start, _numbers in board.trend]
    numbers = [one for _start, one in board.trend]
    columns = _columns()
    wanted: dict[str, list[float | None]] = {
        "received": [one.received for one in numbers],
        "median_days": [one.median_days for one in numbers],
        "in_term": [one.in_term for one in numbers],
        "confirmed": [one.confirmed for one in numbers],
    }
    titles = {"median_days": _("First answer: the median"), "confirmed": _("Confirmed, of those said to be solved")}
    return [
        plot(titles.get(name, columns[name][0]), days, values, words=columns[name][1], unfinished=unfinished)
        for name, values in wanted.items()
    ]


def _trend(board: Board) -> list[tuple[str, list[str]]]:
    """The plots in words: for each time what they show."""
    return [
        (
            format_date(start),
            [
                format_number(one.received),
                _said(one.median_days, wait_words) or "–",
                _said(one.in_term, share_words) or "–",
                _said(one.confirmed, share_words) or "–",
            ],
        )
        for start, one in reversed(board.trend)
    ]


def _headings(request: HttpRequest, sort: str) -> list[dict[str, Any]]:
    """The table's headings; each is a link that sorts by it, the other way round when it does already."""
    return [
        {
            "label": label,
            "href": address_with(request, sort=name if sort == f"-{name}" else f"-{name}"),
            "sorted": {name: "ascending", f"-{name}": "descending"}.get(sort),
        }
        for name, (label, _words) in _columns().items()
    ]


def _ranked(rows: Mapping[str, Numbers], sort: str) -> list[tuple[int | None, tuple[str, Numbers]]]:
    """The rows in order, each with its place. Who has too little to be compared has none, and stands last."""
    name = sort.removeprefix("-")
    known = {code: one for code, one in rows.items() if one.received or one.closed or one.open or one.reopened}
    weighed = {code: _weight(one, name) for code, one in known.items()}
    ordered = sorted(
        (code for code, weight in weighed.items() if weight is not None),
        key=lambda code: weighed[code] or 0,
        reverse=sort.startswith("-"),
    )
    rest = sorted((code for code in weighed if weighed[code] is None), key=lambda code: -known[code].received)
    placed = [(place, (code, known[code])) for place, code in enumerate(ordered, 1)]
    return [*placed, *((None, (code, known[code])) for code in rest)]


def _weight(one: Numbers, name: str) -> float | None:
    """What a row is sorted by; None when nothing, or too little, is known."""
    basis = {"confirmed": one.claimed, "in_term": one.closed, "median_days": one.answered}.get(name, FEW)
    value: float | None = getattr(one, name)
    return value if basis >= FEW else None


def _row(dimension: Dimension, place: int | None, code: str, one: Numbers) -> dict[str, Any]:
    return {
        "place": "" if place is None else format_number(place),
        "name": label_of(dimension, code),
        "holder": labels().holders.get(code, "") if dimension is Dimension.TEAM else "",
        "cells": [
            (label, _cell(one, name, words), name == "overdue" and one.overdue > 0)
            for name, (label, words) in _columns().items()
        ],
    }


def _cell(one: Numbers, name: str, words: Callable[[float], str]) -> str:
    """One figure of a row; a dash where nothing, or too little, is known."""
    said = _confirmed(one) if name == "confirmed" else _said(getattr(one, name), words)
    return said or "–"
