"""Work on many reports at once, and what went to other authorities or came by e-mail."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.ids import uuid7
from meydan.reports.models.arranging import Authority
from meydan.reports.models.report import MAX_DESCRIPTION, Report
from meydan.reports.models.states import Verb
from meydan.reports.models.timeline import Entry

UNDO_FOR = timedelta(minutes=10)
"""How long a change to many reports can be undone, and so how long the letters about it wait."""
MOST_AT_ONCE = 100
LETTER_DAYS = 90


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
    RECALLED = "recalled", _("Taken back")


class Forward(models.Model):
    """A report that was forwarded. `external_id` is what the other authority calls it, `token` what it gave instead
    for the time being (GeoReport v2, "GET service_request_id from a token").

    `mark` stands in what we send, so that it can be found there. `doubtful`: the last try may have reached them without
    our knowing; `looks` counts how often we have looked there since, and found nothing. `next_at`: when the worker
    tries, looks or asks the next time.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="forwards")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=Sending, default=Sending.WAITING)
    words = models.TextField(blank=True, max_length=MAX_DESCRIPTION)
    mark = models.CharField(max_length=60, blank=True)
    doubtful = models.BooleanField(default=False)
    looks = models.PositiveSmallIntegerField(default=0)
    their_state = models.CharField(max_length=20, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    token = models.CharField(max_length=120, blank=True)
    said = models.TextField(blank=True, max_length=4000)  # the last that they answered, or why it failed
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="reports_forward_due")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.authority_id}"


class Refusal(models.TextChoices):
    """Why a letter became neither a report nor an answer."""

    AUTOMATIC = "automatic", _("Written by a machine: an automatic reply, a bounce or a mailing list")
    OWN = "own", _("One of the city's own letters, which came back")
    TOO_LARGE = "too_large", _("Too large")
    TOO_MANY = "too_many", _("Too many letters from one sender")
    BLOCKED = "blocked", _("The sender is blocked")
    EMPTY = "empty", _("Nothing is written in it")
    UNREADABLE = "unreadable", _("It cannot be read")
    STRANGER = "stranger", _("An answer from another address than the reporter's")
    FULL = "full", _("The case can take nothing more")
    UNPROVEN = "unproven", _("The mail server found the sender's address forged")


class Letter(models.Model):
    """An e-mail that came in: each is taken once, by its Message-ID, and became a report, a word in a case, or was
    refused. What was written is kept of refused letters only, for LETTER_DAYS."""

    message_id = models.CharField(max_length=300, unique=True)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=MAX_DESCRIPTION, blank=True)
    language = models.CharField(max_length=8, default="en")
    report = models.ForeignKey(Report, on_delete=models.SET_NULL, null=True, related_name="+")
    refusal = models.CharField(max_length=10, choices=Refusal, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sender", "at"], name="reports_letters_of"),
            models.Index(F("id").desc(), condition=~Q(refusal=""), name="reports_letters_refused"),
        ]

    def __str__(self) -> str:
        return self.message_id


class SentForm(models.Model):
    """A form about a report that has been taken: sent again by a device that heard no answer, it does nothing."""

    token = models.UUIDField(primary_key=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.token)
