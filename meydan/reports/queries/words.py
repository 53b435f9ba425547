"""Words as searches compare them, and lists narrowed to what somebody looks for."""

import unicodedata

from django.db.models import Q, QuerySet

from meydan.reports.models import OPEN, Filter, Report
from meydan.reports.queries.labels import labels

MAX_WORDS = 6


_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})


def searchable(text: str) -> str:
    """A text as searches compare it: without case, vowel signs and the differences between Arabic and Persian keys."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def narrow_public(wanted: Filter) -> QuerySet[Report]:
    """Public reports that fit the filter. Where the place is published only roughly, the words of its address do not
    find it either: who could guess the address word by word would know it."""
    rows, coarse = narrow(Report.objects.filter(public=True), wanted), labels().coarse
    if coarse and wanted.street:
        rows = rows.exclude(category__in=coarse)
    if coarse:
        for word in wanted.words.split()[:MAX_WORDS]:
            told = ~Q(category__in=coarse) | Q(description__icontains=word)
            rows = rows.filter(told | Q(number=int(word)) if word.isdecimal() else told)
    return rows


def _with_words(rows: QuerySet[Report], words: str) -> QuerySet[Report]:
    for word in searchable(words).split()[:MAX_WORDS]:
        said = Q(search_text__contains=word)
        rows = rows.filter(said | Q(number=int(word)) if word.isdecimal() else said)
    return rows


def narrow(rows: QuerySet[Report], wanted: Filter) -> QuerySet[Report]:
    """The rows that fit the filter."""
    if wanted.state == "open":
        rows = rows.filter(state__in=OPEN)
    elif wanted.state == "closed":
        rows = rows.exclude(state__in=OPEN)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.district:
        rows = rows.filter(district_id=wanted.district)
    for word in wanted.street.split()[:MAX_WORDS]:  # the first condition has the index, the second is exact
        rows = rows.filter(search_text__contains=searchable(word), address__icontains=word)
    return _with_words(rows, wanted.words) if wanted.words else rows
