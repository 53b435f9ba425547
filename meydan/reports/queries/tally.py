"""How a report counts, as SQL, once for all: for changes that are folded, for those that are not yet, and for counting
anew from the reports themselves.

`happened` says on which day a row counts towards what; `keyed` spreads that over times and dimensions. A sum that is
read now is what the tally holds and what `reports_change` adds to it, in one statement, so that a fold in between
neither hides nor doubles anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from meydan.kernel.calendar import Period, next_start, period_start
from meydan.kernel.city import this_city
from meydan.reports.models import (
    OPEN,
    SHORTEST_WAIT,
    STATE_NUMBERS,
    WAITS_PER_DOUBLING,
    Dimension,
    Grain,
    Measure,
    State,
    longest_wait,
)

NOW_DAY = date(1970, 1, 1)
"""Under which what stands now is kept: it has no day."""
BEGINNING = date(1, 1, 1)
RESOLUTIONS = range(5, 10)
"""Of H3, that cells are counted at: about 17 km across down to 350 m."""
GRAINS = {
    Grain.WEEK: Period.WEEK,
    Grain.MONTH: Period.MONTH,
    Grain.QUARTER: Period.QUARTER,
    Grain.YEAR: Period.YEAR,
    Grain.DUE_MONTH: Period.MONTH,
    Grain.DUE_YEAR: Period.YEAR,
}

CHANGES = "reports_change"
REPORTS = """(
    select 1 as sign, department_id as department, team_id as team, district_id as district, category_id as category,
           state, public, h3_9, filed_at, answered_at, closed_at, confirmed_at, reopened_at, due_on, paused_on,
           null::timestamptz as said_at, null::smallint as content
      from reports_report
     union all
    select 1, department_id, team_id, district_id, category_id,
           null, null, null, null, null, null, null, null, null, null, opinion.at, opinion.content
      from reports_opinion opinion join reports_report report on report.number = opinion.report_id
     where opinion.voice = 'reporter' and opinion.content is not null) as counted"""

_STATES = ", ".join(f"'{state}'" for state in State)
_OPEN = ", ".join(f"'{state}'" for state in OPEN)
_DAYS = ", ".join(
    f"({name}_at at time zone %(zone)s)::date as {name}_on"
    for name in ("filed", "answered", "closed", "confirmed", "reopened", "said")
)
_STEP = f"""ceil({WAITS_PER_DOUBLING} * ln(greatest(1, extract(epoch from answered_at - filed_at)::float8
            / {SHORTEST_WAIT * 3600})) / ln(2))::int"""


def happened(source: str) -> str:
    """On which day the rows of `source` count towards which measure: n, the four codes, day, measure."""
    return f"""(
    select sign as n, department, team, district, category, counts.day, counts.measure
      from (select *, {_DAYS} from {source}) one
     cross join lateral (values
        (filed_on, {Measure.RECEIVED}),
        (answered_on, {Measure.ANSWERED}),
        (answered_on, {Measure.WAIT} + least({_STEP}, 99)),
        (case when state in ('solved', 'confirmed') then closed_on end, {Measure.SOLVED}),
        (case when state = 'confirmed' then closed_on end, {Measure.UPHELD}),
        (case when state = 'declined' then closed_on end, {Measure.DECLINED}),
        (case when state in ('solved', 'confirmed', 'declined') and closed_on <= due_on then closed_on end,
            {Measure.IN_TERM}),
        (confirmed_on, {Measure.CONFIRMED}),
        (reopened_on, {Measure.REOPENED}),
        (case when state in ({_OPEN}) and (paused_on is null or due_on < paused_on) then due_on end, {Measure.DUE}),
        (case when state is not null then date '{NOW_DAY}' end,
            {Measure.STATE} - 1 + array_position(array[{_STATES}], state::text)),
        (said_on, {Measure.CONTENT} + content)) as counts (day, measure)
     where counts.day is not null) as happened"""


FITS = f"""(case when happened.measure = {Measure.DUE} then times.grain >= {Grain.DUE_DAY}
                 when happened.measure between {Measure.STATE} and {Measure.WAIT - 1} then times.grain = {Grain.NOW}
                 else times.grain between {Grain.DAY} and {Grain.YEAR} end)"""
"""Which times a measure is summed over."""


def keyed(source: str) -> str:
    """What the rows of `source` add to which sums: grain, dimension, starts_on, code, measure, n. Its parameters are
    those of `calendar_of`."""
    return f"""
    select times.grain, dimension, times.starts_on, code, happened.measure, sum(n)::bigint as n
      from (select case when grouping(department) = 0 then {Dimension.DEPARTMENT}
                        when grouping(team) = 0 then {Dimension.TEAM}
                        when grouping(district) = 0 then {Dimension.DISTRICT}
                        when grouping(category) = 0 then {Dimension.CATEGORY} else {Dimension.ALL} end as dimension,
                   coalesce(department, team, district, category, '') as code, day, measure, sum(n)::bigint as n
              from {happened(source)}
             group by grouping sets ((day, measure), (day, measure, department), (day, measure, team),
                                     (day, measure, district), (day, measure, category))
            having sum(n) <> 0) as happened
      join unnest(%(days)s::date[], %(grains)s::smallint[], %(starts)s::date[]) as times (day, grain, starts_on)
        on times.day = happened.day and {FITS}
     where times.grain <> {Grain.DAY} or dimension = {Dimension.ALL}
     group by 1, 2, 3, 4, 5 having sum(n) <> 0"""


def celled(source: str) -> str:
    """What the rows of `source` add to which cells: resolution, category, cell, state, n. A parent's index is its
    child's with a smaller resolution and its last digits all 7 (the H3 index's own form)."""
    return f"""
    select resolution, kinds.category, parent.cell, state, sum(sign)::bigint as n
      from (select sign, category, state, h3_9 from {source} where public and h3_9 is not null) one
     cross join generate_series({RESOLUTIONS.start}, {RESOLUTIONS.stop - 1}) as resolution
     cross join lateral (values (one.category), ('')) as kinds (category)
     cross join lateral (select (h3_9 & ~(15::bigint << 52)) | (resolution::bigint << 52)
                                | ((1::bigint << (3 * (15 - resolution))) - 1) as cell) parent
     group by 1, 2, 3, 4 having sum(sign) <> 0"""


def zone() -> dict[str, str]:
    """The parameter of every statement here: whose days are counted."""
    return {"zone": this_city().time_zone}


def calendar_of(first: date, last: date) -> dict[str, Any]:
    """Every day from `first` to `last` with the times that it lies in, as parameters of `keyed`."""
    rows = [(NOW_DAY, Grain.NOW, NOW_DAY)]
    for step in range((last - first).days + 1):
        day = first + timedelta(days=step)
        rows += [(day, Grain.DAY, day), (day, Grain.DUE_DAY, day)]
        rows += [(day, grain, period_start(day, period)) for grain, period in GRAINS.items()]
    days, grains, starts = zip(*rows, strict=True)
    return {"days": list(days), "grains": [int(grain) for grain in grains], "starts": list(starts)}


# Reading


@dataclass(frozen=True)
class Span:
    """A time to sum over, from `first` up to but without `ends`. Several spans of one `name` are summed together."""

    name: str
    grain: Grain
    first: date
    ends: date


Sums = Mapping[int, int]
"""How much of each measure there is."""


def span_of(name: str, grain: Grain, start: date) -> Span:
    """One period of the calendar."""
    return Span(name, grain, start, next_start(start, GRAINS[grain]))


def span_now(name: str = "now") -> Span:
    """What stands now."""
    return Span(name, Grain.NOW, NOW_DAY, NOW_DAY + timedelta(days=1))


def spans_overdue(today: date, name: str = "overdue") -> list[Span]:
    """The terms that ended before today, in as few sums as there are: years, then months, then days."""
    year, month = period_start(today, Period.YEAR), period_start(today, Period.MONTH)
    return [
        Span(name, Grain.DUE_YEAR, BEGINNING, year),
        Span(name, Grain.DUE_MONTH, year, month),
        Span(name, Grain.DUE_DAY, month, today),
    ]


_CODES = f"""(case %(dimension)s when {Dimension.DEPARTMENT} then coalesce(department, '')
              when {Dimension.TEAM} then coalesce(team, '') when {Dimension.DISTRICT} then coalesce(district, '')
              when {Dimension.CATEGORY} then category else '' end)"""
_SUMS = f"""
with times as (select * from unnest(%(names)s::text[], %(grains)s::smallint[], %(firsts)s::date[], %(ends)s::date[])
                             as times (name, grain, first, ends))
select name, code, measure, sum(n)::bigint
  from (select times.name, code, measure, count as n
          from times join reports_tally tally
            on tally.grain = times.grain and tally.dimension = %(dimension)s
               and tally.starts_on >= times.first and tally.starts_on < times.ends
         union all
        select times.name, {_CODES}, happened.measure, n
          from {happened(CHANGES)}
          join times on happened.day >= times.first and happened.day < times.ends and {FITS}) sums
 where %(codes)s::text[] is null or code = any(%(codes)s)
 group by 1, 2, 3 having sum(n) <> 0"""


def read_sums(
    dimension: Dimension, spans: Sequence[Span], codes: Iterable[str] | None = None
) -> Mapping[tuple[str, str], Sums]:
    """The sums of these spans, by (the span's name, code); those of some codes only, where they are given."""
    values = {
        **zone(),
        "dimension": int(dimension),
        "codes": None if codes is None else list(codes),
        "names": [span.name for span in spans],
        "grains": [int(span.grain) for span in spans],
        "firsts": [span.first for span in spans],
        "ends": [span.ends for span in spans],
    }
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        for name, code, measure, count in cursor.fetchall():
            found[name, code][measure] = count
    return found


def count_states(sums: Sums, states: Iterable[State]) -> int:
    """How many stand in one of the states now."""
    return sum(sums.get(STATE_NUMBERS[state], 0) for state in states)


def median_wait(sums: Sums) -> float | None:
    """The hours that half of the first answers took at most; None without answers. Waits are kept in steps of 19 %;
    inside the step in which the median lies it is taken as if they were even."""
    steps = sorted((measure - Measure.WAIT, count) for measure, count in sums.items() if measure >= Measure.WAIT)
    half = sum(count for _step, count in steps) / 2
    passed = 0
    for step, count in steps:
        if passed + count >= half > 0:
            shortest = longest_wait(step - 1) if step else 0.0
            return shortest + (longest_wait(step) - shortest) * (half - passed) / count
        passed += count
    return None


def average_content(sums: Sums) -> tuple[int, float | None]:
    """How many reporters have said how content they are, and their average from 1 to 5."""
    counts = {content: sums.get(Measure.CONTENT + content, 0) for content in range(1, 6)}
    answers = sum(counts.values())
    return answers, sum(content * count for content, count in counts.items()) / answers if answers else None
