"""What moderators have decided, and what happens to an identity, is told in the inbox of whom it is about: one
conversation of each kind for each person."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Department, Person
from meydan.identity.public import identity_letter, words_of
from meydan.identity.public import writes_as as identity_writes_as
from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.facts import Fact
from meydan.messaging.actions.cases import open_case, write_in_case
from meydan.messaging.queries.cases import wants_cases
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
from meydan.moderation.public import Letter, writes_as

SAID: Mapping[type[Fact], Sentence] = {
    ReviewApproved: _("What you handed in is approved."),
    ReviewSentBack: _("What you handed in needs changes."),
    ReviewRefused: _("What you handed in is refused. You can ask another moderator."),
    ThingTakenOff: _("A moderator has taken something of yours off. You can ask another moderator."),
    AppealAnswered: _("Another moderator has answered your appeal."),
    SenderWarned: _("You were warned."),
    SenderBlocked: _("You cannot send for a while. You can appeal."),
}


ANSWERED: Mapping[type[Fact], Sentence] = {
    ThingKept: _("A moderator has looked at what you told us, and has left it as it is."),
    ThingTakenOff: _("A moderator has looked at what you told us: it was taken off."),
}
LOOKED_AT = _("A moderator has looked at what you told us.")


def tell_what_was_decided(actor: Actor, *, letter: Letter, fact: type[Fact], once: str) -> None:
    """Write it into the person's conversation with the city's moderators, once for each `once`. Who wants no such
    conversations has none, nor has anybody where the city names no department for it."""
    _write_as_moderators(actor, letter, SAID[fact], once)


def answer_who_told(actor: Actor, *, letter: Letter, fact: Fact, once: str) -> None:
    """Write the moderators' answer to somebody who had said that something is wrong, in the same conversation. A page
    of the city's can only be answered about: nobody takes it off, nor leaves it."""
    said = LOOKED_AT if fact.subject.startswith("page:") else ANSWERED[type(fact)]
    _write_as_moderators(actor, letter, said, once)


def _write_as_moderators(actor: Actor, letter: Letter, said: Sentence, once: str) -> None:
    person, department = letter.person, Department.objects.filter(pk=writes_as()).first()
    if person is None or department is None or not wants_cases(person.pk):
        return
    key, link = f"moderation:{person.pk}", f"{config().base_url}/moderation/mine"
    with override(letter.language):
        title, lines = gettext("What moderators decided"), [str(said), str(letter.title), letter.words]
    open_case(actor, key=key, person=person, department=department, title=title, link=link, language=letter.language)
    text = "\n".join(filter(None, [*lines, f"{config().base_url}{letter.path}"]))
    write_in_case(actor, key, text=text, once=once)


def tell_of_identity(actor: Actor, *, person_id: UUID, fact: Fact, once: str) -> None:
    """Write it into the person's conversation with the identity department, once for each `once`."""
    letter, department = identity_letter(person_id, fact), Department.objects.filter(pk=identity_writes_as()).first()
    if letter is None or department is None or not wants_cases(person_id):
        return
    link, home = f"{config().base_url}{letter.path}", f"{config().base_url}/id/"
    key, person = f"identity:{person_id}", Person.objects.get(pk=person_id)
    with override(letter.language):
        title, said = gettext("My identity"), words_of(fact)
    open_case(actor, key=key, person=person, department=department, title=title, link=home, language=letter.language)
    write_in_case(actor, key, text=f"{said}\n{link}", once=once)
