"""The outbox, where every letter that the city sends waits until the mail server has taken it; and the areas that
people watch, with what is new there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.clock import now
from meydan.kernel.ids import uuid7
from meydan.kernel.places import place_index

SUBJECT_LENGTH = 200
BODY_LENGTH = 100_000
MAIL_DAYS = 90


class Mail(models.Model):
    """One letter to one reader. The text is emptied once it is sent (it may hold codes), save in the demo; MAIL_DAYS
    later the row goes too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sender = models.CharField(max_length=254)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField(max_length=BODY_LENGTH)
    message_id = models.CharField(max_length=160, unique=True)
    headers = models.JSONField(default=dict)  # beside those that every letter has: Reply-To, List-Unsubscribe
    posted_at = models.DateTimeField(default=now, editable=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-posted_at"], name="notifications_mail_posted")]

    def __str__(self) -> str:
        return str(self.pk)


MAX_WATCHES = 10
"""Areas that one person may watch."""
LEAST_RADIUS, MOST_RADIUS = 100, 2000
"""Metres."""


class Watch(models.Model):
    """An area of which a person wants to hear: within `radius` metres of a point, or a district; perhaps of one
    category only (a code). `daily`: by one letter a day, else at once. Where somebody looks is nobody else's business:
    no fact holds it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    radius = models.PositiveSmallIntegerField(default=0)
    district = models.ForeignKey(
        "kernel.District", on_delete=models.CASCADE, to_field="code", null=True, related_name="+"
    )
    category = models.CharField(max_length=60, blank=True)
    daily = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["made_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(district__isnull=False, lat__isnull=True, lon__isnull=True, radius=0)
                | Q(
                    district__isnull=True,
                    lat__range=(-90, 90),
                    lon__range=(-180, 180),
                    radius__range=(LEAST_RADIUS, MOST_RADIUS),
                ),
                name="notifications_watch_area",
            )
        ]
        indexes: ClassVar = [place_index("notifications_watch_place")]

    def __str__(self) -> str:
        return f"watch:{self.pk}"


class News(models.Model):
    """A report that is new in an area which a person watches: once for each, however many of their areas it is in.
    `waits`: for the day's letter."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="+")
    report = models.BigIntegerField()
    waits = models.BooleanField(default=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "report"], name="notifications_news_once")]
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notifications_news_of"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notifications_unread"),
            models.Index(fields=["person"], condition=Q(waits=True), name="notifications_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.report}"


class Notice(models.Model):
    """Something that a person is told in their inbox, beside the letter: `kind` says what, `title` names the thing,
    `path` leads to it."""

    class Kind(models.TextChoices):
        """What is told."""

        REMINDER = "reminder", _("It is soon")
        SEAT = "seat", _("There is a seat for you")
        MOVED = "moved", _("It takes place at another time or place")
        CANCELLED = "cancelled", _("It does not take place")
        ANSWERED = "answered", _("Somebody has answered you")
        REVIEWED = "reviewed", _("Somebody has written about it")
        IDENTITY = "identity", _("About your identity")
        EVENT = "event", _("A new event where you watch")
        OPENED = "opened", _("This district is open now")

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    moment = models.DateTimeField(null=True)  # when the thing begins
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notifications_notice_of"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notifications_notice_new"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class Talk(models.TextChoices):
    """How somebody hears that they were answered, or that their app, article or event was written about."""

    INBOX = "inbox", _("On this page")
    LETTER = "letter", _("On this page, and by a letter")
    NONE = "none", _("Not at all")


class Wish(models.Model):
    """How a person wants to hear of talk; who has said nothing hears it quietly, on the page."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, primary_key=True, related_name="+")
    talk = models.CharField(max_length=6, choices=Talk, default=Talk.INBOX)

    def __str__(self) -> str:
        return f"{self.person_id} {self.talk}"
