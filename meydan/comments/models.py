"""Comments, ratings and what they amount to. Things are named by their references ("article:12")."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

MAX_TEXT = 4000
MAX_DEPTH = 4
"""How deep answers are shown inside each other: deeper ones stand beside the one they answer."""
MOST_STARS = 5
REFERENCE = r"^[a-z]+:[0-9A-Za-z_-]+$"
RECENT_DAYS = 90
EDIT_HOURS = 24


class CommentState(models.TextChoices):
    """Where a comment stands."""

    SHOWN = "shown", _("Shown")
    HIDDEN = "hidden", _("Taken off by a moderator")
    DELETED = "deleted", _("Taken back by its writer")


ALLOWED: dict[CommentState, frozenset[CommentState]] = {
    CommentState.SHOWN: frozenset({CommentState.HIDDEN, CommentState.DELETED}),
    CommentState.HIDDEN: frozenset({CommentState.SHOWN, CommentState.DELETED}),
    CommentState.DELETED: frozenset(),
}


class Discussion(models.Model):
    """All that is said about one thing, counted. `renewed_at`: since when the thing is in other hands; what is older
    fades, and its ratings no longer count (`n1` to `n5`)."""

    about = models.CharField(max_length=80, primary_key=True)
    comments = models.PositiveIntegerField(default=0)
    n1 = models.PositiveIntegerField(default=0)
    n2 = models.PositiveIntegerField(default=0)
    n3 = models.PositiveIntegerField(default=0)
    n4 = models.PositiveIntegerField(default=0)
    n5 = models.PositiveIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.about

    @property
    def distribution(self) -> tuple[int, int, int, int, int]:
        """How many gave one star, two, up to five."""
        return (self.n1, self.n2, self.n3, self.n4, self.n5)


class Comment(models.Model):
    """What somebody says about a thing, or answers. `root` is the comment that the thread began with, of itself None.
    `by_owner`, `downloaded` and `version` say how it stood when it was written."""

    about = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers")
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="thread")
    depth = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=MAX_TEXT, blank=True)
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=8, choices=CommentState, default=CommentState.SHOWN)
    by_owner = models.BooleanField(default=False)
    downloaded = models.BooleanField(default=False)
    version = models.CharField(max_length=60, blank=True)
    helpful = models.PositiveIntegerField(default=0)
    form_token = models.UUIDField(null=True, unique=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True, depth=0)
                | Q(parent__isnull=False, root__isnull=False, depth__gt=0),
                name="comments_root_of_answers",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(state=CommentState.DELETED), name="comments_says_something"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["about", "-id"], condition=Q(root__isnull=True), name="comments_of_thing"),
            models.Index(fields=["person", "-at"], name="comments_mine"),
        ]

    def __str__(self) -> str:
        return f"comment:{self.pk}"


class Helpful(models.Model):
    """Who finds which comment helpful, once."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "person"], name="comments_helpful_once"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.person_id}"


class GivenRating(models.Model):
    """One person's stars for one thing; changed as often as they like. `downloaded` and `version` as of the newest."""

    about = models.CharField(max_length=80)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    stars = models.PositiveSmallIntegerField()
    downloaded = models.BooleanField(default=False)
    version = models.CharField(max_length=60, blank=True)
    first_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about", "person"], name="comments_one_rating"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=MOST_STARS), name="comments_stars"),
            models.CheckConstraint(condition=Q(at__gte=F("first_at")), name="comments_rated_later"),
        ]
        indexes: ClassVar = [models.Index(fields=["about", "-at"], name="comments_recent_ratings")]

    def __str__(self) -> str:
        return f"{self.about}: {self.stars}"
