"""What the holder of an identity does at the counter and against theft, beside the freeze."""

import secrets
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import has_second_proof
from meydan.identity.actions.identities import raise_level, thaw_identity
from meydan.identity.actions.moving import give_back
from meydan.identity.facts import (
    BiometricsDeleted,
    CounterCodeMade,
    FaceErrorsPublished,
    PaperPrinted,
    PersonSeen,
)
from meydan.identity.models import NO_LEVEL, Desk, FaceRecord, Identity, Paper, digest_of
from meydan.identity.models.enrolment import CODE_MINUTES, FaceMeasurement
from meydan.identity.policies import may_freeze, may_publish_errors, may_see_at_counter
from meydan.identity.queries.cards import WAITS, level_now
from meydan.identity.queries.counter import lock_seen
from meydan.identity.queries.identities import lock_for_code, lock_identity
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.facts import record

CODE_DIGITS, DRAWS = 8, 5
DOCUMENTS = ("card", "passport", "permit", "licence")
PAPER_DAYS = 365
WEAK_PINS = frozenset({"123456", "654321", "121212", "112233", "123123", *(str(one) * 6 for one in range(10))})


@action_on(lock_for_code, policy=may_freeze)
def make_counter_code(actor: Actor, identity: Identity) -> str:
    """A code of eight digits to show to the clerk, for ten minutes; an older one no longer counts. Needs a second proof
    on the account (`Refused`, code second_proof)."""
    if not has_second_proof(identity.person_id):
        raise Refused(_("First secure your account with a passkey or an authenticator app."), code="second_proof")
    code = _draw_code(identity)
    record(CounterCodeMade(subject=identity.reference, persons=(identity.person_id,)))
    return code


def _draw_code(identity: Identity) -> str:
    """One that nobody else has now; who had it before, until it ran out, no longer has it."""
    until = now() + timedelta(minutes=CODE_MINUTES)
    for _draw in range(DRAWS):
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        Desk.objects.filter(code=digest_of(code), code_until__lte=now()).update(code=None)
        with suppress(IntegrityError), transaction.atomic():
            Desk.objects.update_or_create(identity=identity, defaults={"code": digest_of(code), "code_until": until})
            return code
    raise Conflict(_("No code was free. Please try again."))


@action_on(lock_seen, policy=may_see_at_counter)
def see_person(actor: Actor, identity: Identity, *, document: str, pin: str, again: str) -> None:
    """The clerk saw the person and their document, and the person typed a PIN of six digits, twice: the level becomes
    in-person, or a frozen identity thaws, or one comes back whose move its holder had stopped; its powers open after
    the hold. `lock_seen` takes the person's code, once."""
    if document not in DOCUMENTS:
        raise Invalid(fields={"document": _("Choose which document you saw.")})
    if not (pin.isascii() and pin.isdigit() and len(pin) == 6) or pin in WEAK_PINS:
        raise Invalid(fields={"pin": _("A PIN has six digits, and not a simple row of them.")})
    if pin != again:
        raise Invalid(fields={"again": _("The two PINs are not the same.")})
    if identity.ended_at is not None:
        Desk.objects.filter(identity=identity).delete()
        identity = give_back(identity)
        Desk.objects.create(identity=identity)
    elif identity.level == "in-person" and identity.frozen_at is None:
        raise Conflict(_("This identity was checked in person already."))
    seen = {"code": None, "code_until": None, "pin": make_password(pin), "document": document}
    Desk.objects.filter(identity=identity).update(**seen, seen_by_id=actor.person_id, seen_at=now())
    record(PersonSeen(subject=identity.reference, persons=(identity.person_id,), document=document))
    if identity.level != "in-person":
        raise_level(SYSTEM, identity.pk)
    if identity.frozen_at is not None:
        thaw_identity(SYSTEM, identity.pk, way="counter")


@action_on(lock_identity, policy=may_freeze)
def print_paper(actor: Actor, identity: Identity) -> str:
    """A credential for people without a phone: the secret end of the address that its code leads to, for a year. The
    papers before it no longer hold. `Conflict` while the identity is frozen, or waits after it came over."""
    if identity.frozen_at is not None:
        raise Conflict(_("Your identity is frozen."))
    if level_now(identity) == NO_LEVEL:
        raise Conflict(WAITS)
    code = secrets.token_urlsafe(18)
    Paper.objects.filter(identity=identity, revoked_at=None).update(revoked_at=now())
    Paper.objects.create(digest=digest_of(code), identity=identity, until=now() + timedelta(days=PAPER_DAYS))
    record(PaperPrinted(subject=identity.reference, persons=(identity.person_id,)))
    return code


@action_on(lock_identity, policy=may_freeze)
def delete_biometrics(actor: Actor, identity: Identity) -> None:
    """Forget the measure of one's face; the identity stays."""
    FaceRecord.objects.filter(identity=identity).delete()
    record(BiometricsDeleted(subject=identity.reference, persons=(identity.person_id,)))


@action(policy=may_publish_errors)
def publish_errors(actor: Actor, *, engine: str, groups: list[dict[str, int | float | str]]) -> FaceMeasurement:
    """Put up what was measured, as `actions.measuring` counted it."""
    row = FaceMeasurement.objects.create(engine=engine, groups=groups)
    persons = sum(int(one["persons"]) for one in groups)
    record(FaceErrorsPublished(subject=f"measurement:{row.pk}", persons_measured=persons))
    return row
