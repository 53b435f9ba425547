"""Words as searches compare them: pairs that somebody means the same by, and pairs that are other words."""

import pytest

from meydan.kernel.analyser import fold_words, search_query

SAME = [
    ("مكتبات", "المكتبة"),
    ("بلديات", "البلدية"),
    ("إدارة", "اداره"),
    ("مُستشفى", "مستشفي"),
    ("شهرداری", "شهرداري"),
    ("کتاب‌ها", "كتابها"),
    ("کتاب‌های", "کتاب"),
    ("۱۳۷", "137"),
    ("٢٠٢٦", "2026"),
    ("école", "Ecoles"),
    ("bibliothèques municipales", "bibliotheque municipale"),
    ("hôpitaux", "hopital"),
    ("œuvre", "oeuvres"),
    ("libraries", "LIBRARY"),
    ("services", "service"),
    ("шаҳр", "шахри"),
    ("китобҳо", "китоб"),
    ("мактабҳои", "мактаб"),
    ("Қӯрғон", "кургон"),
]
OTHER = [("علم", "عمل"), ("ville", "vile cite"), ("bus", "but"), ("باغ", "باز"), ("шаҳр", "шеър")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_word_however_it_is_written(one: str, other: str) -> None:
    assert fold_words(one) == fold_words(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert fold_words(one) != fold_words(other)


@pytest.mark.parametrize(
    "text", ["", "  ", "'; drop table x", "a'b\\c", "x" * 500, "\u200c\u200c", "👍 ok", "a & b | !c:*"]
)
def test_whatever_is_typed_makes_a_sound_query(text: str) -> None:
    words = fold_words(text)
    assert all(word.isalnum() and len(word) <= 60 for word in words)
    assert search_query(words, growing=True).count("'") == 2 * len(words)
