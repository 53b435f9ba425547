"""The city's own weeks, months, quarters and years, for sums over time.

A week begins on the first day after the city's weekend; months and years are those that the city's country lives by:
the Solar Hijri calendar in Iran and Afghanistan, the Gregorian one elsewhere. How a *reader* sees a date is i18n's.
"""

from datetime import date, timedelta
from enum import StrEnum

import jdatetime

from meydan.kernel.city import this_city

SOLAR_HIJRI_COUNTRIES = ("AF", "IR")
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


class Period(StrEnum):
    """A part of the calendar."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def period_start(day: date, period: Period) -> date:
    """The first day of the week, month, quarter or year in which this day lies."""
    if period is Period.WEEK:
        return day - timedelta(days=(day.weekday() - _first_weekday()) % 7)
    year, month = _year_and_month(day)
    months = MONTHS_OF[period]
    return _first_of(year, (month - 1) // months * months + 1)


def next_start(start: date, period: Period) -> date:
    """The first day after the period that starts on this day."""
    longest = {Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 93, Period.YEAR: 366}
    return start + timedelta(days=7) if period is Period.WEEK else period_start(start + _days(longest[period]), period)


def earlier_starts(start: date, period: Period, count: int) -> list[date]:
    """The starts of the last `count` periods, the oldest first; the last one is `start` itself."""
    starts = [start]
    while len(starts) < count:
        starts.append(period_start(starts[-1] - timedelta(days=1), period))
    return starts[::-1]


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def _first_weekday() -> int:
    """Monday is 0. Without a weekend weeks begin on Monday."""
    off = this_city().days_off
    return next((day for day in range(7) if day not in off and (day - 1) % 7 in off), 0)


def _is_solar_hijri() -> bool:
    return this_city().country in SOLAR_HIJRI_COUNTRIES


def _year_and_month(day: date) -> tuple[int, int]:
    local = jdatetime.date.fromgregorian(date=day) if _is_solar_hijri() else day
    return local.year, local.month


def _first_of(year: int, month: int) -> date:
    if not _is_solar_hijri():
        return date(year, month, 1)
    found: date = jdatetime.date(year, month, 1).togregorian()
    return found
