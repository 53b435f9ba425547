"""Sign-ins at relying parties: allowed by the person, opened with a code, renewed, ended by whoever may."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import SessionElsewhere, keeps_sessions
from meydan.identity.actions.once import use_once, use_proof
from meydan.identity.facts import (
    AllowanceWithdrawn,
    PartyAllowed,
    SignedInAt,
    SignInEnded,
    SignInOpened,
    SignInRenewed,
)
from meydan.identity.models import NO_LEVEL, Allowance, RelyingParty, SignIn, SignInToken
from meydan.identity.models.credentials import REQUEST_LIVES, secret_digest
from meydan.identity.models.signing_in import ACCESS_LIVES, STAY_LIVES, STAYS
from meydan.identity.policies import may_issue, may_redeem, may_use_own_identity
from meydan.identity.queries.asking import Standing, Wanted, learnable
from meydan.identity.queries.proofs import Dpop
from meydan.identity.queries.pushing import Kept
from meydan.identity.queries.sign_ins import (
    is_allowed,
    list_staying,
    lock_allowance,
    lock_sign_ins,
    session_digest,
)
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import record

SECRET_BYTES = 32


@dataclass(frozen=True)
class Pkce:
    """What the code is bound to besides its relying party."""

    challenge: str
    nonce: str


@action(policy=may_use_own_identity)
def let_sign_in(actor: Actor, *, kept: Kept, wanted: Wanted, standing: Standing, pkce: Pkce) -> str:
    """Sign the actor in at a relying party; the code for its tokens. What the person allows there is remembered.
    Raises `Conflict` for a request that was answered before."""
    if not use_once("sign-in", kept.number, until=kept.at + REQUEST_LIVES):
        raise Conflict(_("This request was answered already. Go back and begin again."))
    person, party, at, code = standing.person, wanted.party, now(), secrets.token_urlsafe(SECRET_BYTES)
    stays, claims = STAYS in wanted.scopes, learnable(wanted, standing)
    if not is_allowed(person, party, claims, stays=stays):
        _allow(party, person, claims, stays=stays)
    row = SignIn.objects.create(
        party=party,
        person_id=person,
        session="" if stays else session_digest(standing.session),
        code=secret_digest(code),
        redirect=wanted.redirect,
        challenge=pkce.challenge,
        nonce=pkce.nonce,
        scopes=list(wanted.scopes),
        claims=claims,
        told=[name for name in wanted.told if name in claims],
        level=standing.acr,
        methods=list(standing.methods),
        proven_at=standing.at,
        made_at=at,
        seen_at=at,
    )
    record(
        SignedInAt(
            subject=row.reference,
            persons=(person,),
            party=party.code,
            name=party.name,
            purpose=party.purpose,
            claims=claims,
            level=row.level,
        )
    )
    return code


def _allow(party: RelyingParty, person: UUID, claims: Sequence[str], *, stays: bool) -> None:
    row, _new = Allowance.objects.select_for_update().get_or_create(
        person_id=person, party=party, defaults={"claims": [], "made_at": now()}
    )
    row.claims, row.stays = sorted({*row.claims, *claims}), row.stays or stays
    row.save()
    record(
        PartyAllowed(
            subject=party.reference,
            persons=(person,),
            name=party.name,
            purpose=party.purpose,
            claims=row.claims,
            stays=row.stays,
        )
    )


@action_on(lock_allowance, policy=lambda actor, _row: may_use_own_identity(actor))
def withdraw_allowance(actor: Actor, row: Allowance) -> None:
    """The person allows a relying party nothing any more: whatever is open there ends. Raises `NotFound`."""
    for one in lock_sign_ins(row.person_id):
        if one.party_id == row.party_id:
            _close(one, "withdrawn")
    record(AllowanceWithdrawn(subject=row.party.reference, persons=(row.person_id,), name=row.party.name))
    row.delete()


@action(policy=may_redeem)
def open_sign_in(actor: Actor, *, row: SignIn, access: str, refresh: str, dpop: Dpop | None) -> None:
    """The first tokens, for a code that was checked; its row is locked. `refresh` is "" where it does not stay."""
    use_proof(dpop)
    row.jkt, row.seen_at = dpop.jkt if dpop else "", now()
    row.save(update_fields=["jkt", "seen_at"])
    _give(row, access, refresh)
    record(SignInOpened(subject=row.reference, persons=(row.person_id,)))


@action(policy=may_redeem)
def renew_sign_in(actor: Actor, *, token: SignInToken, access: str, refresh: str, dpop: Dpop | None) -> None:
    """New tokens for a refresh token that was checked, which is used up by this; its sign-in is locked."""
    use_proof(dpop)
    row = token.sign_in
    token.used_at = row.seen_at = now()
    token.save(update_fields=["used_at"])
    row.save(update_fields=["seen_at"])
    _give(row, access, refresh)
    record(SignInRenewed(subject=row.reference, persons=(row.person_id,)))


def _give(row: SignIn, access: str, refresh: str) -> None:
    at = now()
    tokens = [SignInToken(pk=secret_digest(access), sign_in=row, expires_at=at + ACCESS_LIVES)]
    if refresh:
        tokens.append(SignInToken(pk=secret_digest(refresh), sign_in=row, refreshes=True, expires_at=at + STAY_LIVES))
    SignInToken.objects.bulk_create(tokens)


def _close(row: SignIn, why: str) -> None:
    """End a sign-in that is locked; within an action. Used refresh tokens go too: what is not there opens nothing."""
    if row.ended_at is not None:
        return
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    row.tokens.all().delete()
    record(SignInEnded(subject=row.reference, persons=(row.person_id,), why=why))


@action(policy=may_redeem)
def end_sign_in(actor: Actor, *, row: SignIn, why: str) -> None:
    """End one whose code or token came: by its relying party, or because it came twice. Its row is locked."""
    _close(row, why)


@action(policy=may_use_own_identity)
def leave_party(actor: Actor, *, party: str, session: str) -> None:
    """The person signs out of a relying party in this browser. Raises `NotFound` where nothing was open."""
    if actor.person_id is None:
        raise NotFound
    here = session_digest(session)
    rows = [one for one in lock_sign_ins(actor.person_id) if one.party.code == party and one.session == here]
    if not rows:
        raise NotFound
    for row in rows:
        _close(row, "left")


@action(policy=may_issue)
def end_levels(actor: Actor, *, person: UUID, why: str) -> None:
    """The identity counts no more: nothing stays open that rests on it. Raises `NotFound` where nothing does."""
    rows = [row for row in lock_sign_ins(person) if row.level != NO_LEVEL]
    if not rows:
        raise NotFound
    for row in rows:
        _close(row, why)


class SignIns:
    """Somebody's sign-ins at relying parties are sessions of theirs (`accounts.queries.elsewhere.SessionKeeper`): those
    that stay are listed, the others end with their browser's."""

    def list_sessions(self, person: UUID) -> list[SessionElsewhere]:
        return [
            SessionElsewhere(one.key, one.name, _("Signed in there with this account"), one.seen_at, "")
            for one in list_staying(person)
        ]

    def end_sessions(self, person: UUID, *, keys: Collection[str] | None, but: str = "") -> int:
        rows = [row for row in lock_sign_ins(person) if row.session == "" and str(row.pk) != but]
        chosen = [row for row in rows if keys is None or str(row.pk) in keys]
        for row in chosen:
            _close(row, "session")
        return len(chosen)

    def keep_browsers(self, person: UUID, sessions: Collection[str]) -> None:
        kept = {session_digest(session) for session in sessions}
        for row in lock_sign_ins(person):
            if row.session and row.session not in kept:
                _close(row, "session")

    def forget(self, person: UUID, username: str) -> None:
        self.end_sessions(person, keys=None)
        self.keep_browsers(person, ())
        Allowance.objects.filter(person=person).delete()


keeps_sessions(SignIns())


def forget_sign_ins(before: datetime) -> None:
    """Housekeeping: tokens that have lapsed, codes that nobody took up, sign-ins that ended long ago."""
    SignInToken.objects.filter(expires_at__lt=now()).delete()
    SignIn.objects.filter(used_at=None, made_at__lt=before).delete()
    SignIn.objects.filter(ended_at__lt=before).delete()
