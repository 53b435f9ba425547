"""Whom an account stands for."""

import hashlib
import hmac
from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from pydantic import BaseModel, ConfigDict, Field

from meydan.kernel.actor import Assurance
from meydan.kernel.config import config
from meydan.kernel.ids import uuid7
from meydan.kernel.vault import lock_away, take_out

LEVELS: dict[str, Assurance] = {"light": Assurance.LIGHT, "in-person": Assurance.IN_PERSON}
"""`light`: from afar, by the registry and an active challenge. `in-person`: a clerk saw the person and the document."""
NO_LEVEL = "self-declared"
"""What an account is worth that stands for no identity, or for a frozen one."""
RANKS: dict[str, Assurance] = {NO_LEVEL: Assurance.SELF_DECLARED, **LEVELS}
HOLD = timedelta(hours=24)
"""Between a clerk's word and the powers that it gives: time in which the holder can say "that was not me"."""
RECHECKED = timedelta(days=7)
"""After which the registry is asked again whether all that it said of a person still holds. Each question is a fact
that the person sees: asked each day, nothing else would be seen there."""
CONTESTED = "contested"
"""Why an identity is frozen that came over from an account whose holder says "that was not me"."""
WHY_FROZEN = ("holder", "theft", "city", CONTESTED)
NUMBER_LENGTH = 32


class Claims(BaseModel):
    """What the registry says of a person. `number` is the national ID number as the registry writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str = Field(min_length=1, max_length=NUMBER_LENGTH)
    given_name: str = Field(min_length=1, max_length=120)
    family_name: str = Field(min_length=1, max_length=120)
    birth_date: date
    sex: str = Field(default="", max_length=1)
    nationality: str = Field(default="", max_length=3)
    address: str = Field(default="", max_length=400)


class Identity(models.Model):
    """A person of the registry, and the one account that stands for them.

    One number, one living identity; one account, one living identity. `number` is a keyed digest, the claims are
    encrypted: a copy of the database alone says of nobody who they are. The powers of the in-person level begin at
    `opens_at`; while `frozen_at` is set the identity can do nothing at all. `ended_at` is final. `checked_at`: when
    the registry was asked last. `came_from`: the ended one of the account from which it came over.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.BinaryField(max_length=32)
    locked_claims = models.TextField(blank=True)
    level = models.CharField(max_length=10, choices=[(one, one) for one in LEVELS])
    established_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    frozen_why = models.CharField(max_length=10, blank=True)
    ended_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    came_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], condition=Q(ended_at=None), name="identity_one_per_number"),
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="identity_one_per_account"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(locked_claims=""), name="identity_ended_says_nothing"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], name="identity_of_person"),
            models.Index(fields=["checked_at"], condition=Q(ended_at=None), name="identity_to_recheck"),
        ]

    def __str__(self) -> str:
        return f"identity:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this identity."""
        return f"identity:{self.pk}"

    @property
    def claims(self) -> Claims:
        """What the registry said. Raises `Unavailable` when the city's secret key is another than it was then."""
        return Claims.model_validate_json(take_out(self.locked_claims))

    @claims.setter
    def claims(self, claims: Claims) -> None:
        self.locked_claims = lock_away(claims.model_dump_json())


def number_digest(number: str) -> bytes:
    """How an ID number lies in the database: keyed, for there are few enough numbers to try them all."""
    written = "".join(number.split()).upper()
    return hmac.digest(config().secret_key.encode(), b"identity.number:" + written.encode(), hashlib.sha256)
