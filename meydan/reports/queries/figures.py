"""The public figures, all from the tally: how the city answers, by whom and over time.

Every report counts, also one that is not public: who hides a report betters no figure by it. What could lead to a
person is left out: kinds of problems that are never public stand in one row, and how content people are is said from
`FEW` answers on.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.utils import timezone

from meydan.kernel.actor import Actor
from meydan.kernel.calendar import Period, earlier_starts, next_start, period_start
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.reports.models import OPEN, STATE_NUMBERS, Category, Dimension, Grain, Measure, State
from meydan.reports.queries.labels import NOT_PUBLIC
from meydan.reports.queries.tally import (
    Span,
    Sums,
    average_content,
    count_states,
    median_wait,
    read_sums,
    span_now,
    span_of,
    spans_overdue,
)

FIGURES_SECONDS = 0.5
"""How long a process may go on with the home page's figures that it has read."""
FEW = 5
"""Answers from so many persons are told; from fewer they might be known by who was served."""
TREND = {Period.WEEK: 12, Period.MONTH: 12, Period.QUARTER: 8, Period.YEAR: 5}
"""How many periods a trend shows."""
GRAIN_OF = {
    Period.WEEK: Grain.WEEK,
    Period.MONTH: Grain.MONTH,
    Period.QUARTER: Grain.QUARTER,
    Period.YEAR: Grain.YEAR,
}


@dataclass(frozen=True)
class Figures:
    """What everybody may know of how the city does. The pair is (report, picture before, picture after), or None."""

    confirmed_this_week: int
    claimed: int
    median_days_to_answer: float | None
    open: int
    overdue: int
    pair: tuple[int, int, int] | None


@dataclass(frozen=True)
class Numbers:
    """What was counted in a time for one code. Shares are from 0 to 1, None where there is nothing to share; `open` and
    `overdue` stand now, whatever the time. `upheld`: how many of the `claimed` the reporter has confirmed, `confirmed`
    the share of them. `content` is from 1 to 5, None below `FEW` answers."""

    received: int
    answered: int
    median_days: float | None
    closed: int
    in_term: float | None
    claimed: int
    upheld: int
    confirmed: float | None
    reopened: int
    open: int
    overdue: int
    content: float | None


@dataclass(frozen=True)
class Board:
    """The figures of one period: for the whole city, by each code, and the course of the whole up to this period."""

    period: Period
    start: date
    ends: date
    whole: Numbers
    rows: Mapping[str, Numbers]
    trend: Sequence[tuple[date, Numbers]]


_PAIR = """
with shown as not materialized (select * from reports_photo where public and looking = 'checked')
select report.number, (select min(id) from shown where report_id = report.number and kind = 'before'), after.id
  from shown after join reports_report report on report.number = after.report_id
 where after.kind = 'after' and report.public and report.state in ('solved', 'confirmed')
   and exists (select from shown where report_id = report.number and kind = 'before')
 order by after.id desc limit 1
"""


def public_figures(actor: Actor) -> Figures:
    """The home page's figures, as read at most `FIGURES_SECONDS` ago. The week are the last 7 days; the median is over
    the answers of the last 30 days, in days."""
    return _figures(int(time.monotonic() / FIGURES_SECONDS))


def forget_figures() -> None:
    """Read them anew at the next request of this process."""
    _figures.cache_clear()


@lru_cache(maxsize=1)
def _figures(_moment: int) -> Figures:
    return read_figures(now())


def read_figures(moment: datetime) -> Figures:
    """The home page's figures at this moment, from the tally."""
    today = timezone.localtime(moment).date()
    tomorrow = today + timedelta(days=1)
    spans = [
        Span("week", Grain.DAY, tomorrow - timedelta(days=7), tomorrow),
        Span("month", Grain.DAY, tomorrow - timedelta(days=30), tomorrow),
        span_now(),
        *spans_overdue(today),
    ]
    sums = read_sums(Dimension.ALL, spans)
    week, month, stand = (sums.get((name, ""), {}) for name in ("week", "month", "now"))
    median = median_wait(month)
    return Figures(
        confirmed_this_week=week.get(Measure.CONFIRMED, 0),
        claimed=stand.get(STATE_NUMBERS[State.SOLVED], 0),
        median_days_to_answer=None if median is None else median / 24,
        open=count_states(stand, OPEN),
        overdue=sums.get(("overdue", ""), {}).get(Measure.DUE, 0),
        pair=_pair(),
    )


def _pair() -> tuple[int, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(_PAIR)
        found: tuple[int, int, int] | None = cursor.fetchone()
    return found


def read_board(actor: Actor, period: Period, day: date, dimension: Dimension) -> Board:
    """The figures of the period in which this day lies, by the codes of the dimension."""
    start = period_start(day, period)
    grain, stand = GRAIN_OF[period], [span_now(), *spans_overdue(city_today())]
    starts = earlier_starts(start, period, TREND[period])
    whole = read_sums(Dimension.ALL, [*(span_of(str(one), grain, one) for one in starts), *stand])
    counted = read_sums(dimension, [span_of(str(start), grain, start), *stand])
    parts = _join_private(counted) if dimension is Dimension.CATEGORY else counted
    trend = [(one, _numbers(whole, str(one), "")) for one in starts]
    codes = sorted({code for _name, code in parts})
    rows = {code: _numbers(parts, str(start), code) for code in codes}
    return Board(period, start, next_start(start, period), trend[-1][1], rows, trend)


def _numbers(sums: Mapping[tuple[str, str], Sums], time_name: str, code: str) -> Numbers:
    counted, stand, overdue = (sums.get((name, code), {}) for name in (time_name, "now", "overdue"))
    claimed, upheld = counted.get(Measure.SOLVED, 0), counted.get(Measure.UPHELD, 0)
    closed = claimed + counted.get(Measure.DECLINED, 0)
    median, (answers, content) = median_wait(counted), average_content(counted)
    return Numbers(
        received=counted.get(Measure.RECEIVED, 0),
        answered=counted.get(Measure.ANSWERED, 0),
        median_days=None if median is None else median / 24,
        closed=closed,
        in_term=counted.get(Measure.IN_TERM, 0) / closed if closed else None,
        claimed=claimed,
        upheld=upheld,
        confirmed=upheld / claimed if claimed else None,
        reopened=counted.get(Measure.REOPENED, 0),
        open=count_states(stand, OPEN),
        overdue=overdue.get(Measure.DUE, 0),
        content=content if answers >= FEW else None,
    )


def _join_private(sums: Mapping[tuple[str, str], Sums]) -> Mapping[tuple[str, str], Sums]:
    """The same with all categories that are never public in one."""
    private = set(Category.objects.filter(private=True).values_list("code", flat=True))
    joined: dict[tuple[str, str], Sums] = {}
    for (name, code), counted in sums.items():
        key = (name, NOT_PUBLIC if code in private else code)
        joined[key] = _add(joined.get(key, {}), counted)
    return joined


def _add(one: Sums, other: Sums) -> Sums:
    return {measure: one.get(measure, 0) + other.get(measure, 0) for measure in {*one, *other}}


def count_open(codes: Iterable[str], *, everywhere: bool = False) -> tuple[Sums, int]:
    """How many reports stand in which state now, and how many are overdue: of these departments ("" for nobody's), or
    `everywhere`."""
    dimension = Dimension.ALL if everywhere else Dimension.DEPARTMENT
    sums = read_sums(dimension, [span_now(), *spans_overdue(city_today())], None if everywhere else codes)
    stand: Sums = {}
    late = 0
    for (_name, _code), counted in sums.items():
        stand = _add(stand, counted)
        late += counted.get(Measure.DUE, 0)
    return stand, late
