"""What people ask of those to whom they showed their ID: to delete what they got; or what they report of them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from meydan.identity.models.presenting import RelyingParty
from meydan.kernel.ids import uuid7

DELETION, REPORT = "deletion", "report"
ANSWERS: dict[str, tuple[str, ...]] = {DELETION: ("deleted", "kept"), REPORT: ("heard",)}
"""Kinds of wishes, and how each can be answered."""
MAX_WISH_WORDS, MOST_TIMES = 1000, 50


class Wish(models.Model):
    """One of them. `times` are the moments at which the person showed something there, the latest first, and `claims`
    the names of what that was: by these, and by the number that stands for the person there, it is found. `words` are
    the person's, in a report; `reply` those of whoever answered. No value of a claim is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=[(one, one) for one in ANSWERS])
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="wishes")
    times = ArrayField(models.DateTimeField())
    claims = ArrayField(models.CharField(max_length=40))
    words = models.CharField(max_length=MAX_WISH_WORDS, blank=True)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, db_index=True)
    answer = models.CharField(max_length=7, blank=True)
    reply = models.CharField(max_length=MAX_WISH_WORDS, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "party", "kind"], condition=Q(answered_at=None), name="identity_one_wish_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"wish:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this wish."""
        return f"wish:{self.pk}"
