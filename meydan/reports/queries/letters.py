"""Letters that came in: which of our cases one answers, and which were refused."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_noop

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand
from meydan.reports.models import Forward, Letter, Refusal, Report
from meydan.reports.policies import may_see_letters

TOKEN = re.compile(r"(?<![a-z0-9])([rf])([1-9][0-9]{0,17})-([0-9a-f]{20})(?![0-9a-f])", re.IGNORECASE)
MAX_TOKENS = 20
CUT = "≡≡≡"
"""Stands in the first line of our letters: what people answer stands above it."""
LETTERS_SHOWN = 50


def letter_token(report: Report) -> str:
    """What our letters about a report carry: who gives it back has had one of them. Not the key of the secret link."""
    return _signed("r", report.number, str(report.secret))


def forward_token(forward: Forward) -> str:
    """The same for a letter to another authority."""
    return _signed("f", forward.pk, forward.mark)


def _signed(kind: str, number: int, secret: str) -> str:
    mac = salted_hmac("meydan.reports.letter", f"{kind}{number}:{secret}", algorithm="sha256").hexdigest()
    return f"{kind}{number}-{mac[:20]}"


def answer_address(token: str) -> str:
    """The address whose letters are answers to the case of this token; "" where the city reads no mailbox."""
    mailbox = config().imap
    if mailbox is None:
        return ""
    name, _at, host = mailbox.address.partition("@")
    return f"{name}+{token}@{host}" if mailbox.plus else mailbox.address


def tokens_in(texts: Iterable[str]) -> tuple[str, ...]:
    """All that looks like a token of ours."""
    found = (match.group(0).lower() for text in texts for match in TOKEN.finditer(text[:4000]))
    return tuple(dict.fromkeys(found))[:MAX_TOKENS]


def case_of(tokens: Iterable[str]) -> Report | Forward | None:
    """The case whose letter is answered: a report by its reporter, a forward by the authority. None without a true
    token."""
    for token in tokens:
        match = TOKEN.fullmatch(token)
        found = _look_up(match.group(1), int(match.group(2))) if match else None
        if found is not None and constant_time_compare(_token_of(found), token):
            return found
    return None


def _look_up(kind: str, number: int) -> Report | Forward | None:
    if kind == "r":
        return Report.objects.select_related("reporter", "category").filter(pk=number).first()
    return Forward.objects.select_related("authority", "report").filter(pk=number).first()


def _token_of(case: Report | Forward) -> str:
    return letter_token(case) if isinstance(case, Report) else forward_token(case)


def is_written_by(case: Report | Forward, sender: str) -> bool:
    """Whether the letter's sender is whom the case's letters went to; of an authority, anybody in its house."""
    if isinstance(case, Report):
        own = {case.contact_email.lower(), (case.reporter.email or "").lower() if case.reporter else ""} - {""}
        return sender in own
    return _house(sender) == _house(case.authority.email)


def _house(address: str) -> str:
    """The part after the @; big mail houses, where anybody has an address, do not count as one."""
    host = address.lower().rpartition("@")[2]
    return address.lower() if host in _ANYBODYS else host


_ANYBODYS = frozenset(
    {
        *("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"),
        *("mail.ru", "yandex.ru", "gmx.net", "proton.me"),
    }
)


def count_letters(sender: str, *, hours: int = 1) -> int:
    """How many letters of a sender were looked at in the last hours, refused or not."""
    return Letter.objects.filter(sender=sender, at__gte=now() - timedelta(hours=hours)).count()


def list_refused(actor: Actor, *, reason: str = "", before: int | None = None) -> list[Letter]:
    """Refused letters, newest first, without what is written in them: at most `LETTERS_SHOWN` and one more."""
    demand(may_see_letters(actor), actor)
    rows = Letter.objects.exclude(refusal="").defer("text").order_by("-id")
    if reason in Refusal.values:
        rows = rows.filter(refusal=reason)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[: LETTERS_SHOWN + 1])


@dataclass(frozen=True)
class ShownLetter:
    """A refused letter with what is written in it."""

    letter: Letter
    persons: tuple[UUID, ...] = ()

    @property
    def subject(self) -> str:
        """The reference that the record of the look names."""
        return f"letter:{self.letter.pk}"


LETTER_SHOWN = gettext_noop("a letter that you sent")


@reveals(LETTER_SHOWN, persons=lambda one: one.persons, subject=lambda one: one.subject, always=lambda one: True)
def show_letter(actor: Actor, key: int) -> ShownLetter:
    """One refused letter. The look is recorded. Raises `NotFound`."""
    demand(may_see_letters(actor), actor)
    letter = Letter.objects.exclude(refusal="").filter(pk=key).first()
    if letter is None:
        raise NotFound
    return ShownLetter(letter)
