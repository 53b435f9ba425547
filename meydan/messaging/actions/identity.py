"""Somebody lets an app replace their cross-signing keys, on Meydan's pages: who came in through the browser has no
password to say in the app (client-server API, "OAuth authentication" of the User-Interactive Authentication API)."""

from datetime import timedelta

from meydan.accounts.public import find_active_person
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import record
from meydan.messaging.actions.tokens import user_id_of
from meydan.messaging.facts import IdentityResetAllowed
from meydan.messaging.models import IdentityReset
from meydan.messaging.policies.identity import may_reset_identity

ALLOWED = timedelta(minutes=10)


@action(policy=may_reset_identity)
def allow_reset(actor: Actor) -> None:
    """For `ALLOWED` from now on, or until it is done."""
    person = find_active_person(actor.person_id) if actor.person_id else None
    if person is None:
        raise NotFound
    IdentityReset.objects.update_or_create(pk=user_id_of(person.username), defaults={"until": now() + ALLOWED})
    record(IdentityResetAllowed(subject=f"person:{person.pk}", persons=(person.pk,)))
