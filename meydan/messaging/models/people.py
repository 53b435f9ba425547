"""What people want of being found, and the links by which they come into rooms."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Found(models.TextChoices):
    """By whom somebody is found by their name."""

    CITY = "city", "everybody"
    NEAR = "near", "who shares a conversation, or is in a public one with them"
    NOBODY = "nobody", "nobody"


class Findable(models.Model):
    """What a person has said about being found; without a row `Found.NEAR`, and not by their address. `by_address`:
    whoever knows their e-mail address, whole, finds them by it."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, primary_key=True, related_name="+")
    by_name = models.CharField(max_length=10, choices=Found.choices, default=Found.NEAR)
    by_address = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.pk)


class JoinLink(models.Model):
    """A link into a room, of which only the SHA-256 is kept. Whoever has it comes in as if `maker` had invited them, as
    long as that one could: until `expires_at`, unless it was withdrawn (then the row is gone)."""

    digest = models.BinaryField(unique=True)
    room = models.BigIntegerField(db_index=True)
    maker = models.CharField(max_length=255, db_index=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    uses = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="messaging_joinlink_ends")]

    def __str__(self) -> str:
        return f"{self.room} until {self.expires_at}"
