"""The public figures."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.reports.models import OPEN

FIGURES_SECONDS = 10
"""How long a process may go on with the labels and the public figures that it has read."""


@dataclass(frozen=True)
class Figures:
    """What everybody may know of how the city does. The pair is (report, picture before, picture after), or None."""

    confirmed_this_week: int
    claimed: int
    median_days_to_answer: float | None
    open: int
    overdue: int
    pair: tuple[int, int, int] | None


_FIGURES = """
select (select count(*) from reports_report where confirmed_at > %(week)s),
       (select count(*) from reports_report where state = 'solved'),
       (select percentile_cont(0.5) within group (order by extract(epoch from answered_at - filed_at) / 86400.0)
          from reports_report where answered_at > %(month)s),
       count(*), count(*) filter (where due_on < coalesce(paused_on, %(today)s))
  from reports_report where state = any(%(open)s)
"""
_PAIR = """
with shown as not materialized (select * from reports_photo where public and looking = 'checked')
select report.number, (select min(id) from shown where report_id = report.number and kind = 'before'), after.id
  from shown after join reports_report report on report.number = after.report_id
 where after.kind = 'after' and report.public and report.state in ('solved', 'confirmed')
   and exists (select from shown where report_id = report.number and kind = 'before')
 order by after.id desc limit 1
"""


def public_figures(actor: Actor) -> Figures:
    """The public figures, as read at most `FIGURES_SECONDS` ago. Weeks are the last 7 days; the median is over the
    answers of the last 30 days, in days."""
    return _figures(int(time.monotonic() // FIGURES_SECONDS))


def forget_figures() -> None:
    """Read them anew at the next request of this process."""
    _figures.cache_clear()


@lru_cache(maxsize=1)
def _figures(_moment: int) -> Figures:
    return read_figures(now())


def read_figures(moment: datetime) -> Figures:
    """The public figures at this moment, from the database."""
    values: dict[str, Any] = {
        "week": moment - timedelta(days=7),
        "month": moment - timedelta(days=30),
        "today": timezone.localtime(moment).date(),
        "open": [str(state) for state in OPEN],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        confirmed, claimed, median, open_now, overdue = cursor.fetchone()
        cursor.execute(_PAIR)
        pair = cursor.fetchone()
    return Figures(confirmed, claimed, None if median is None else float(median), open_now, overdue, pair)
