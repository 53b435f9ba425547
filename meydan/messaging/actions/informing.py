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


def tell_what_was_decided(actor: Actor, *, letter: Letter, fact: type[Fact], once: str) -> None:
    """Write it into the person's conversation with the city's moderators, once for each `once`. Who wants no such
    conversations has none, nor has anybody where the city names no department for it."""
    person, department = letter.person, Department.objects.filter(pk=writes_as()).first()
    if person is None or department is None or not wants_cases(person.pk):
        return
    key, link = f"moderation:{person.pk}", f"{config().base_url}/moderation/mine"
    with override(letter.language):
        title, said = gettext("What moderators decided"), str(SAID[fact])
    open_case(actor, key=key, person=person, department=department, title=title, link=link, language=letter.language)
    lines = [said, letter.title, letter.words, f"{config().base_url}{letter.path}"]
    write_in_case(actor, key, text="\n".join(line for line in lines if line), once=once)


def tell_of_identity(actor: Actor, *, person_id: UUID, fact: Fact, once: str) -> None:
    """Write it into the person's conversation with the identity department, once for each `once`."""
    letter, department = identity_letter(person_id), Department.objects.filter(pk=identity_writes_as()).first()
    if letter is None or department is None or not wants_cases(person_id):
        return
    link = f"{config().base_url}{letter.path}"
    key, person = f"identity:{person_id}", Person.objects.get(pk=person_id)
    with override(letter.language):
        title, said = gettext("My identity"), words_of(fact)
    open_case(actor, key=key, person=person, department=department, title=title, link=link, language=letter.language)
    write_in_case(actor, key, text=f"{said}\n{link}", once=once)
