"""The Ear: who else is affected, who follows, and whether they find it solved."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.reports.models.report import MAX_DESCRIPTION, Report
from meydan.reports.models.timeline import Entry


class Follower(models.Model):
    """Somebody beside the reporter whom a report concerns: `me_too` counts them as affected, `follows` tells them what
    happens. Without an account it is a device, known by a keyed hash, which can be counted but not told."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="followers", db_index=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, null=True, related_name="+")
    device = models.CharField(max_length=64, blank=True)
    me_too = models.BooleanField(default=False)
    follows = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "person"], condition=Q(person__isnull=False), name="reports_follower_once"
            ),
            models.UniqueConstraint(fields=["report", "device"], condition=~Q(device=""), name="reports_device_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, device="") | (Q(person__isnull=True) & ~Q(device="")),
                name="reports_follower_is_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.person_id or self.device[:8]}"


class Voice(models.TextChoices):
    """As what somebody says whether it is solved."""

    REPORTER = "reporter", _("Reporter")
    WITNESS = "witness", _("Witness")


class Reason(models.TextChoices):
    """Why somebody is content with how a report was handled, or is not."""

    FAST = "fast", _("It went fast")
    WELL_DONE = "well_done", _("The work is well done")
    WELL_EXPLAINED = "well_explained", _("I was told what happens")
    SLOW = "slow", _("It took too long")
    NOT_DONE = "not_done", _("It is not repaired, or only in part")
    BADLY_EXPLAINED = "badly_explained", _("I was not told what happens")
    WRONG_OFFICE = "wrong_office", _("It went to the wrong office")
    OTHER = "other", _("Something else")


class Opinion(models.Model):
    """One answer to "solved, or not?", about one closing of a report; `content` from 1 (not at all) to 5 (very)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="opinions", db_index=False)
    closing = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="opinions")
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    voice = models.CharField(max_length=8, choices=Voice)
    solved = models.BooleanField()
    content = models.PositiveSmallIntegerField(null=True)
    reasons = models.JSONField(default=list)
    text = models.TextField(blank=True, max_length=MAX_DESCRIPTION)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["closing", "person"], condition=Q(person__isnull=False), name="reports_opinion_once"
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=True) | Q(content__range=(1, 5)), name="reports_opinion_content"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["report", "id"], name="reports_opinions")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.voice}: {self.solved}"
