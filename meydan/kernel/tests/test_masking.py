"""What counts as a way to reach somebody."""

import pytest

from meydan.kernel.masking import MASK, mask_contacts


@pytest.mark.parametrize(
    "contact",
    [
        "aicha.b+city@example.org",
        "علي@مثال.إختبار",
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "+212 6 12-34-56-78",
        "+992 93 123 45 67",
        "00212612345678",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "٠٦١٢٣٤٥٦٧٨",
        "(213) 555-01234",
        "021-8888-7777",
        "05.11.2026 0612345678",
    ],
)
def test_contacts_are_taken_out(contact: str) -> None:
    assert mask_contacts(f"Call me: {contact}, after six.") == f"Call me: {MASK}, after six."


@pytest.mark.parametrize(
    "words",
    [
        "Lamp 4711 at number 12, since 2026-11-05",
        "On 05.11.2026 and 12-01-2026",
        "on 2026-11-05 14 times",
        "between 10 and 12, 3 to 4 m deep",
        "۱۴۰۵-۰۹-۰۴",
        "5 km @ the corner",
        "",
    ],
)
def test_other_words_stay(words: str) -> None:
    assert mask_contacts(words) == words
