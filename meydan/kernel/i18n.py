"""Languages, and the way each of them writes dates, moments, numbers and terms.

Arabic is Moroccan (CLDR `ar_MA`: Latin digits), English is written with the day before the month, Persian uses the
Solar Hijri calendar and its own digits. Tajik dates are put together here: CLDR capitalises its months and weekdays,
and lacks the ending that a month takes before a year.
"""

import threading
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from math import ceil
from typing import Any

import jdatetime
from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, trans_real

LANGUAGES: dict[str, str] = {"ar": "العربية", "fr": "Français", "en": "English", "fa": "فارسی", "tg": "Тоҷикӣ"}
"""Code (BCP 47) -> the language's own name, in the order of the switcher."""

RIGHT_TO_LEFT = frozenset({"ar", "fa"})
_LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB", "fa": "fa", "tg": "tg"}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_TAJIK_MONTHS = (
    ("январ", "январи"),
    ("феврал", "феврали"),
    ("март", "марти"),
    ("апрел", "апрели"),
    ("май", "майи"),
    ("июн", "июни"),
    ("июл", "июли"),
    ("август", "августи"),
    ("сентябр", "сентябри"),
    ("октябр", "октябри"),
    ("ноябр", "ноябри"),
    ("декабр", "декабри"),
)
_TAJIK_DAYS = ("душанбе", "сешанбе", "чоршанбе", "панҷшанбе", "ҷумъа", "шанбе", "якшанбе")

# Django keeps the active language where coroutines find it too: 4 µs for each of the eighty looks that a page takes.
# One request of ours is one thread.
trans_real._active = threading.local()  # type: ignore[attr-defined]  # no public name
timezone._active = threading.local()  # type: ignore[attr-defined]  # the same, of the time zone

_look_up = trans_real.gettext


@lru_cache(maxsize=8192, typed=True)
def _translated(_language: str | None, message: str) -> str:
    return _look_up(message)


def _gettext(message: str) -> str:
    """Django's, remembered for each language: it walks through the catalogues of all domains, 3 µs a word, and a page
    that is made in Python says some twenty."""
    return _translated(get_language(), message)


trans_real.gettext = _gettext


def current_language() -> str:
    """The code of the language that is being spoken now; English when none of ours is active."""
    return _ours(get_language())


@lru_cache(maxsize=64)
def _ours(tag: str | None) -> str:
    code = (tag or "en").split("-")[0]
    return code if code in LANGUAGES else "en"


def direction(language: str | None = None) -> str:
    """`rtl` or `ltr`, for the `dir` attribute."""
    return "rtl" if (language or current_language()) in RIGHT_TO_LEFT else "ltr"


def text_of(texts: Mapping[Any, str], language: str | None = None) -> str:
    """A city's text in the reader's language, else English, else whatever there is; empty when there is nothing."""
    for code in (language or current_language(), "en"):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, "en_GB"))


def local_digits(text: str, language: str | None = None) -> str:
    """The text with its digits as the language writes them."""
    return text.translate(_PERSIAN_DIGITS) if (language or current_language()) == "fa" else text


def format_number(number: float, digits: int | None = None, language: str | None = None) -> str:
    """1234.5 as the language writes it. `digits`: so many decimals at most; None leaves it to the language (3)."""
    return _written(number, digits, language or current_language())


@lru_cache(maxsize=8192)
def _written(number: float, digits: int | None, language: str) -> str:
    """Remembered: pages of figures write hundreds of numbers, and mostly the same ones."""
    if language == "fa":
        return _persian_number(number, digits)
    pattern = None if digits is None else "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(number, format=pattern, locale=_locale(language))


def _persian_number(number: float, digits: int | None) -> str:
    pattern = "#,##0" + ("." + "#" * (3 if digits is None else digits) if digits != 0 else "")
    plain = format_decimal(number, format=pattern, locale="en")
    return plain.replace(",", "٬").replace(".", "٫").translate(_PERSIAN_DIGITS)


def _day_of(value: date) -> date:
    """The calendar day in the city's time zone; naive moments are refused, they have no day."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date()
    return value


def format_date(
    value: date, *, weekday: bool = False, year: bool = True, short: bool = False, language: str | None = None
) -> str:
    """A day: "26 November 2026"; with `weekday` "Thursday 26 November 2026"; `short`, for tables, "26 Nov 2026"."""
    return _date_in(language or current_language(), _day_of(value), weekday=weekday, year=year, short=short)


@lru_cache(maxsize=4096)
def _date_in(language: str, day: date, *, weekday: bool, year: bool, short: bool) -> str:
    """Remembered: pages say the same days again and again."""
    if language == "fa":
        return _persian_date(day, weekday=weekday, year=year)
    if language == "tg":
        return _tajik_date(day, weekday=weekday, year=year)
    month = "MMM" if short else "MMMM"
    pattern = ("EEEE " if weekday else "") + f"d {month}" + (" y" if year else "")
    return babel_date(day, format=pattern, locale=_locale(language))


def _persian_date(day: date, *, weekday: bool, year: bool) -> str:
    solar = jdatetime.date.fromgregorian(date=day)
    name = jdatetime.date.j_weekdays_fa[solar.weekday()]
    parts = [name] if weekday else []
    parts += [str(solar.day), jdatetime.date.j_months_fa[solar.month - 1]]
    parts += [str(solar.year)] if year else []
    return " ".join(parts).translate(_PERSIAN_DIGITS)


def _tajik_date(day: date, *, weekday: bool, year: bool) -> str:
    month = _TAJIK_MONTHS[day.month - 1][1 if year else 0]
    start = f"{_TAJIK_DAYS[day.weekday()]}, " if weekday else ""
    return f"{start}{day.day} {month}" + (f" {day.year}" if year else "")


def format_time(value: datetime, language: str | None = None) -> str:
    """Write "14:05" in the city's time zone: all our languages read the 24-hour clock."""
    return local_digits(timezone.localtime(value).strftime("%H:%M"), language)


def format_moment(value: datetime, language: str | None = None) -> str:
    """Write "26 November 2026, 14:05" in the city's time zone."""
    tongue, local = language or current_language(), timezone.localtime(value)
    comma = "،" if tongue in RIGHT_TO_LEFT else ","
    day = _date_in(tongue, local.date(), weekday=False, year=True, short=False)
    return f"{day}{comma} {local_digits(f'{local.hour:02}:{local.minute:02}', tongue)}"


def format_days(days: int, *, working: bool = False) -> str:
    """Write "3 days" or "3 working days", in the active language."""
    if working:
        sentence = ngettext("%(number)s working day", "%(number)s working days", days)
    else:
        sentence = ngettext("%(number)s day", "%(number)s days", days)
    return sentence % {"number": format_number(days)}


def format_wait(seconds: int) -> str:
    """Write a short wait: "40 seconds", "5 minutes", "2 hours", rounded up so that nobody comes back too early."""
    if seconds < 60:
        sentence, number = ngettext("%(number)s second", "%(number)s seconds", seconds), seconds
    elif seconds < 3600:
        number = ceil(seconds / 60)
        sentence = ngettext("%(number)s minute", "%(number)s minutes", number)
    else:
        number = ceil(seconds / 3600)
        sentence = ngettext("%(number)s hour", "%(number)s hours", number)
    return sentence % {"number": format_number(number)}


def format_due(due: date, working_days: int) -> str:
    """A term as people say it: "in 3 working days, by Thursday 26 November".

    `working_days`: from today to `due`, negative when it has passed (`kernel.clock.count_working_days`).
    """
    day = format_date(due, weekday=True, year=False)
    if working_days < 0:
        return gettext("%(days)s late, it was due on %(day)s") % {
            "days": format_days(-working_days, working=True),
            "day": day,
        }
    if working_days == 0:
        return gettext("today, %(day)s") % {"day": day}
    return gettext("in %(days)s, by %(day)s") % {"days": format_days(working_days, working=True), "day": day}


def format_ago(value: datetime, now: datetime) -> str:
    """How long ago, for timelines: "just now", "5 minutes ago", "2 hours ago", then days, then the date."""
    seconds = int((now - value).total_seconds())
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        minutes = seconds // 60
        return ngettext("%(number)s minute ago", "%(number)s minutes ago", minutes) % {"number": format_number(minutes)}
    if seconds < 86_400:
        hours = seconds // 3600
        return ngettext("%(number)s hour ago", "%(number)s hours ago", hours) % {"number": format_number(hours)}
    days = seconds // 86_400
    if days <= 7:
        return ngettext("%(number)s day ago", "%(number)s days ago", days) % {"number": format_number(days)}
    return format_date(value)
