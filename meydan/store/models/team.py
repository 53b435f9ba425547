"""Who works on an entry, and which programs may upload versions of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from meydan.store.models.app import App

MAX_MEMBERS = 20
MAX_TOKENS = 10
TOKEN_DAYS = 365


class TeamRole(models.TextChoices):
    """What somebody of the team may do. The owner may do everything."""

    EDITOR = "editor", _("Edits everything and hands in")
    UPLOADER = "uploader", _("Uploads versions only")


class Member(models.Model):
    """Somebody who works on an entry beside its owner; an invitation until `joined_at`."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=8, choices=TeamRole)
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["app", "person"], name="store_member_once")]

    def __str__(self) -> str:
        return f"{self.app_id}: {self.role}"


class Token(models.Model):
    """By which a program uploads versions of one entry. The token itself is not kept: it is long and random, so that
    its sha256 does not give it away."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
