"""What the demo's people have beside the password that everybody knows: an authenticator app of one known secret."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator

from meydan.accounts.facts import SecurityChanged
from meydan.accounts.models import Person
from meydan.accounts.policies import may_manage_person
from meydan.accounts.queries import lock_person
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.facts import record

DEMO_APP = "MEYDAN" * 5 + "ME"
"""For any authenticator app (RFC 6238): whoever tries the demo types it in once."""


@action_on(lock_person, policy=may_manage_person)
def add_demo_app(actor: Actor, person: Person) -> None:
    """Give the demo's person the authenticator app that everybody has; twice is once."""
    kind = Authenticator.Type.TOTP
    secret = {"secret": get_adapter().encrypt(DEMO_APP)}
    Authenticator.objects.get_or_create(user=person, type=kind, defaults={"data": secret})
    record(SecurityChanged(subject=person.reference, persons=(person.pk,), what="authenticator_app_added"))
