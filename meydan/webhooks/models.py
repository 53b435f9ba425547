"""Addresses of other programs that are told what happens to public reports, and what each was told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.ids import uuid7

MAX_HOOKS = 50
KEPT_DAYS = 30


class Kind(models.TextChoices):
    """What a program can be told: the `type` of its CloudEvents, after `meydan.`."""

    FILED = "report.filed", _("A report became public")
    ROUTED = "report.routed", _("A department was found")
    ACCEPTED = "report.accepted", _("A department took it on")
    ASKED = "report.asked", _("It waits for its reporter")
    MOVED = "report.moved", _("It was passed on")
    FORWARDED = "report.forwarded", _("It was forwarded to another authority")
    SOLVED = "report.solved", _("The city says that it is solved")
    CONFIRMED = "report.confirmed", _("The reporter confirmed that it is solved")
    DECLINED = "report.declined", _("The city will not act")
    REOPENED = "report.reopened", _("It is open again")
    WITHDRAWN = "report.withdrawn", _("The reporter took it back")
    RECATEGORISED = "report.recategorised", _("The reporter chose another kind")
    HIDDEN = "report.hidden", _("It is not public any more")


class Hook(models.Model):
    """One address. `secret` and `old_secret` are locked away (`kernel.vault`); `old_until`: until when both sign.

    Nothing is sent before the address has agreed (`agreed_at`; CloudEvents' web hook handshake). `failing_since`: since
    when nothing has arrived; `quiet_until`: until when it is left alone after that; `busy_until`: a worker is at it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2000)
    kinds = models.JSONField(default=list)
    secret = models.CharField(max_length=500)
    old_secret = models.CharField(max_length=500, blank=True)
    old_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    asked_said = models.CharField(max_length=300, blank=True)
    rate = models.PositiveIntegerField(default=0)  # a minute; 0: as often as we like
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    quiet_until = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["made_at"]

    def __str__(self) -> str:
        return f"hook:{self.pk}"


class Step(models.TextChoices):
    """How far a delivery has come."""

    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")
    WITHHELD = "withheld", _("Withheld: not public any more")


class Delivery(models.Model):
    """One event for one address; `id` is the same on every try, so that a receiver knows what it has had.

    `fact` is the number of the fact that it tells of, by which the events of a report keep their order.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    fact = models.BigIntegerField()
    kind = models.CharField(max_length=30, choices=Kind)
    subject = models.CharField(max_length=80)
    body = models.TextField(max_length=20_000)
    step = models.CharField(max_length=10, choices=Step, default=Step.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    answered = models.PositiveSmallIntegerField(default=0)  # the last HTTP status; 0: none
    said = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "fact"], name="webhooks_delivery_once")]
        indexes: ClassVar = [
            models.Index(fields=["hook", "next_at"], condition=Q(step="waiting"), name="webhooks_due"),
            models.Index(fields=["hook", "subject", "fact"], condition=Q(step="waiting"), name="webhooks_in_order"),
            models.Index(fields=["made_at"], name="webhooks_old"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
