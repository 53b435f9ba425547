"""An application to have one's account stand for a person of the registry, and what comes in with it."""

import hashlib
import hmac
from datetime import date, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from meydan.identity.models.identities import NUMBER_LENGTH, Claims
from meydan.identity.models.sealing import seal, unseal
from meydan.kernel.city import PackPart
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.ids import uuid7
from meydan.kernel.vault import lock_away, take_out

FACE_FAILURES_TOGETHER = 5
FACE_PAUSE = timedelta(seconds=30)
MOST_FACE_FAILURES = 50
"""NIST SP 800-63B 5.2.3: after five failures in a row a pause of 30 s, after fifty no more: a person decides."""
NUMBER_TRIES_A_DAY = 10
"""Accounts that may name the same number in a day before a person looks at each: the holder is never locked out."""
CHALLENGE_SECONDS = 10
CHALLENGE_LENGTH = 3
UPLOAD_SECONDS = 60
"""That the pictures of a challenge may still be on their way after it has ended."""
MAX_FRAMES = 14
MAX_FRAME_BYTES = 80_000
LAPSES = timedelta(days=30)
"""An application that nobody goes on with is withdrawn, and its pictures are deleted."""
CODE_MINUTES = 10
CROWDS_WAIT = timedelta(days=1)
"""By how much officers look later at applications of which many came by one line: those of others go first, and no
line is left out."""
SAME_FACE = 0.50
OTHER_FACE = 0.60
DUPLICATE_FACE = 0.42
"""Distances of dlib's 128-number measures: below the first one face, above the second another, between them a person
decides; the third is where two records are asked about. What is known of the errors: docs/security/faces.md."""

MEASURE = "measure"
"""What a face's measure is sealed for."""


class IdentityRules(PackPart):
    """`[rules.identity]` of the city's pack. `department`: whose officers work at the desk and at the counter."""

    department: str = Field("identity", max_length=60)


class State(models.TextChoices):
    """How far an application has come: what it waits for, or how it ended."""

    CONSENT = "consent", _("Your say about face comparison")
    NUMBER = "number", _("Your ID number")
    DOCUMENT = "document", _("Your document")
    SELFIE = "selfie", _("Your picture")
    CHECK = "check", _("We are checking")
    DESK = "desk", _("An officer is looking")
    SECOND = "second", _("A second officer is looking")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ALLOWED: dict[State, tuple[State, ...]] = {
    State.CONSENT: (State.NUMBER, State.WITHDRAWN),
    State.NUMBER: (State.CONSENT, State.DOCUMENT, State.WITHDRAWN),
    State.DOCUMENT: (State.NUMBER, State.SELFIE, State.WITHDRAWN),
    State.SELFIE: (State.CHECK, State.DESK, State.WITHDRAWN),
    State.CHECK: (State.SELFIE, State.DESK, State.ACCEPTED, State.WITHDRAWN),
    State.DESK: (State.SECOND, State.REFUSED, State.WITHDRAWN),
    State.SECOND: (State.DESK, State.ACCEPTED, State.REFUSED, State.WITHDRAWN),
    State.ACCEPTED: (),
    State.REFUSED: (),
    State.WITHDRAWN: (),
}
ENDED = tuple(state for state, after in ALLOWED.items() if not after)
AT_DESK = (State.DESK, State.SECOND)
WHO_WAITS = (State.CHECK, *AT_DESK)
"""Where the person has done their part."""


class Purpose(models.TextChoices):
    """What an application is for: a first identity, or a thaw of one's frozen one by the same proof."""

    ENROL = "enrol", _("Link your account to your identity")
    THAW = "thaw", _("Undo the freeze")


class Registered(models.TextChoices):
    """What came of the question to the registry."""

    NOT_ASKED = "", _("Not asked yet")
    ASKED = "asked", _("Asked, no answer yet")
    FOUND = "found", _("It knows this person")
    NOBODY = "nobody", _("It does not know this person")
    DOWN = "down", _("It did not answer")
    NONE = "none", _("No registry is connected")


REASONS: dict[str, Sentence] = {
    "no_face_check": _("No machine compared the faces."),
    "no_consent": _("The person did not agree to a comparison of faces by machine."),
    "no_challenge": _("The picture came without a camera's challenge."),
    "no_portrait": _("The registry sent no portrait."),
    "face_between": _("The faces are neither clearly the same nor clearly different."),
    "too_many_faces": _("The face check failed too often."),
    "registry_down": _("The registry did not answer."),
    "registry_says_no": _("The registry did not confirm what was given."),
    "name_differs": _("The name on the document is not the registry's."),
    "number_taken": _("Another account stands for this number."),
    "number_tried": _("Many accounts named this number today."),
    "duplicate": _("The face is like that of another identity."),
    "document_expired": _("The document has expired."),
    "not_alive": _("The registry says that this person is no longer alive."),
    "unreadable": _("The pictures cannot be read."),
    "other_person": _("The pictures show another person."),
    "document_wrong": _("The document is not genuine, or not the person's own."),
    "come_in_person": _("Please come to the counter with your document."),
}
"""Why an application went to the desk, or was refused: each a sentence that its person may read."""
FOR_REFUSAL = ("registry_says_no", "other_person", "document_wrong", "unreadable", "come_in_person")
"""What an officer may refuse with."""


class Given(BaseModel):
    """What the person typed or their document's machine-readable zone says."""

    model_config = ConfigDict(frozen=True)

    number: str = Field("", max_length=NUMBER_LENGTH)
    birth_date: date | None = None
    family_name: str = Field("", max_length=120)
    given_name: str = Field("", max_length=120)
    document: str = Field("", max_length=32)
    expires: date | None = None
    from_zone: bool = False


class Application(models.Model):
    """One person's application. What was typed and what the registry said lie encrypted, and are forgotten when it
    ends; the pictures are rows of `Evidence`, deleted at the verdict.

    `number` is the keyed digest of the number, `reasons` words of `REASONS`. `accepted_by` is the first of the two
    officers that it takes to accept a doubtful one. `nonce` is the digest of the running challenge's number. `crowded`:
    more applied from the same network that day than a household or an office does; the desk looks at others first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=5, choices=Purpose, default=Purpose.ENROL)
    state = models.CharField(max_length=10, choices=State, default=State.CONSENT)
    crowded = models.BooleanField(default=False)
    began_at = models.DateTimeField(default=now)
    moved_at = models.DateTimeField(default=now)
    compares_faces = models.BooleanField(null=True)  # None before the person has said
    number = models.BinaryField(max_length=32, null=True)
    locked_given = models.TextField(blank=True)
    registered = models.CharField(max_length=6, choices=Registered, default=Registered.NOT_ASKED, blank=True)
    registry_tries = models.PositiveSmallIntegerField(default=0)
    locked_claims = models.TextField(blank=True)
    alive = models.BooleanField(default=True)
    poses = ArrayField(models.CharField(max_length=12), default=list)
    nonce = models.BinaryField(max_length=32, null=True)
    challenged_at = models.DateTimeField(null=True)
    face_failures = models.PositiveSmallIntegerField(default=0)
    face_waits_until = models.DateTimeField(null=True)
    face_checked = models.CharField(max_length=12, blank=True)  # what the machine found: same, between, none
    distance = models.FloatField(null=True)
    like = models.ForeignKey("identity.Identity", on_delete=models.SET_NULL, null=True, related_name="+")
    reasons = ArrayField(models.CharField(max_length=20), default=list)
    words = models.CharField(max_length=1000, blank=True)
    accepted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=~Q(state__in=ENDED), name="identity_one_application_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ENDED) | Q(locked_given="", locked_claims=""),
                name="identity_ended_application_says_nothing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-began_at"], name="identity_applications_of"),
            models.Index(fields=["moved_at"], condition=Q(state__in=AT_DESK), name="identity_at_desk"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The subject of facts about this application."""
        return f"application:{self.pk}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be done about it any more."""
        return State(self.state) in ENDED

    @property
    def given(self) -> Given:
        """What the person gave. Raises `Unavailable` as `kernel.vault` does."""
        return Given.model_validate_json(take_out(self.locked_given)) if self.locked_given else Given()

    @given.setter
    def given(self, given: Given) -> None:
        self.locked_given = lock_away(given.model_dump_json())

    @property
    def said(self) -> Claims | None:
        """What the registry said; None when it knows nobody, or has not answered."""
        return Claims.model_validate_json(take_out(self.locked_claims)) if self.locked_claims else None

    @said.setter
    def said(self, claims: Claims | None) -> None:
        self.locked_claims = lock_away(claims.model_dump_json()) if claims else ""


class Kind(models.TextChoices):
    """What a picture is."""

    DOCUMENT = "document", _("The document")
    SELFIE = "selfie", _("The person")
    PORTRAIT = "portrait", _("The registry's portrait")
    FRAME = "frame", _("A frame of the challenge")


class Evidence(models.Model):
    """A picture that belongs to an application: sealed, and deleted with the verdict."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Kind)
    sealed = models.BinaryField(max_length=4 * 2**20)
    millis = models.PositiveIntegerField(default=0)  # of a frame: since the challenge began, as the browser says

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "kind"], condition=~Q(kind=Kind.FRAME), name="identity_one_picture_of_a_kind"
            )
        ]

    @property
    def picture(self) -> bytes:
        """The JPEG."""
        return unseal(self.sealed, f"picture:{self.kind}")

    @picture.setter
    def picture(self, picture: bytes) -> None:
        self.sealed = seal(picture, f"picture:{self.kind}")


class FaceRecord(models.Model):
    """The measure of an identity's face, for the search of people who apply twice: 128 float32 numbers, sealed.

    `block` is a keyed digest of sex and birth year: candidates are read without telling either.
    """

    identity = models.OneToOneField("identity.Identity", on_delete=models.CASCADE, primary_key=True, related_name="+")
    block = models.BinaryField(max_length=8)
    sealed = models.BinaryField(max_length=600)
    engine = models.CharField(max_length=20)

    class Meta:
        # holds all that a search reads: its thirty thousand rows of a million lie together here, and nowhere else
        indexes: ClassVar = [
            models.Index(fields=["block"], include=["identity", "sealed", "engine"], name="identity_face_search")
        ]

    @property
    def measure(self) -> bytes:
        """The numbers, as little-endian float32."""
        return unseal(self.sealed, MEASURE)

    @measure.setter
    def measure(self, measure: bytes) -> None:
        self.sealed = seal(measure, MEASURE)


def face_block(sex: str, year: int) -> bytes:
    """Where the faces of people of this sex and birth year are kept."""
    return hmac.digest(f"identity.block:{config().biometric_key}".encode(), f"{sex}:{year}".encode(), hashlib.sha256)[
        :8
    ]


class Desk(models.Model):
    """What makes an in-person identity at the counter: the code that its person shows to the clerk, and the PIN that
    they chose there (argon2). One row for each identity."""

    identity = models.OneToOneField("identity.Identity", on_delete=models.CASCADE, primary_key=True, related_name="+")
    code = models.BinaryField(max_length=32, null=True, unique=True)
    code_until = models.DateTimeField(null=True)
    pin = models.CharField(max_length=128, blank=True)
    document = models.CharField(max_length=20, blank=True)  # which kind of document the clerk saw
    seen_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)


class Paper(models.Model):
    """A printed credential: whoever scans its code learns whether it still holds. Only the code's digest is kept."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    identity = models.ForeignKey("identity.Identity", on_delete=models.CASCADE, related_name="papers")
    printed_at = models.DateTimeField(default=now)
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class FaceMeasurement(models.Model):
    """How often the face check errs, as measured on the operator's own pictures and published (`/id/errors`)."""

    id = models.BigAutoField(primary_key=True)
    measured_at = models.DateTimeField(default=now)
    engine = models.CharField(max_length=60)
    groups = models.JSONField()  # [{group, persons, pairs_same, pairs_other, missed, mixed}]


def digest_of(secret: str) -> bytes:
    """What is kept of a code that somebody carries: keyed, for short ones could be tried."""
    return hmac.digest(f"identity.codes:{config().secret_key}".encode(), secret.encode(), hashlib.sha256)
