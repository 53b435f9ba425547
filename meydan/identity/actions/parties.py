"""Administrators register who may ask for what, and who asks for them."""

import secrets
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import find_by_name
from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.facts import ClerkSet, CounterLinkMade, PartySecretMade, PartySet
from meydan.identity.models import Clerk, RelyingParty
from meydan.identity.models.credentials import secret_digest
from meydan.identity.policies import may_change_party, may_set_parties
from meydan.identity.queries.parties import lock_party
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import record

FIELDS = ("name", "purpose", "claims", "level", "per_day", "encrypts", "active")
SIGN_IN_FIELDS = ("redirects", "leave_to", "logout_uri", "proves", "public_keys", "sign_in_level", "learns_email")


@action(policy=may_set_parties)
def add_party(
    actor: Actor, *, code: str, name: str, purpose: str, claims: Sequence[str], level: str, per_day: int, encrypts: bool
) -> RelyingParty:
    """Register a relying party, with a key and a certificate of its own. Raises `Invalid` when the code is taken."""
    party = RelyingParty(code=code, name=name, purpose=purpose, claims=list(claims), level=level, made_at=now())
    party.per_day, party.encrypts = per_day, encrypts
    try:
        with transaction.atomic():
            party.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(fields={"code": _("This short name is taken.")}) from error
    keep_issuer_key("party", party)
    record(PartySet(subject=party.reference, changed=list(FIELDS)))
    return party


@action_on(lock_party, policy=may_change_party)
def change_party(actor: Actor, party: RelyingParty, *, values: Mapping[str, object]) -> RelyingParty:
    """Change what it may ask, how people sign in there, or close it. `values` are of FIELDS and SIGN_IN_FIELDS."""
    changed = [name for name in (*FIELDS, *SIGN_IN_FIELDS) if name in values and getattr(party, name) != values[name]]
    for name in changed:
        setattr(party, name, values[name])
    party.save()
    record(PartySet(subject=party.reference, changed=changed))
    return party


@action_on(lock_party, policy=may_change_party)
def make_counter_link(actor: Actor, party: RelyingParty) -> str:
    """A new secret for the party's counter; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(32)
    party.counter = secret_digest(secret)
    party.save(update_fields=["counter"])
    record(CounterLinkMade(subject=party.reference))
    return secret


@action_on(lock_party, policy=may_change_party)
def make_secret(actor: Actor, party: RelyingParty) -> str:
    """A new secret by which the party's program shows that it is itself; the one before counts no more."""
    secret = secrets.token_urlsafe(32)
    party.secret = secret_digest(secret)
    party.save(update_fields=["secret"])
    record(PartySecretMade(subject=party.reference))
    return secret


@action_on(lock_party, policy=may_change_party)
def set_clerk(actor: Actor, party: RelyingParty, *, username: str, may: bool) -> None:
    """Let somebody ask for the party, or no longer. Raises `Invalid` for a name that nobody has."""
    try:
        person = find_by_name(actor, username)
    except NotFound as error:
        raise Invalid(fields={"username": _("Nobody has this user name.")}) from error
    if may:
        Clerk.objects.get_or_create(party=party, person=person)
    else:
        Clerk.objects.filter(party=party, person=person).delete()
    record(ClerkSet(subject=party.reference, persons=(person.pk,), may=may))
