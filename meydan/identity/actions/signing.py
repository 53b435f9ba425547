"""People sign papers with their ID. Whose key that is, and why: docs/decisions/0095-signing-with-the-id.md."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from cryptography import x509
from django.utils.translation import gettext_lazy as _

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.facts import (
    PaperDropped,
    PaperGiven,
    PaperSigned,
    SignatureDisowned,
    SignedFilesForgotten,
    SignerForgotten,
)
from meydan.identity.models import Identity, Signature, digest_of
from meydan.identity.models.signing import FILE_LIVES, MAX_TITLE, MOST_WAITING
from meydan.identity.papers.reading import Prepared, Stamp, look_at, prepare
from meydan.identity.papers.refusals import Reason, Refused
from meydan.identity.papers.signing import Keyed, sign_prepared
from meydan.identity.policies import may_issue, may_keep_paper, may_sign, may_sign_paper
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.keys import host, private_key
from meydan.identity.queries.signing import (
    count_waiting,
    has_old_files,
    list_unsigned,
    lock_signature,
    own_signature,
    paper_address,
)
from meydan.identity.tokens.certificates import make_personal
from meydan.identity.tokens.jose import new_key
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.facts import record
from meydan.kernel.policy import demand

WHY_NOT: dict[Reason, Sentence] = {
    Reason.NOT_A_PDF: _("This is no PDF file. Save or print your paper as PDF, and choose that file."),
    Reason.TOO_LARGE: _("A paper may have at most 10 MB. Make its pictures smaller."),
    Reason.TOO_LONG: _("A paper may have at most 300 pages. Sign its parts one by one."),
    Reason.DAMAGED: _("This file is damaged, or programs read it differently. Print it as PDF once more."),
    Reason.ENCRYPTED: _("This file is locked by a password. Save it without one, and choose it again."),
    Reason.SIGNED: _(
        "This file bears a signature already, which another would break. Choose the file as it was before."
    ),
    Reason.FORM: _("This form is made anew by a program each time it is opened. Print it as PDF, and sign that."),
    Reason.ACTIVE: _(
        "There are scripts or films in this file: it could look different tomorrow. Print it as PDF, and sign that."
    ),
    Reason.ATTACHED: _(
        "Other files are hidden in this one, and you would sign them too. Print it as PDF, and sign that."
    ),
    Reason.TOO_HEAVY: _("This file is too heavy to be read now. Make it simpler, or try again later."),
}


def give_paper(actor: Actor, *, data: bytes, title: str, shows_name: bool) -> Signature:
    """Give a file to sign. Raises `Invalid` by the field "paper", `Conflict` while too many wait."""
    demand(may_sign(actor), actor)
    try:
        looked = look_at(data)
    except Refused as error:
        raise Invalid(fields={"paper": WHY_NOT[error.code]}) from error
    return _keep_paper(actor, data=data, title=title, shows_name=shows_name, pages=looked.pages, before=looked.sha256)


@action(policy=may_sign)
def _keep_paper(actor: Actor, *, data: bytes, title: str, shows_name: bool, pages: int, before: bytes) -> Signature:
    person = actor.person_id
    if person is None:  # the policy has asked; for the checker of types
        raise Conflict
    if count_waiting(person) >= MOST_WAITING:
        raise Conflict(_("Several papers wait for your signature already. Sign them, or throw them away."))
    row = Signature(person_id=person, shows_name=shows_name, pages=pages, before=before, made_at=now())
    row.title, row.body, row.code = title[:MAX_TITLE], data, digest_of(row.said_code)
    row.save(force_insert=True)
    record(PaperGiven(subject=row.reference, persons=(person,), pages=pages))
    return row


def sign_paper(actor: Actor, key: UUID) -> None:
    """Sign a paper that waits. The caller has asked for a second proof for this very paper. Raises `NotFound`,
    `Conflict`, `Invalid` when the file can be read no more."""
    demand(may_sign(actor), actor)
    row, at = own_signature(actor, key), now().astimezone(UTC).replace(microsecond=0)
    _still_waits(row)
    stamp = Stamp(
        address=paper_address(row.said_code),
        code=row.said_code,
        at=at.isoformat(),
        digest=bytes(row.before).hex(),
        reason=f"ID of {host()}, level in-person",
    )
    try:
        prepared = prepare(row.body, stamp)
    except Refused as error:
        raise Invalid(fields={"paper": WHY_NOT[error.code]}) from error
    _sign(actor, key, prepared=prepared, at=at)


def _still_waits(row: Signature) -> None:
    if row.signed_at is not None:
        raise Conflict(_("This paper is signed already."))


@action_on(lock_signature, policy=may_sign_paper)
def _sign(actor: Actor, row: Signature, *, prepared: Prepared, at: datetime) -> None:
    """With a key made for this one signature, which nobody keeps."""
    _still_waits(row)
    identity = own_identity(actor)
    if identity is None or identity.frozen_at is not None:
        raise Conflict(_("Your identity is frozen."))
    name = f"{identity.claims.given_name} {identity.claims.family_name}" if row.shows_name else ""
    row.body = body = _signed(row, prepared, name, at)
    row.name, row.level, row.signed_at, row.after = name, identity.level, at, hashlib.sha256(body).digest()
    row.save()
    record(
        PaperSigned(
            subject=row.reference,
            persons=(row.person_id,),
            sha256=bytes(row.after).hex(),
            level=row.level,
            shows_name=row.shows_name,
        )
    )


def _signed(row: Signature, prepared: Prepared, name: str, at: datetime) -> bytes:
    city, clock, key = keep_issuer_key("root"), keep_issuer_key("clock"), new_key()
    root = x509.load_der_x509_certificate(bytes(city.certificate))
    personal = make_personal(
        key, name=name, paper=paper_address(row.said_code), root=root, root_key=private_key(city), at=at
    )
    stamping = Keyed(private_key(clock), x509.load_der_x509_certificate(bytes(clock.certificate)))
    return sign_prepared(prepared, signer=Keyed(key, personal), clock=stamping, root=root, at=at)


@action_on(lock_signature, policy=may_keep_paper)
def drop_paper(actor: Actor, row: Signature, *, why: str = "person") -> None:
    """Throw a paper away that was not signed. Raises `Conflict` for one that was."""
    _still_waits(row)
    record(PaperDropped(subject=row.reference, persons=(row.person_id,), why=why))
    row.delete()


@action_on(lock_signature, policy=may_keep_paper)
def disown_signature(actor: Actor, row: Signature) -> None:
    """Say that it was not oneself who signed. It cannot be taken back. Raises `Conflict` for what was not signed."""
    if row.signed_at is None or row.disowned_at is not None:
        raise Conflict(_("You have said so already."))
    row.disowned_at = now()
    row.save(update_fields=["disowned_at"])
    record(SignatureDisowned(subject=row.reference, persons=(row.person_id,)))


def drop_papers(*, person: UUID | None = None, why: str) -> None:
    """The machinery throws away what waits: of a person, or what has waited for too long."""
    for key in list_unsigned(person):
        drop_paper(SYSTEM, key, why=why)


@action(policy=may_issue)
def forget_files(actor: Actor) -> None:
    """Delete the files of papers that were signed a while ago."""
    rows = Signature.objects.filter(locked_body__isnull=False, made_at__lt=now() - FILE_LIVES)
    record(SignedFilesForgotten(subject="signatures:old", count=rows.update(locked_body=None)))


@action(policy=may_issue)
def forget_signer(actor: Actor, *, identity_id: UUID) -> None:
    """An account was closed: names, titles and files of its papers go, their digests stay."""
    identity = Identity.objects.get(pk=identity_id)
    rows = Signature.objects.filter(person=identity.person_id)
    count = rows.update(locked_name="", locked_title="", locked_body=None)
    record(SignerForgotten(subject=identity.reference, persons=(identity.person_id,), count=count))


def sweep_papers() -> None:
    """Housekeeping, each minute."""
    drop_papers(why="lapsed")
    if has_old_files():
        forget_files(SYSTEM)
