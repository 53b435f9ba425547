"""Reviews: a thing is looked at before it is published. And appeals: somebody else looks once more."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.moderation.models.bounds import MAX_TITLE, MAX_WORDS


class ReviewState(models.TextChoices):
    """Where a review stands."""

    WAITING = "waiting", _("Waits for a moderator")
    SENT_BACK = "sent_back", _("Sent back with changes to make")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Taken back by its author")


ALLOWED: dict[ReviewState, frozenset[ReviewState]] = {
    ReviewState.WAITING: frozenset(
        {ReviewState.SENT_BACK, ReviewState.APPROVED, ReviewState.REFUSED, ReviewState.WITHDRAWN}
    ),
    ReviewState.REFUSED: frozenset({ReviewState.APPROVED}),  # by another moderator, on appeal
    ReviewState.SENT_BACK: frozenset(),
    ReviewState.APPROVED: frozenset(),
    ReviewState.WITHDRAWN: frozenset(),
}
"""What may follow. Whatever is handed in again is a new review."""


class Review(models.Model):
    """One round of looking at a thing. `answers` are its author's, `checks` the moderator's to the questions of its
    kind; `changes` is what is asked for when it is sent back. `first`: of two pairs of eyes, whose came first.
    `evidence`: what the thing said when it was refused, kept for an appeal."""

    about = models.CharField(max_length=80)
    round = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=MAX_TITLE)
    language = models.CharField(max_length=8, blank=True)
    author = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    answers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.WAITING)
    handed_in_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    taken_by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    first = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(max_length=MAX_WORDS, blank=True)
    rules = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    checks = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["about"], condition=Q(state=ReviewState.WAITING), name="moderation_one_review_waits"
            ),
            models.UniqueConstraint(fields=["about", "round"], name="moderation_review_round"),
            models.CheckConstraint(
                condition=Q(state__in=[ReviewState.WAITING, ReviewState.WITHDRAWN]) | Q(decided_at__isnull=False),
                name="moderation_review_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["handed_in_at", "id"], condition=Q(state=ReviewState.WAITING), name="moderation_review_queue"
            ),
            models.Index(fields=["-decided_at"], name="moderation_review_decisions"),
            models.Index(fields=["author", "-handed_in_at"], name="moderation_review_mine"),
        ]

    def __str__(self) -> str:
        return f"review:{self.pk}"


class Appeal(models.Model):
    """The author of a refused or removed thing asks that somebody else looks: once, about "review:5" or "decision:3".
    `first` is who had decided; `second`, never the same, answers. `subject` is the thing itself."""

    about = models.CharField(max_length=80, unique=True)
    subject = models.CharField(max_length=80)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    words = models.TextField(max_length=MAX_WORDS)
    language = models.CharField(max_length=8, default="en")
    at = models.DateTimeField()
    first = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    second = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    answer = models.TextField(max_length=MAX_WORDS, blank=True)
    answered_at = models.DateTimeField(null=True)
    overturned = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=models.F("first")), name="moderation_appeal_by_another"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=Q(answered_at__isnull=True), name="moderation_open_appeals"),
            models.Index(fields=["subject"], name="moderation_appeal_subject"),
        ]

    def __str__(self) -> str:
        return f"appeal:{self.pk}"
