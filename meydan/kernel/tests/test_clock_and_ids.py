"""Working days by the city's calendar, and identifiers that sort by time."""

from datetime import date

import pytest

from meydan.kernel.clock import add_working_days, count_working_days
from meydan.kernel.ids import uuid7

FRIDAY = date(2026, 11, 20)
IRANIAN_WEEKEND = {3, 4}


def test_a_weekend_and_a_holiday_do_not_count() -> None:
    assert add_working_days(FRIDAY, 1) == date(2026, 11, 23)
    assert add_working_days(FRIDAY, 1, holidays={date(2026, 11, 23)}) == date(2026, 11, 24)
    assert add_working_days(FRIDAY, 1, weekend=IRANIAN_WEEKEND) == date(2026, 11, 21)
    assert add_working_days(FRIDAY, 0) == FRIDAY


def test_counting_is_the_reverse_of_adding() -> None:
    for days in range(30):
        assert count_working_days(FRIDAY, add_working_days(FRIDAY, days)) == days
    assert count_working_days(date(2026, 11, 24), FRIDAY) == -2


def test_a_week_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="working day"):
        add_working_days(FRIDAY, 1, weekend=range(7))


def test_ids_are_version_7_and_sort_by_time() -> None:
    made = [uuid7() for _ in range(100)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)
