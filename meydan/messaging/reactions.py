"""What happens to an account, or is decided about a message, happens in the messenger too.

To its devices it happens at once, in the very transaction: there is nothing to react to. But every process loads this
module, and with it accounts learns whom to call (`actions.letting_in`)."""

from contextlib import suppress

from django.db import transaction

from meydan.accounts.facts import ProfileChanged
from meydan.identity.public import ALARMS
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import Fact, StoredFact
from meydan.kernel.jobs import job, periodic
from meydan.kernel.reactions import reacts_to, reacts_to_stored
from meydan.messaging.actions.cases import take_message
from meydan.messaging.actions.forgetting import (
    forget_errands,
    forget_links,
    forget_media,
    forget_messages,
    forget_presence,
    forget_to_device,
)
from meydan.messaging.actions.informing import answer_who_told, tell_of_identity, tell_what_was_decided
from meydan.messaging.actions.letting_in import Devices, Tokens
from meydan.messaging.actions.moderating import carry_out_decision
from meydan.messaging.actions.posting import post_errand
from meydan.messaging.queries.cases import names_in_messenger
from meydan.moderation.facts import (
    AppealAnswered,
    ReviewApproved,
    ReviewRefused,
    ReviewSentBack,
    SenderBlocked,
    SenderWarned,
    ThingKept,
    ThingTakenOff,
)
from meydan.moderation.public import (
    Letter,
    answer_letters,
    decision_letter,
    review_letter,
    sanction_letter,
    second_look_letter,
    words_of,
)

__all__ = ["Devices", "Tokens"]


@reacts_to_stored(ProfileChanged)
def rename_in_rooms(stored: StoredFact) -> None:
    """Who is called otherwise on the pages is so in every room."""
    if isinstance(stored.fact, ProfileChanged) and "name" in stored.fact.fields:
        for user_id in names_in_messenger(stored.fact.persons):
            post_errand(f"renew/{stored.id}/{user_id}", "renew", {"person": user_id})


@reacts_to(ThingTakenOff)
def take_off(fact: ThingTakenOff) -> None:
    """A moderator has decided, and said why."""
    if fact.subject.partition(":")[0] in ("message", "room", "member"):
        carry_out_decision(SYSTEM, subject=fact.subject, words=words_of(fact.decision))


@reacts_to_stored(
    ReviewApproved,
    ReviewSentBack,
    ReviewRefused,
    ThingTakenOff,
    AppealAnswered,
    SenderBlocked,
    SenderWarned,
    alone=True,
)
def tell_in_inbox(stored: StoredFact) -> None:
    """What a moderator has decided, with the reason, comes into the inbox of whom it is about."""
    letter = _letter_about(stored.fact)
    if letter is not None and letter.person is not None:
        tell_what_was_decided(SYSTEM, letter=letter, fact=type(stored.fact), once=str(stored.id))


@reacts_to_stored(ThingKept, ThingTakenOff, alone=True)
def answer_in_inbox(stored: StoredFact) -> None:
    """Whoever has told the moderators of something reads their answer in the inbox, whichever client they told it
    with. Always in the same order of persons: each locks its own conversation."""
    if isinstance(stored.fact, ThingKept | ThingTakenOff):
        told = {str(letter.person.pk): letter for letter in answer_letters(stored.fact.decision) if letter.person}
        for person, letter in sorted(told.items()):
            answer_who_told(SYSTEM, letter=letter, fact=stored.fact, once=f"{stored.id}/{person}")


@reacts_to_stored(*ALARMS, alone=True)
def alarm_in_inbox(stored: StoredFact) -> None:
    """Whatever happens to an identity is told in its people's inbox, and so to each of their devices."""
    for person in stored.fact.persons:
        tell_of_identity(SYSTEM, person_id=person, fact=stored.fact, once=f"{stored.id}/{person}")


def _letter_about(fact: Fact) -> Letter | None:
    """Whom a fact of moderation is about, and what they are told. Reports tell it in their own conversations."""
    if isinstance(fact, ReviewApproved | ReviewSentBack | ReviewRefused):
        return None if isinstance(fact, ReviewApproved) and fact.on_appeal else review_letter(fact.review)
    if isinstance(fact, ThingTakenOff):
        return None if fact.subject.startswith("report:") else decision_letter(fact.decision)
    if isinstance(fact, AppealAnswered):
        return second_look_letter(fact.appeal)
    return sanction_letter(fact.subject)


def take_messages(wanted: list[dict[str, str]]) -> list[bool]:
    """Tell the domains what people wrote in their cases, in the running transaction."""
    for one in wanted:
        with suppress(Conflict):
            take_message(SYSTEM, event_id=one["event"])
    return [True] * len(wanted)


@job(name="messaging.take_case_message", many=take_messages)
def take_case_message(*, event: str) -> None:
    """The same, for one. The event's own transaction has enqueued it (`actions/messenger.py`)."""
    with transaction.atomic():
        take_messages([{"event": event}])


@periodic(name="messaging.forget", cron="25 * * * *")
def forget(_due: int) -> None:
    """Every hour: messages whose time is over, files that nothing shows any more, errands that are long done, when
    people were there who have not been for long, what was written to devices that ended, and links that have ended."""
    forget_messages()
    forget_media()
    forget_errands()
    forget_presence()
    forget_to_device()
    forget_links()
