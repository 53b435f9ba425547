"""Sign-ins at relying parties: who asks, what is allowed there, whose a token is, and what it opens."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from meydan.identity.models import NO_LEVEL, RANKS, Allowance, RelyingParty, SignIn, SignInToken
from meydan.identity.models.credentials import keyed, secret_digest
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.models.signing_in import ID_TOKEN_LIVES, LOGOUT_LIVES
from meydan.identity.policies import may_use_own_identity
from meydan.identity.queries.cards import level_now, said_of
from meydan.identity.queries.identities import identity_of
from meydan.identity.queries.keys import issuer, issuer_key_named
from meydan.identity.queries.wallets import Bearer
from meydan.identity.tokens.faults import Broken, Unauthorized
from meydan.identity.tokens.jose import Jwk, b64url, digest_half, read_jws
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand


def find_client(code: str | None) -> RelyingParty | None:
    """The relying party with this client_id, if people can sign in there now; any text may be asked for."""
    if not code or "\0" in code or len(code) > 40:
        return None
    party = RelyingParty.objects.filter(code=code, active=True).first()
    return party if party and party.redirects else None


def level_of(person: UUID) -> str:
    """What somebody's account is worth now: a frozen identity counts for nothing."""
    identity = identity_of(person)
    return level_now(identity) if identity and identity.frozen_at is None else NO_LEVEL


def subject_for(party: RelyingParty, person: UUID) -> str:
    """Who somebody is to a relying party (`sub`): the same each time, and another at every other one (OpenID Connect
    Core, 8.1). Each relying party is a sector of its own, whatever hosts it has."""
    return b64url(keyed("subject", f"{party.pk}:{person}"))


def session_digest(session: str) -> str:
    """How a browser's session stands in a sign-in."""
    return keyed("session", session).hex() if session else ""


def is_allowed(person: UUID, party: RelyingParty, claims: Sequence[str], *, stays: bool) -> bool:
    """Whether the person has allowed this before."""
    row = Allowance.objects.filter(person=person, party=party).first()
    return row is not None and set(claims) <= set(row.claims) and (row.stays or not stays)


def own_allowances(actor: Actor) -> list[Allowance]:
    """Where the actor's account signs them in, the newest first. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    rows = Allowance.objects.filter(person=actor.person_id).select_related("party")
    return list(rows.order_by("-made_at"))


def lock_allowance(actor: Actor, code: str) -> Allowance:
    """The actor's own for a relying party, locked. Raises `SignInFirst`, `NotFound`."""
    demand(may_use_own_identity(actor), actor)
    rows = Allowance.objects.select_for_update(of=["self"]).select_related("party")
    row = rows.filter(person=actor.person_id, party__code=code).first()
    if row is None:
        raise NotFound
    return row


def is_open(row: SignIn) -> bool:
    """Whether a sign-in counts: nobody has ended it, and the account is still worth what it says."""
    if row.ended_at is not None or not row.party.active or not row.person.is_active:
        return False
    return row.level == NO_LEVEL or RANKS[level_of(row.person_id)] >= RANKS[row.level]


def find_sign_in_token(token: str, party: RelyingParty | None = None) -> SignInToken | None:
    """A token with its sign-in, of this relying party where one is named."""
    rows = SignInToken.objects.filter(pk=secret_digest(token)).select_related("sign_in__party", "sign_in__person")
    return (rows.filter(sign_in__party=party) if party else rows).first()


def lock_by_code(code: str, party: RelyingParty) -> SignIn | None:
    """What a code of this relying party is for, used or not, locked."""
    return _locked().filter(code=secret_digest(code), party=party).first()


def lock_by_token(token: str, party: RelyingParty) -> SignInToken | None:
    """A token of this relying party, whose sign-in is locked before the token is read."""
    found = find_sign_in_token(token, party)
    if found is None:
        return None
    row = _locked().get(pk=found.sign_in_id)
    again = SignInToken.objects.filter(pk=found.pk).first()
    if again is not None:
        again.sign_in = row
    return again


def _locked() -> "QuerySet[SignIn]":
    return SignIn.objects.select_for_update(of=["self"]).select_related("party", "person")


def is_live(token: SignInToken | None) -> bool:
    """Whether it opens anything now."""
    return token is not None and token.used_at is None and token.expires_at > now() and is_open(token.sign_in)


def sign_in_of(bearer: Bearer) -> SignIn:
    """What an access token opens. Raises `Unauthorized`: `invalid_token`."""
    token = find_sign_in_token(bearer.token)
    if token is None or token.refreshes or not is_live(token):
        raise Unauthorized("invalid_token", "The access token is unknown or has expired.")
    if token.sign_in.jkt != bearer.jkt:
        raise Unauthorized("invalid_token", "The access token is bound to another key.")
    return token.sign_in


def claims_of(row: SignIn, names: Sequence[str]) -> dict[str, Any]:
    """What the relying party learns now, of these: what was allowed, and what the city still lets it ask for. Values
    are kept nowhere; each time they are taken from the identity."""
    wanted = [name for name in names if name in row.claims]
    said: dict[str, Any] = {}
    if "email" in wanted and row.party.learns_email and row.person.email:
        said |= {"email": row.person.email, "email_verified": True}
    identity = identity_of(row.person_id) if row.level != NO_LEVEL else None
    if identity is None or not set(wanted) & set(CARD_CLAIMS):
        return said
    card = {name: value for name, value in said_of(identity).items() if name in wanted and name in row.party.claims}
    if "address" in card:
        card["address"] = {"formatted": card["address"]}
    return said | card


def user_info(row: SignIn) -> dict[str, Any]:
    """OpenID Connect Core, 5.3.2."""
    return {"sub": subject_for(row.party, row.person_id), **claims_of(row, row.claims)}


def id_token_payload(row: SignIn, *, access: str, renewed: bool) -> dict[str, Any]:
    """OpenID Connect Core, 2 and 12.2."""
    return {
        **_said_to_party(row, ID_TOKEN_LIVES),
        "auth_time": int(row.proven_at.timestamp()),
        **({"nonce": row.nonce} if row.nonce and not renewed else {}),
        "acr": row.level,
        "amr": row.methods,
        "at_hash": digest_half(access),
        **claims_of(row, row.told),
    }


def _said_to_party(row: SignIn, lives: timedelta) -> dict[str, Any]:
    """What every token says that is for a relying party: of whom, to whom, until when, of which sign-in."""
    at = int(now().timestamp())
    return {
        "iss": issuer(),
        "sub": subject_for(row.party, row.person_id),
        "aud": row.party.code,
        "iat": at,
        "exp": at + int(lives.total_seconds()),
        "sid": str(row.pk),
    }


LOGOUT_EVENT, LOGOUT_TYP = "http://schemas.openid.net/event/backchannel-logout", "logout+jwt"


def find_to_tell(key: UUID) -> SignIn | None:
    """A sign-in that has ended, if its relying party wants to hear of that, and may have somebody signed in by it."""
    row = SignIn.objects.filter(pk=key, ended_at__isnull=False, used_at__isnull=False).select_related("party").first()
    return row if row is not None and row.party.logout_uri and row.party.active else None


def logout_payload(row: SignIn) -> dict[str, Any]:
    """OpenID Connect Back-Channel Logout 1.0, 2.4."""
    return {
        **_said_to_party(row, LOGOUT_LIVES),
        "jti": secrets.token_urlsafe(16),
        "events": {LOGOUT_EVENT: {}},
    }


def introspected(token: SignInToken) -> dict[str, Any]:
    """RFC 7662, 2.2."""
    row = token.sign_in
    return {
        "iss": issuer(),
        "sub": subject_for(row.party, row.person_id),
        "client_id": row.party.code,
        "scope": " ".join(row.scopes),
        "exp": int(token.expires_at.timestamp()),
        "token_type": "DPoP" if row.jkt else "Bearer",
        "acr": row.level,
        "auth_time": int(row.proven_at.timestamp()),
    }


@dataclass(frozen=True)
class Hint:
    """An ID token of ours that came back, whatever its age."""

    party: str
    subject: str
    sign_in: str


def read_hint(token: str) -> Hint | None:
    """What an `id_token_hint` says; None where it is not one of ours."""
    try:
        jws = read_jws(token, typ="JWT")
        row = issuer_key_named("sign_in", str(jws.header.get("kid")))
        if row is None or not jws.is_by(Jwk.read(row.public).key) or jws.payload.get("iss") != issuer():
            return None
    except Broken:
        return None
    return Hint(str(jws.payload["aud"]), str(jws.payload["sub"]), str(jws.payload["sid"]))


def lock_sign_ins(person: UUID) -> list[SignIn]:
    """Somebody's sign-ins that are open, locked."""
    return list(_locked().filter(person=person, ended_at=None).order_by("pk"))


@dataclass(frozen=True)
class SignedIn:
    """One that stays open without a browser, as the person's list of sessions shows it."""

    key: str
    name: str
    seen_at: datetime


def list_staying(person: UUID) -> list[SignedIn]:
    """Those, the latest seen first."""
    rows = SignIn.objects.filter(person=person, ended_at=None, session="", used_at__isnull=False)
    rows = rows.select_related("party").order_by("-seen_at")
    return [SignedIn(str(row.pk), row.party.name, row.seen_at) for row in rows if is_open(row)]
