"""Papers that people sign: their own, and whether one that somebody holds is what it seems."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from meydan.identity.models import Identity, Signature, digest_of
from meydan.identity.models.signing import DRAFT_LIVES, FILE_LIVES
from meydan.identity.policies import may_use_own_identity
from meydan.identity.queries.enrolment import PaperSays, read_paper
from meydan.identity.queries.keys import address
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

MOST_SHOWN = 100
MOST_CODE = 100


def paper_address(code: str) -> str:
    """Where anybody learns whether a paper of the city is genuine: what its QR code holds."""
    return address(f"/verify/papers/{code}")


def own_signatures(actor: Actor) -> list[Signature]:
    """The actor's papers, signed and waiting, the newest first, without the files. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    rows = Signature.objects.filter(person=actor.person_id).defer("locked_body")
    return list(rows.order_by("-made_at")[:MOST_SHOWN])


def own_signature(actor: Actor, key: UUID) -> Signature:
    """One of them. Raises `SignInFirst`, `NotFound`."""
    demand(may_use_own_identity(actor), actor)
    row = Signature.objects.filter(pk=key, person=actor.person_id).first()
    if row is None:
        raise NotFound
    return row


def lock_signature(actor: Actor, key: UUID) -> Signature:
    """One of the actor's, or for the machinery any, locked for an action. Raises `NotFound`."""
    rows = Signature.objects.select_for_update(of=["self"]).filter(pk=key)
    row = (rows if actor.is_system else rows.filter(person=actor.person_id)).first()
    if row is None:
        raise NotFound
    return row


def count_waiting(person: UUID) -> int:
    """How many papers of a person wait for their signature."""
    return Signature.objects.filter(person=person, signed_at=None).count()


def list_unsigned(person: UUID | None = None) -> list[UUID]:
    """Papers that wait: all of a person, or all that have waited for too long."""
    rows = Signature.objects.filter(signed_at=None)
    late = rows.filter(made_at__lt=now() - DRAFT_LIVES)
    return list((rows.filter(person=person) if person else late).values_list("pk", flat=True)[:MOST_SHOWN])


def has_old_files() -> bool:
    """Whether files of signed papers are kept for longer than they are to be."""
    return Signature.objects.filter(locked_body__isnull=False, made_at__lt=now() - FILE_LIVES).exists()


@dataclass(frozen=True)
class SignatureSays:
    """What whoever holds a signed paper learns: that it is genuine, when it was signed, and by whom, as far as the
    person shows that. `frozen_at`: since when their ID is frozen, where it is. `name` is "" where none is shown, or
    where the account was closed (`closed`)."""

    code: str
    sha256: str
    pages: int
    signed_at: datetime
    level: str
    shows_name: bool
    name: str
    disowned_at: datetime | None
    frozen_at: datetime | None
    closed: bool


def read_signature(actor: Actor, code: str) -> SignatureSays | None:
    """By what a paper's address ends in, written as anybody types it; None where that is no signature's."""
    letters = "".join(one for one in code[:MOST_CODE].upper() if one.isalnum())
    said = "-".join(letters[part : part + 4] for part in range(0, len(letters), 4))
    return _told(Signature.objects.filter(code=digest_of(said)))


def find_signed(actor: Actor, sha256: str) -> SignatureSays | None:
    """By the file itself (its SHA-256, hexadecimal); None for one that is not, byte for byte, signed here."""
    return _told(Signature.objects.filter(after=bytes.fromhex(sha256)))


def _told(rows: "QuerySet[Signature]") -> SignatureSays | None:
    row = rows.filter(signed_at__isnull=False).defer("locked_body").first()
    if row is None or row.after is None or row.signed_at is None:
        return None
    identity = Identity.objects.filter(person=row.person_id, ended_at=None).first()
    return SignatureSays(
        code=row.said_code,
        sha256=bytes(row.after).hex(),
        pages=row.pages,
        signed_at=row.signed_at,
        level=row.level,
        shows_name=row.shows_name,
        name=row.name,
        disowned_at=row.disowned_at,
        frozen_at=identity.frozen_at if identity else None,
        closed=row.shows_name and not row.locked_name,
    )


def read_any_paper(actor: Actor, code: str) -> SignatureSays | PaperSays:
    """Whatever the code on a paper of the city stands for: a signature, or a printed ID. Raises `NotFound`."""
    return read_signature(actor, code) or read_paper(actor, code)
