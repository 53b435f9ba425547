"""Keeping the tally: folding what has changed into its sums, and counting all of them anew.

Folding says nothing new, so it records no fact; a recount does, for it tells whether the figures were right.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.facts import record
from meydan.reports.facts import FiguresRecounted
from meydan.reports.policies import may_count
from meydan.reports.queries.tally import CHANGES, NOW_DAY, REPORTS, calendar_of, celled, keyed, zone

AT_ONCE = 20_000
"""Changes that one fold takes; the next goes on."""
LOCK = 1_296_389_466
LONGEST_TERM = timedelta(days=400)
_ADD = """insert into reports_tally as tally (grain, dimension, starts_on, code, measure, count)
          select grain, dimension, starts_on, code, measure, n from ({}) more
              on conflict (grain, dimension, starts_on, code, measure)
              do update set count = tally.count + excluded.count"""
_ADD_CELLS = """insert into reports_cell_tally as tally (resolution, category, cell, state, count)
                select resolution, category, cell, state, n from ({}) more
                    on conflict (resolution, category, cell, state)
                    do update set count = tally.count + excluded.count"""
_TAKE = f"""
with gone as (delete from reports_change where id in (select id from reports_change order by id limit {AT_ONCE})
              returning *)
insert into reports_folding select * from gone"""
_REACH = """select min(least(filed_at, answered_at, closed_at, confirmed_at, reopened_at, said_at, due_on))::date,
                   max(greatest(filed_at, answered_at, closed_at, confirmed_at, reopened_at, said_at, due_on))::date
              from {}"""


def fold_changes() -> int:
    """Add what has changed to the sums; returns how many rows that were. Only one process folds at a time: another
    one finds nothing to do."""
    folded = 0
    while taken := _fold_some():
        folded += taken
    return folded


@transaction.atomic
def _fold_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from reports_change) and pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("create temp table if not exists reports_folding (like reports_change) on commit delete rows")
        cursor.execute(_TAKE)
        taken = cursor.rowcount
        cursor.execute(_REACH.format("reports_folding"))
        first, last = cursor.fetchone()
        if taken:
            values = {**zone(), **_calendar(first, last)}
            cursor.execute(_ADD.format(keyed("reports_folding")), values)
            cursor.execute(_ADD_CELLS.format(celled("reports_folding")), values)
            cursor.execute("truncate reports_folding")
    return int(taken)


def _calendar(first: date | None, last: date | None) -> dict[str, Any]:
    """One day more at both ends: the database's days are UTC's, the city's may differ."""
    day = timedelta(days=1)
    return calendar_of((first or NOW_DAY) - day, (last or NOW_DAY) + day)


@action(policy=may_count)
def recount_figures(actor: Actor) -> int:
    """Count all reports anew and put right what the sums say; returns how many of them were wrong.

    Takes some minutes for ten million reports, and disturbs nobody: what is wrong is found in one statement, which
    sees reports, sums and changes at one moment, and is then added like any other change.
    """
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
        cursor.execute(_REACH.format("reports_report").replace("said_at, ", ""))
        first, last = cursor.fetchone()
        today = city_today()
        values = {**zone(), **_calendar(min(first or today, today), max(last or today, today + LONGEST_TERM))}
        cursor.execute(f"create temp table reports_wrong_sums on commit drop as {_MISSING}", values)
        wrong = int(cursor.rowcount)
        cursor.execute(f"create temp table reports_wrong_cells on commit drop as {_MISSING_CELLS}", values)
        wrong += int(cursor.rowcount)
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_ADD.format("select * from reports_wrong_sums"))
        cursor.execute(_ADD_CELLS.format("select * from reports_wrong_cells"))
        cursor.execute("drop table reports_wrong_sums, reports_wrong_cells")
    record(FiguresRecounted(subject="figures:reports", wrong=wrong))
    return wrong


_MISSING = f"""
select grain, dimension, starts_on, code, measure, sum(n)::bigint as n
  from (select * from ({keyed(REPORTS)}) counted
         union all select grain, dimension, starts_on, code, measure, -count from reports_tally
         union all select grain, dimension, starts_on, code, measure, -n from ({keyed(CHANGES)}) changed) all_of_them
 group by 1, 2, 3, 4, 5 having sum(n) <> 0"""
_MISSING_CELLS = f"""
select resolution, category, cell, state, sum(n)::bigint as n
  from (select * from ({celled(REPORTS)}) counted
         union all select resolution, category, cell, state, -count from reports_cell_tally
         union all select resolution, category, cell, state, -n from ({celled(CHANGES)}) changed) all_of_them
 group by 1, 2, 3, 4 having sum(n) <> 0"""
