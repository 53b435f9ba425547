"""People ask whoever got something of their ID to delete it, or report them; and get an answer."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from meydan.identity.facts import DeletionAsked, PartyReported, WishAnswered
from meydan.identity.models import RelyingParty, Wish
from meydan.identity.models.wishes import ANSWERS, DELETION, REPORT
from meydan.identity.policies import may_answer_wishes, may_use_own_identity
from meydan.identity.queries.wishes import lock_party_of, lock_wish, own_holder
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record


@action_on(lock_party_of, policy=lambda actor, _party: may_use_own_identity(actor))
def ask_deletion(actor: Actor, party: RelyingParty) -> Wish:
    """Ask a relying party to delete what it got of the actor. Raises `Conflict` while an earlier wish waits."""
    wish = _make(actor, party, DELETION)
    record(DeletionAsked(subject=wish.reference, persons=(wish.person_id,), party=party.code, name=party.name))
    return wish


@action_on(lock_party_of, policy=lambda actor, _party: may_use_own_identity(actor))
def report_party(actor: Actor, party: RelyingParty, *, words: str) -> Wish:
    """Tell the city's administrators what is wrong with a relying party. Raises `Conflict` while an earlier report
    waits."""
    wish = _make(actor, party, REPORT, words)
    record(PartyReported(subject=wish.reference, persons=(wish.person_id,), party=party.code, name=party.name))
    return wish


def _make(actor: Actor, party: RelyingParty, kind: str, words: str = "") -> Wish:
    if Wish.objects.filter(person=actor.person_id, party=party, kind=kind, answered_at=None).exists():
        raise Conflict(_("You have said so already, and it has not been answered yet."))
    holder = own_holder(actor, party.code)
    if actor.person_id is None:  # the policy has asked; for the checker of types
        raise Conflict
    return Wish.objects.create(
        kind=kind,
        person_id=actor.person_id,
        party=party,
        times=list(holder.times),
        claims=list(holder.claims),
        words=words,
        made_at=now(),
    )


@action_on(lock_wish, policy=lambda actor, _wish: may_answer_wishes(actor))
def answer_wish(actor: Actor, wish: Wish, *, answer: str, reply: str = "") -> Wish:
    """Say what was done about it. Raises `Conflict` when somebody else was quicker, and `Invalid` for an answer that is
    none to this, or for keeping it without a reason."""
    if wish.answered_at is not None:
        raise Conflict(_("This was answered already."))
    if answer not in ANSWERS[wish.kind]:
        raise Invalid(fields={"answer": _("Choose one of the answers.")})
    if answer != "deleted" and not reply:
        raise Invalid(fields={"reply": _("Write why: the person reads it.")})
    wish.answered_at, wish.answer, wish.reply = now(), answer, reply
    wish.save(update_fields=["answered_at", "answer", "reply"])
    party, persons = wish.party, (wish.person_id,)
    record(WishAnswered(subject=wish.reference, persons=persons, party=party.code, name=party.name, answer=answer))
    return wish


def forget_wishes(before: datetime) -> None:
    """Housekeeping: what was answered long ago."""
    Wish.objects.filter(answered_at__lt=before).delete()
