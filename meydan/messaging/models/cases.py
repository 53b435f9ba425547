"""Cases: rooms between a person and a department, which other domains open and write in; and the errands by which
whoever is no gateway has something written into the streams."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

CASE_TYPE = "org.meydan.case"
"""The `type` in m.room.create of a case's room, and the type of the state event that says which case it is."""
DEPARTMENT_FIELD = "org.meydan.department"
"""In a department's profile and member events: its code. Nobody else's events may hold it."""
MAX_KEY = 80
ERRANDS = "meydan_errands"
"""The channel on which gateways hear that an errand waits."""


class Case(models.Model):
    """A room for the case `key` ("report:123") of another domain, between a person and a department. `user_id` is the
    person's name in the messenger, `language` what the department speaks there."""

    key = models.CharField(max_length=MAX_KEY, unique=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    user_id = models.CharField(max_length=255)
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    room = models.BigIntegerField(unique=True)
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=300)
    language = models.CharField(max_length=2)
    opened_at = models.DateTimeField(db_default=Now())
    closed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class CaseWord(models.Model):
    """That a person's message in a case was told to its domain: an event is told once."""

    event_id = models.CharField(primary_key=True, max_length=64)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.event_id


class CaseSilence(models.Model):
    """A person who wants no rooms for their cases."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)


class Errand(models.Model):
    """Something that the gateway which writes `shard` does for other processes, in the order of the ids for each room.
    The row is written in the transaction of whoever wants it; `key` makes a second one the same.

    `verb` "append": `body["drafts"]` go into `room`, and in the same transaction the errand is done: once, whatever
    dies when. "renew": the person `body["person"]` is named anew in their rooms. Twice is once. `wrong` says
    why the rules would not have it. What is done has lost its body.
    """

    key = models.CharField(max_length=200, unique=True)
    shard = models.SmallIntegerField()
    room = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=10)
    body = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    wrong = models.TextField(blank=True, max_length=500)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["shard", "id"], condition=Q(done_at__isnull=True), name="messaging_errand_waits"),
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="messaging_errand_done"),
        ]

    def __str__(self) -> str:
        return self.key
