"""The time, and days on which the city works. Tests put their own hand on `now`."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

WEEKEND = frozenset({5, 6})


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def working_days(start: date, *, weekend: Collection[int] = WEEKEND, holidays: Collection[date] = ()) -> Iterator[date]:
    """The working days after `start`, without end. Weekdays count Monday as 0."""
    day = start
    while True:
        day += timedelta(days=1)
        if day.weekday() not in weekend and day not in holidays:
            yield day


def add_working_days(
    start: date, days: int, *, weekend: Collection[int] = WEEKEND, holidays: Collection[date] = ()
) -> date:
    """The date `days` working days after `start`; `start` itself for 0. ValueError when the week has no working day."""
    if len(set(weekend)) >= 7:
        raise ValueError("a week needs at least one working day")
    ahead = working_days(start, weekend=weekend, holidays=holidays)
    return start if days <= 0 else next(islice(ahead, days - 1, None))


def count_working_days(
    start: date, end: date, *, weekend: Collection[int] = WEEKEND, holidays: Collection[date] = ()
) -> int:
    """Working days after `start` up to and including `end`; negative when `end` lies before `start`."""
    if end < start:
        return -count_working_days(end, start, weekend=weekend, holidays=holidays)
    weeks, days = divmod((end - start).days, 7)
    rest = (start + timedelta(days=step) for step in range(1, days + 1))
    off = sum(1 for day in holidays if start < day <= end and day.weekday() not in weekend)
    return weeks * (7 - len(set(weekend))) + sum(1 for day in rest if day.weekday() not in weekend) - off
