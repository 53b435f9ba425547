"""A relying party asks, a wallet takes the request up and answers it; what was shown is forgotten soon."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.actions.sign_ins import forget_sign_ins
from meydan.identity.actions.wishes import forget_wishes
from meydan.identity.facts import PresentationAsked, PresentationForgotten, Presented, RequestTaken
from meydan.identity.models import Offer, Presentation, RelyingParty, UsedOnce, WalletCode, WalletToken
from meydan.identity.models.credentials import keyed, secret_digest
from meydan.identity.models.presenting import ASK_LIVES, RESULT_LIVES
from meydan.identity.policies import may_ask, may_issue
from meydan.identity.queries.parties import At, asked_today, lock_party_at
from meydan.identity.queries.presenting import (
    Judged,
    judge,
    lock_asked,
    lock_taken,
    matches,
    read_answer,
    request_object,
)
from meydan.identity.tokens.faults import Fault
from meydan.identity.tokens.jose import b64url, new_key, to_pem
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound, TooMany
from meydan.kernel.facts import record
from meydan.kernel.policy import Verdict
from meydan.kernel.vault import lock_away, take_out

FORGET_AFTER, WISHES_KEPT = timedelta(days=30), timedelta(days=365)
"""Requests themselves: until then an administrator can see how much a party asks."""


@dataclass(frozen=True)
class Asked:
    """A request that was made; `reference` is in the QR and nowhere else."""

    row: Presentation
    reference: str


def state_of(reference: str) -> str:
    """The state of a request, made from what its QR holds: so it need not lie in the database."""
    return b64url(keyed("state", reference))


@action_on(lock_party_at, policy=may_ask)
def ask(
    actor: Actor, party: RelyingParty, *, mode: str, claims: Sequence[str], expected: Mapping[str, str] | None = None
) -> Asked:
    """Make a request that one wallet can take up within ASK_LIVES.

    `mode` "claims": the clerk sees these; "match": the clerk learns whether all of `expected` is so; "age": whether
    they are over 18. Raises `Invalid` for claims that the party may not ask for, `TooMany` beyond its limit.
    """
    wanted = _wanted(party, mode, claims, expected or {})
    if asked_today(party) >= party.per_day:
        raise TooMany(_("This relying party has asked as often as it may in a day."), retry_after=3600)
    at, reference = now(), secrets.token_urlsafe(32)
    row = Presentation.objects.create(
        party=party,
        reference=secret_digest(reference),
        state=secret_digest(state_of(reference)),
        nonce=secrets.token_urlsafe(32),
        mode=mode,
        claims=wanted,
        key=lock_away(to_pem(new_key())) if party.encrypts else "",
        expected=lock_away(json.dumps(dict(expected))) if expected else "",
        made_at=at,
        expires_at=at + ASK_LIVES,
    )
    record(PresentationAsked(subject=row.subject, party=party.code, claims=wanted, mode=mode))
    return Asked(row, reference)


def ask_again(actor: Actor, at: At, *, key: UUID) -> Asked:
    """The same request with a new code, for one of this party that no wallet has answered. Raises `NotFound`."""
    row = Presentation.objects.filter(pk=key, party__code=at.code, outcome="").first()
    if row is None:
        raise NotFound
    expected = json.loads(take_out(row.expected)) if row.expected else {}
    return ask(actor, at, mode=row.mode, claims=row.claims, expected=expected)


def _wanted(party: RelyingParty, mode: str, claims: Sequence[str], expected: Mapping[str, str]) -> list[str]:
    asked = ["age_over_18"] if mode == "age" else list(expected) if mode == "match" else list(dict.fromkeys(claims))
    if not asked:
        raise Invalid(fields={"claims": _("Choose what you ask for.")})
    if not set(asked) <= set(party.claims):
        raise Invalid(fields={"claims": _("This relying party may not ask for that.")})
    return asked


def _may_take(_actor: Actor, asked: Presentation) -> Verdict:
    return may_ask(_actor, asked.party)


@action_on(lock_taken, policy=_may_take)
def take_request(actor: Actor, asked: Presentation, *, reference: str) -> str:
    """The signed request object, for the one wallet that comes first. Raises `NotFound` for all others, and late."""
    if asked.fetched_at is not None or asked.expires_at <= now():
        raise NotFound
    asked.fetched_at = now()
    asked.save(update_fields=["fetched_at"])
    record(RequestTaken(subject=asked.subject))
    return request_object(asked, keep_issuer_key("party", asked.party), state_of(reference))


@action_on(lock_asked, policy=_may_take)
def take_answer(actor: Actor, asked: Presentation, *, form: Mapping[str, str]) -> Fault | None:
    """What the wallet answers, once. A presentation that does not hold uses the request up as well: the `Fault` is
    returned then, not raised, for the outcome must stay. Raises `Fault`: `invalid_request`, `NotFound`."""
    if asked.fetched_at is None:
        raise NotFound
    if asked.answered_at is not None or asked.expires_at <= now():
        raise Fault("invalid_request", "This request was answered or has expired.")
    answer = read_answer(asked, form)
    if answer.declined:
        _close(asked, "declined", Judged())
        return None
    judged = judge(asked, keep_issuer_key("party", asked.party), answer.token)
    _close(asked, "refused" if judged.fault else _outcome(asked, judged), judged)
    return Fault("invalid_request", f"The presentation was refused: {judged.said}.") if judged.fault else None


def _outcome(asked: Presentation, judged: Judged) -> str:
    if asked.mode != "match":
        return "shown"
    return "match" if matches(json.loads(take_out(asked.expected)), judged.claims) else "no_match"


def _close(asked: Presentation, outcome: str, judged: Judged) -> None:
    asked.answered_at, asked.outcome, asked.fault = now(), outcome, judged.fault
    asked.level, asked.person_id = judged.level, judged.person
    asked.result = lock_away(json.dumps(dict(judged.claims), ensure_ascii=False)) if outcome == "shown" else ""
    asked.key = asked.expected = ""
    asked.save()
    party = asked.party
    record(
        Presented(
            subject=asked.subject,
            persons=(judged.person,) if judged.person else (),
            party=party.code,
            name=party.name,
            purpose=party.purpose,
            claims=asked.claims if outcome in ("shown", "match", "no_match") else [],
            outcome=outcome,
            fault=judged.fault,
        )
    )


@action(policy=may_issue)
def forget_shown(actor: Actor, *, keys: Sequence[UUID]) -> None:
    """Delete what was shown in these requests, and what they would have been compared with."""
    count = Presentation.objects.filter(pk__in=keys).update(key="", expected="", result="")
    record(PresentationForgotten(subject="presentations:old", count=count))


def to_forget() -> list[UUID]:
    """Requests whose result, key or expectation is older than it may be."""
    rows = Presentation.objects.filter(made_at__lt=now() - RESULT_LIVES - ASK_LIVES)
    return list(rows.exclude(key="", expected="", result="").values_list("pk", flat=True)[:1000])


def sweep() -> None:
    """Housekeeping: what was shown, and codes, tokens and nonces that nobody can use any more."""
    if keys := to_forget():
        forget_shown(SYSTEM, keys=keys)
    at = now()
    UsedOnce.objects.filter(until__lt=at).delete()
    Offer.objects.filter(expires_at__lt=at - FORGET_AFTER).delete()
    WalletCode.objects.filter(made_at__lt=at - FORGET_AFTER).delete()
    WalletToken.objects.filter(expires_at__lt=at).delete()
    forget_sign_ins(at - FORGET_AFTER)
    forget_wishes(at - WISHES_KEPT)
    Presentation.objects.filter(made_at__lt=at - FORGET_AFTER).delete()
