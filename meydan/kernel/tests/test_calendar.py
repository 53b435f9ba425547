"""The city's own weeks and months, also where they are not the Gregorian ones."""

from collections.abc import Iterator
from datetime import date

import pytest

from meydan.kernel import calendar
from meydan.kernel.calendar import Period, earlier_starts, next_start, period_start
from meydan.kernel.city import CityFile

DAY = date(2026, 11, 25)  # a Wednesday, 4 Azar 1405


def city(country: str, *weekend: str) -> CityFile:
    centre = {"lat": 33.5, "lon": -7.6}
    given = {"name": {"en": "Here"}, "time_zone": "UTC", "country": country, "languages": ["en"], "centre": centre}
    return CityFile.model_validate({**given, "weekend": list(weekend)})


@pytest.fixture
def _in_mashhad(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(calendar, "this_city", lambda: city("IR", "thursday", "friday"))
    yield


@pytest.mark.parametrize(
    ("period", "start", "following"),
    [
        (Period.WEEK, date(2026, 11, 23), date(2026, 11, 30)),
        (Period.MONTH, date(2026, 11, 1), date(2026, 12, 1)),
        (Period.QUARTER, date(2026, 10, 1), date(2027, 1, 1)),
        (Period.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_in_casablanca(period: Period, start: date, following: date) -> None:
    assert (period_start(DAY, period), next_start(start, period)) == (start, following)


@pytest.mark.usefixtures("_in_mashhad")
@pytest.mark.parametrize(
    ("period", "start", "following"),
    [
        (Period.WEEK, date(2026, 11, 21), date(2026, 11, 28)),
        (Period.MONTH, date(2026, 11, 22), date(2026, 12, 22)),
        (Period.QUARTER, date(2026, 9, 23), date(2026, 12, 22)),
        (Period.YEAR, date(2026, 3, 21), date(2027, 3, 21)),
    ],
)
def test_in_mashhad(period: Period, start: date, following: date) -> None:
    assert (period_start(DAY, period), next_start(start, period)) == (start, following)


@pytest.mark.parametrize("period", list(Period))
def test_periods_follow_each_other_without_a_gap(period: Period) -> None:
    starts = earlier_starts(period_start(DAY, period), period, 30)
    assert [next_start(start, period) for start in starts[:-1]] == starts[1:]
