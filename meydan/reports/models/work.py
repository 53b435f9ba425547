"""Work on many reports at once, and what went to other authorities or came by e-mail."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.ids import uuid7
from meydan.reports.models.arranging import Authority
from meydan.reports.models.report import Report
from meydan.reports.models.states import Verb
from meydan.reports.models.timeline import Entry

UNDO_FOR = timedelta(minutes=10)
"""How long a change to many reports can be undone, and so how long the letters about it wait."""
MOST_AT_ONCE = 100


class BulkVerb(models.TextChoices):
    """What can be done to many reports at once."""

    ACCEPT = Verb.ACCEPT.value, Verb.ACCEPT.label
    ASSIGN = "assign", _("Assign")
    MOVE = Verb.MOVE.value, Verb.MOVE.label
    SOLVE = Verb.SOLVE.value, Verb.SOLVE.label
    DECLINE = Verb.DECLINE.value, Verb.DECLINE.label
    NOTE = "note", _("Add an internal note")


class BulkChange(models.Model):
    """One change to many reports by one officer, which can be undone for a while. `id` is the token of the form that
    asked for it, so that one sent twice changes them once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=16, choices=BulkVerb)
    arguments = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class BulkItem(models.Model):
    """One report of a bulk change: how it stood `before`, and the line of the timeline that the change wrote; or, where
    it was refused, why. What is not `undone` after an undo had gone on in the meantime."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(default=dict)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, null=True, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)
    undone = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["change", "report"], name="reports_bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.change_id} {self.report_id}"


class Sending(models.TextChoices):
    """How far a report has come on its way to another authority."""

    WAITING = "waiting", _("Being sent")
    SENT = "sent", _("Sent")
    ANSWERED = "answered", _("Answered")
    FAILED = "failed", _("Could not be sent")


class Forward(models.Model):
    """A report that was forwarded. `external_id` is what the other authority calls it, `token` what it gave instead
    for the time being (GeoReport v2, "GET service_request_id from a token")."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="forwards")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=Sending, default=Sending.WAITING)
    external_id = models.CharField(max_length=120, blank=True)
    token = models.CharField(max_length=120, blank=True)
    said = models.TextField(blank=True, max_length=4000)  # the last that they answered, or why it failed
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(state=Sending.SENT), name="reports_forward_to_ask")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.authority_id}"


class Letter(models.Model):
    """An e-mail that came in: each is taken once, by its Message-ID, and became a report, an answer, or was refused."""

    message_id = models.CharField(max_length=300, unique=True)
    sender = models.CharField(max_length=254)
    report = models.ForeignKey(Report, on_delete=models.SET_NULL, null=True, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.message_id


class SentForm(models.Model):
    """A form about a report that has been taken: sent again by a device that heard no answer, it does nothing."""

    token = models.UUIDField(primary_key=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.token)
