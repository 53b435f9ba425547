"""Flags, decisions, and blocks with their appeals. Things are named by their references ("report:123")."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_WORDS = 2000
MAX_DAYS = 365
TRACE_DAYS = 30


class Reason(models.TextChoices):
    """What is wrong with a thing."""

    PRIVATE = "private", _("It shows somebody's face, name or number plate")
    INSULT = "insult", _("It insults or threatens somebody")
    FALSE = "false", _("It is not true, or a joke")
    SPAM = "spam", _("It is advertising")
    DANGER = "danger", _("It is dangerous or forbidden")
    OTHER = "other", _("Something else")


class Decision(models.Model):
    """What a moderator decided about a thing, and why."""

    reference = models.CharField(max_length=80)
    kept = models.BooleanField()
    words = models.TextField(max_length=MAX_WORDS, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class Flag(models.Model):
    """Somebody's word that something is wrong; `decision` answers it. One at a time from each person or device."""

    reference = models.CharField(max_length=80)
    reason = models.CharField(max_length=8, choices=Reason)
    words = models.TextField(max_length=MAX_WORDS, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    mark = models.CharField(max_length=64, blank=True)  # of the device, else of the address
    at = models.DateTimeField()
    decision = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="flags")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reference", "person"],
                condition=Q(person__isnull=False, decision__isnull=True),
                name="moderation_flag_of_person",
            ),
            models.UniqueConstraint(
                fields=["reference", "mark"],
                condition=Q(person__isnull=True, decision__isnull=True) & ~Q(mark=""),
                name="moderation_flag_of_mark",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], condition=Q(decision__isnull=True), name="moderation_open_flags")
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}"


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


class Block(models.Model):
    """Who may not send, until when, and why; `mark` is a keyed hash of a device or an address. There is one appeal,
    decided by somebody else (`second`): `lifted` says how."""

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
        ]

    def __str__(self) -> str:
        return f"block:{self.pk}"
