"""What people say is wrong, who looks at it, and what was decided. Things are named by their references
("report:123")."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.moderation.models.bounds import MAX_WORDS


def make_token() -> str:
    """The secret end of an address."""
    return secrets.token_urlsafe(18)


class Reason(models.TextChoices):
    """What is wrong with a thing."""

    PRIVATE = "private", _("It shows somebody's face, name or number plate")
    INSULT = "insult", _("It insults or threatens somebody")
    FALSE = "false", _("It is not true, or a joke")
    SPAM = "spam", _("It is advertising")
    DANGER = "danger", _("It is dangerous or forbidden")
    BROKEN = "broken", _("It does not work")
    OTHER = "other", _("Something else")


class Decision(models.Model):
    """What a moderator decided about a flagged thing, and why. `rules`: of the charter ("1:3"). `evidence` is what the
    thing said, kept for an appeal and then forgotten; `flagged_at`: since when it waited."""

    reference = models.CharField(max_length=80)
    kept = models.BooleanField()
    reason = models.CharField(max_length=8, choices=Reason, blank=True)
    rules = models.JSONField(default=list)
    words = models.TextField(max_length=MAX_WORDS, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    evidence = models.JSONField(default=dict)
    final = models.BooleanField(default=False)
    flagged_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="moderation_decision_of"),
            models.Index(fields=["-at"], name="moderation_decision_at"),
            models.Index(fields=["author", "-at"], condition=Q(author__isnull=False), name="moderation_decision_mine"),
        ]

    def __str__(self) -> str:
        return self.reference


class Flag(models.Model):
    """Somebody's word that something is wrong; `decision` answers it. One at a time from each person or device. `token`
    opens the page with the answer to who has no account."""

    reference = models.CharField(max_length=80)
    reason = models.CharField(max_length=8, choices=Reason)
    words = models.TextField(max_length=MAX_WORDS, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    mark = models.CharField(max_length=64, blank=True)  # of the device, else of the address
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="en")
    token = models.CharField(max_length=32, blank=True)
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
            models.UniqueConstraint(fields=["token"], condition=~Q(token=""), name="moderation_flag_token"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], condition=Q(decision__isnull=True), name="moderation_open_flags")
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}"


class Claim(models.Model):
    """Who looks at a flagged thing now, so that two moderators do not do the same work. It ends by itself."""

    reference = models.CharField(max_length=80, primary_key=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class Page(models.Model):
    """A page of the city's that somebody has said something about: "page:<id>"."""

    path = models.CharField(max_length=300, unique=True)

    def __str__(self) -> str:
        return self.path
