"""Dates, numbers and terms as each language writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from meydan.kernel import i18n

DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("language", "long", "full"),
    [
        ("ar", "26 نونبر 2026", "الخميس 26 نونبر 2026"),
        ("fr", "26 novembre 2026", "jeudi 26 novembre 2026"),
        ("en", "26 November 2026", "Thursday 26 November 2026"),
        ("fa", "۵ آذر ۱۴۰۵", "پنج‌شنبه ۵ آذر ۱۴۰۵"),
        ("tg", "26 ноябри 2026", "панҷшанбе, 26 ноябри 2026"),
    ],
)
def test_dates(language: str, long: str, full: str) -> None:
    assert i18n.format_date(DAY, language=language) == long
    assert i18n.format_date(DAY, weekday=True, language=language) == full


@pytest.mark.parametrize(
    ("gregorian", "solar"),
    [
        (date(2026, 3, 21), "۱ فروردین ۱۴۰۵"),
        (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳"),  # a leap year ends
        (date(2026, 9, 22), "۳۱ شهریور ۱۴۰۵"),
        (date(2027, 1, 1), "۱۱ دی ۱۴۰۵"),
    ],
)
def test_solar_hijri(gregorian: date, solar: str) -> None:
    assert i18n.format_date(gregorian, language="fa") == solar


def test_a_week_of_persian_and_tajik_days() -> None:
    monday = date(2026, 11, 23)
    week = [monday + timedelta(days=step) for step in range(7)]
    persian = [i18n.format_date(day, weekday=True, language="fa").split()[0] for day in week]
    assert persian == ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یک‌شنبه"]
    tajik = [i18n.format_date(day, weekday=True, language="tg").split(",")[0] for day in week]
    assert tajik == ["душанбе", "сешанбе", "чоршанбе", "панҷшанбе", "ҷумъа", "шанбе", "якшанбе"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("ar", "1.234,5"), ("fr", "1\u202f234,5"), ("en", "1,234.5"), ("fa", "۱٬۲۳۴٫۵"), ("tg", "1\xa0234,5")],
)
def test_numbers(language: str, text: str) -> None:
    assert i18n.format_number(1234.5, language=language) == text


def test_a_moment_is_in_the_citys_time() -> None:
    with timezone.override("Asia/Dushanbe"):
        assert i18n.format_moment(datetime(2026, 11, 26, 23, 30, tzinfo=UTC), "en") == "27 November 2026, 04:30"


@pytest.mark.parametrize(
    ("language", "days", "text"),
    [
        ("en", 3, "in 3 working days, by Thursday 26 November"),
        ("en", 1, "in 1 working day, by Thursday 26 November"),
        ("en", 0, "today, Thursday 26 November"),
        ("en", -2, "2 working days late, it was due on Thursday 26 November"),
        ("ar", 2, "خلال يومَي عمل، إلى غاية الخميس 26 نونبر"),
        ("ar", 3, "خلال 3 أيام عمل، إلى غاية الخميس 26 نونبر"),
        ("ar", 11, "خلال 11 يوم عمل، إلى غاية الخميس 26 نونبر"),
        ("fr", 3, "dans 3 jours ouvrés, au plus tard le jeudi 26 novembre"),
        ("fa", 3, "تا ۳ روز کاری دیگر، حداکثر پنج‌شنبه ۵ آذر"),
        ("tg", 3, "дар 3 рӯзи корӣ, то панҷшанбе, 26 ноябр"),
    ],
)
def test_terms_as_people_say_them(language: str, days: int, text: str) -> None:
    with translation.override(language):
        assert i18n.format_due(DAY, days) == text


def test_ago() -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    with translation.override("en"):
        ages = (30, 60, 3 * 3600, 86_400, 7 * 86_400, 8 * 86_400)
        said = [i18n.format_ago(now - timedelta(seconds=age), now) for age in ages]
    assert said == ["just now", "1 minute ago", "3 hours ago", "1 day ago", "7 days ago", "18 November 2026"]


def test_waits_are_rounded_up() -> None:
    with translation.override("en"):
        assert [i18n.format_wait(seconds) for seconds in (1, 61, 3601)] == ["1 second", "2 minutes", "2 hours"]


def test_text_of_falls_back() -> None:
    assert i18n.text_of({"ar": "ا", "en": "a"}, "ar") == "ا"
    assert i18n.text_of({"en": "a"}, "tg") == "a"
    assert i18n.text_of({"fr": "a"}, "tg") == "a"
    assert i18n.text_of({}, "tg") == ""


def test_directions() -> None:
    assert [i18n.direction(code) for code in i18n.LANGUAGES] == ["rtl", "ltr", "ltr", "rtl", "ltr"]
