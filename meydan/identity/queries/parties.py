"""Relying parties: who is registered, and for whom somebody at a counter may ask."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.identity.models import Clerk, Presentation, RelyingParty
from meydan.identity.models.credentials import secret_digest
from meydan.identity.models.presenting import MOST_KEYS
from meydan.identity.policies import may_set_parties
from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import Jwk, read_json
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound, SignInFirst
from meydan.kernel.policy import demand


def list_parties(actor: Actor) -> list[RelyingParty]:
    """All that are registered; for administrators. Raises `Refused`."""
    demand(may_set_parties(actor), actor)
    return list(RelyingParty.objects.all())


def find_party(actor: Actor, code: str) -> RelyingParty:
    """One of them; for administrators. Raises `Refused`, `NotFound`."""
    demand(may_set_parties(actor), actor)
    return _found(RelyingParty.objects.filter(code=code).first())


def lock_party(actor: Actor, code: str) -> RelyingParty:
    """The same, locked. Raises `NotFound`."""
    demand(may_set_parties(actor), actor)
    return _found(RelyingParty.objects.select_for_update().filter(code=code).first())


def list_clerks(actor: Actor, party: RelyingParty) -> list[Clerk]:
    """Who may ask for a party; for administrators."""
    demand(may_set_parties(actor), actor)
    return list(Clerk.objects.filter(party=party).select_related("person").order_by("person__username"))


@dataclass(frozen=True)
class At:
    """Where somebody stands: at the counter of a party, by its code, perhaps with the secret of its link."""

    code: str
    counter: str = ""


def parties_here(actor: Actor, counter: str = "") -> list[RelyingParty]:
    """Those for whom the actor may ask: as their clerk, or by a counter's link. Raises `SignInFirst`, `NotFound`."""
    mine = Q(clerks__person=actor.person_id) if actor.person_id else Q(pk=None)
    here = Q(counter=secret_digest(counter)) if counter else Q(pk=None)
    found = list(RelyingParty.objects.filter(mine | here, active=True).distinct())
    if not found and actor.is_visitor:
        raise SignInFirst
    return found


def is_counter(secret: str) -> bool:
    """Whether this is the secret of a counter that may ask now."""
    return RelyingParty.objects.filter(counter=secret_digest(secret), active=True).exists()


def party_at(actor: Actor, at: At) -> RelyingParty:
    """One of them. Raises `SignInFirst`, `NotFound`."""
    return _found(next((one for one in parties_here(actor, at.counter) if one.code == at.code), None))


def lock_party_at(actor: Actor, at: At) -> RelyingParty:
    """The same, locked, so that its limit is counted by one at a time."""
    return RelyingParty.objects.select_for_update().get(pk=party_at(actor, at).pk)


def asked_today(party: RelyingParty) -> int:
    """How often it has asked since midnight, UTC."""
    return Presentation.objects.filter(party=party, made_at__date=now().date()).count()


def _found(party: RelyingParty | None) -> RelyingParty:
    if party is None:
        raise NotFound
    return party


def read_keys(text: str) -> list[dict[str, str]]:
    """The public keys of a relying party's program, out of a JWK set. Raises `Invalid` (fields)."""
    try:
        said = read_json(text)
        keys = said.get("keys") if isinstance(said, dict) else None
        if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
            raise Broken("it is no set of keys")
        return [Jwk.read(key).json for key in keys]
    except Broken as error:
        fault = _("Paste a JWK set with one to five public keys of P-256, as its programmers have it.")
        raise Invalid(fields={"public_keys": fault}) from error
