"""Blocks, warnings and traces: who may not send, and by what a sender without an account is known."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.moderation.models.bounds import MAX_WORDS


class Trace(models.Model):
    """By which device and address a thing came, as keyed hashes, for `TRACE_DAYS`: only so that a block can reach who
    has no account."""

    reference = models.CharField(max_length=80, primary_key=True)
    device = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.reference


class Whom(models.TextChoices):
    """Whom a block is about."""

    PERSON = "person", _("The person")
    DEVICE = "device", _("The device")
    ADDRESS = "address", _("The network address")


class Measure(models.TextChoices):
    """What a sanction does, the lighter first."""

    WARNING = "warning", _("A warning")
    BLOCK = "block", _("A block")


class Block(models.Model):
    """Who may not send, until when, and why; `mark` is a keyed hash of a device or an address. A warning hinders
    nobody: it is shown until its end. There is one appeal, decided by somebody else (`second`): `lifted` says how."""

    measure = models.CharField(max_length=8, choices=Measure, default=Measure.BLOCK)
    rules = models.JSONField(default=list)
    whom = models.CharField(max_length=8, choices=Whom)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, null=True, related_name="+")
    mark = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=80)
    reason = models.TextField(max_length=MAX_WORDS)
    by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    appeal = models.TextField(max_length=MAX_WORDS, blank=True)
    appeal_email = models.EmailField(blank=True)
    appeal_language = models.CharField(max_length=8, default="en")
    appealed_at = models.DateTimeField(null=True)
    second = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    answer = models.TextField(max_length=MAX_WORDS, blank=True)
    answered_at = models.DateTimeField(null=True)
    lifted = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(whom=Whom.PERSON, person__isnull=False, mark="")
                | (~Q(whom=Whom.PERSON) & Q(person__isnull=True) & ~Q(mark="")),
                name="moderation_block_of_somebody",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["mark", "until"], condition=~Q(mark=""), name="moderation_block_mark"),
            models.Index(
                fields=["appealed_at"],
                condition=Q(appealed_at__isnull=False, answered_at__isnull=True),
                name="moderation_appeals",
            ),
            models.Index(fields=["person", "-at"], condition=Q(person__isnull=False), name="moderation_block_mine"),
        ]

    def __str__(self) -> str:
        return f"block:{self.pk}"
