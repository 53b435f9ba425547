"""Badges and the rules by which they are earned, what counted for whom, and the awards with their credentials."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

MOST_BADGES = 100
MOST_LEVELS = 5
MOST_NEEDED = 10_000
MAX_NAME, MAX_TEXT = 80, 400
LIST_BITS = 131_072
"""Entries of one status list: the least that Bitstring Status List 1.0 asks for, so that nobody is alone in one."""

# What the seed and the form offer; all are names at lucide.dev.
ICONS = (
    *("award", "badge-check", "book-open", "calendar-check", "eye", "flag", "hand-heart", "hammer"),
    *("heart-handshake", "landmark", "lightbulb", "megaphone", "message-circle", "sprout", "star", "users"),
)


class Badge(models.Model):
    """One badge: what it is called and says, by language. `rule` is the rule that holds now."""

    code = models.CharField(primary_key=True, max_length=40, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z")])
    name = models.JSONField()
    text = models.JSONField()
    icon = models.CharField(max_length=40, default="award")
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    rule = models.ForeignKey("Rule", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.code

    @property
    def reference(self) -> str:
        """The subject of facts about this badge."""
        return f"badge:{self.pk}"


class Rule(models.Model):
    """How a badge is earned. Never changed: a change is a new version, and awards keep the one they were given by.

    `kinds` are codes of contributions; `levels` how many of them each level needs, growing. At most `per_day` of a
    day and `per_week` of a week count (0: all), so that nobody earns a badge in one night.
    """

    badge = models.ForeignKey(Badge, on_delete=models.CASCADE, related_name="rules")
    version = models.PositiveIntegerField()
    kinds = ArrayField(models.CharField(max_length=40))
    levels = ArrayField(models.PositiveIntegerField())
    per_day = models.PositiveIntegerField(default=0)
    per_week = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["badge", "version"], name="club_rule_version")]

    def __str__(self) -> str:
        return f"{self.badge_id}, version {self.version}"


class Member(models.Model):
    """Somebody of whom something has counted. `shown`: they want their badges to be seen by others; off at first."""

    person = models.OneToOneField("accounts.Person", on_delete=models.CASCADE, primary_key=True, related_name="+")
    shown = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person"], condition=Q(shown=True), name="club_member_shown")]

    def __str__(self) -> str:
        return f"member:{self.pk}"


class Contribution(models.Model):
    """What somebody did, which counts once; `dropped_at` where it counts no longer.

    `reference` is what it was about ("report:12"); "" once that leads to nobody any more.
    """

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reference", "kind", "person"], condition=~Q(reference=""), name="club_contribution_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person", "kind", "at"], condition=Q(dropped_at__isnull=True), name="club_contribution_counts"
            ),
            models.Index(fields=["kind"], condition=Q(dropped_at__isnull=True), name="club_contribution_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class SigningKey(models.Model):
    """A key that credentials are signed with: the newest signs, all of them verify. `private` is locked away
    (`kernel.vault`)."""

    id = models.CharField(primary_key=True, max_length=43)  # the thumbprint of its public half, RFC 7638
    public = models.JSONField()  # a JWK
    private = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        get_latest_by = "made_at"

    def __str__(self) -> str:
        return f"key:{self.pk}"


class Award(models.Model):
    """That somebody holds a level of a badge, and so a credential. `list_number` and `index` are its place in the
    status lists, by chance; `salt` hides the holder's address in the credential. A revoked one keeps its place."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # by chance: who has it was shown it
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    list_number = models.PositiveIntegerField()
    index = models.PositiveIntegerField()
    salt = models.CharField(max_length=32)
    earned_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "badge", "level"], condition=Q(revoked_at__isnull=True), name="club_award_once"
            ),
            models.UniqueConstraint(fields=["list_number", "index"], name="club_award_place"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["badge", "level"], condition=Q(revoked_at__isnull=True), name="club_award_holders"),
            models.Index(
                fields=["list_number", "index"], condition=Q(revoked_at__isnull=False), name="club_award_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"award:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this award."""
        return f"award:{self.pk}"
