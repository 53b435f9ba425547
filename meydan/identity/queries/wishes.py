"""Who got something of a person's ID, what the person asks of them, and who is to answer that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from meydan.identity.models import RelyingParty, Wish
from meydan.identity.models.wishes import DELETION, MOST_TIMES
from meydan.identity.policies import may_answer_wishes, may_use_own_identity
from meydan.identity.queries.cards import labels_of
from meydan.identity.queries.consents import MOST, own_consents
from meydan.identity.queries.sign_ins import subject_for
from meydan.kernel.actor import Actor, Role
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

LEARNED = ("shown", "match", "no_match", "signed_in")
"""Outcomes after which somebody holds something."""
MOST_WISHES = 200


@dataclass(frozen=True)
class Holder:
    """A relying party that got something of a person: when, the latest first, and the names of what it was."""

    code: str
    name: str
    times: tuple[datetime, ...]
    claims: tuple[str, ...]
    wishes: tuple[Wish, ...] = ()

    @property
    def labels(self) -> list[str]:
        """What it was, in the reader's language."""
        return labels_of(self.claims)

    @property
    def waiting(self) -> set[str]:
        """The kinds of wishes that have no answer yet: of each there is one at a time."""
        return {wish.kind for wish in self.wishes if wish.answered_at is None}


def own_holders(actor: Actor) -> list[Holder]:
    """Those of the actor, whoever got something last first, with what was asked of them. Raises `SignInFirst`."""
    times: dict[str, list[datetime]] = {}
    claims: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for one in own_consents(actor, limit=MOST):
        if one.outcome in LEARNED:
            times.setdefault(one.party, []).append(one.at)
            claims.setdefault(one.party, {}).update(dict.fromkeys(one.claims))
            names.setdefault(one.party, one.name)
    wishes = own_wishes(actor)
    return [
        Holder(
            code,
            names[code],
            tuple(moments[:MOST_TIMES]),
            tuple(claims[code]),
            tuple(wish for wish in wishes if wish.party.code == code),
        )
        for code, moments in times.items()
    ]


def own_holder(actor: Actor, code: str) -> Holder:
    """One of them. Raises `SignInFirst`, `NotFound`."""
    found = next((one for one in own_holders(actor) if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def own_wishes(actor: Actor) -> list[Wish]:
    """What the actor has asked, the newest first. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    rows = Wish.objects.filter(person=actor.person_id).select_related("party")
    return list(rows.order_by("-made_at")[:MOST_WISHES])


def lock_party_of(actor: Actor, code: str) -> RelyingParty:
    """A relying party that got something of the actor, locked, so that one wish is made at a time. Raises
    `SignInFirst`, `NotFound`."""
    own_holder(actor, code)
    party = RelyingParty.objects.select_for_update().filter(code=code).first()
    if party is None:
        raise NotFound
    return party


@dataclass(frozen=True)
class ToAnswer:
    """A wish as whoever answers it sees it: who it is about is not told. `subject`: the number that stands for the
    person there, where people sign in there."""

    wish: Wish
    subject: str

    @property
    def labels(self) -> list[str]:
        """What was shown, in the reader's language."""
        return labels_of(self.wish.claims)


def wishes_to_answer(actor: Actor) -> list[ToAnswer]:
    """What waits for the actor's answer, the oldest first: all of it for administrators; for a clerk what is asked of
    the parties that they ask for. Raises `SignInFirst`, `Refused`."""
    demand(may_answer_wishes(actor), actor)
    rows = _answerable(actor).filter(answered_at=None).order_by("made_at")
    return [ToAnswer(row, _subject(row)) for row in rows[:MOST_WISHES]]


def count_to_answer(actor: Actor) -> int:
    """How many."""
    return _answerable(actor).filter(answered_at=None).count() if may_answer_wishes(actor) else 0


def lock_wish(actor: Actor, key: UUID) -> Wish:
    """One that the actor may answer, locked. Raises `SignInFirst`, `Refused`, `NotFound`."""
    demand(may_answer_wishes(actor), actor)
    row = _answerable(actor).select_for_update(of=["self"]).filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


def _answerable(actor: Actor) -> "QuerySet[Wish]":
    rows = Wish.objects.select_related("party")
    if actor.has(Role.ADMIN):
        return rows
    mine = RelyingParty.objects.filter(clerks__person=actor.person_id).values("pk")
    return rows.filter(kind=DELETION, party__in=mine)


def _subject(row: Wish) -> str:
    return subject_for(row.party, row.person_id) if row.party.redirects else ""


def told_of(wishes: Sequence[Wish]) -> list[dict[str, object]]:
    """For the export of one's data."""
    return [
        {"at": one.made_at, "asked": one.kind, "of": one.party.name, "words": one.words, "answer": one.answer}
        for one in wishes
    ]
