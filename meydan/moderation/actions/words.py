"""What is written beside a decision."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from meydan.kernel.errors import Invalid
from meydan.moderation.models import MAX_EVIDENCE, MAX_TITLE, MAX_WORDS
from meydan.moderation.queries import known_codes


def need_words(words: str, name: str) -> str:
    """The words, bounded. Raises `Invalid` at this field when there are none, or too many."""
    words = words.strip()
    if not words:
        raise Invalid(fields={name: _("Write a few words, so that the other side understands.")})
    if len(words) > MAX_WORDS:
        raise Invalid(fields={name: _("Shorten this to at most %(most)s characters.") % {"most": MAX_WORDS}})
    return words


def need_rules(codes: Iterable[str]) -> list[str]:
    """Those of the charter in force. Raises `Invalid` when one of them is not."""
    wanted = set(codes)
    known = known_codes(wanted)
    if len(known) != len(wanted):
        raise Invalid(fields={"rules": _("The charter has changed meanwhile. Choose its rules again.")})
    return known


def evidence_of(title: str, text: str) -> dict[str, str]:
    """What a thing said, as it is kept for an appeal."""
    return {"title": title[:MAX_TITLE], "text": text[:MAX_EVIDENCE]}
