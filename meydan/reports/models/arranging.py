"""What a clerk arranges: kinds of problems, the teams that answer them, who is responsible where and when, ready-made
replies, and the authorities outside."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meydan.reports.models.states import Verb

EVERY_DAY = 0b111_1111


class Category(models.Model):
    """A kind of problem. Names, descriptions, groups and keywords are dicts by language.

    `questions` are what is asked beside: a list of `questions.Question` as plain data. Places of `coarse` categories
    are published only as the middle of a cell about 50 m across (H3 resolution 11), for they may say who reported.
    """

    code = models.CharField(primary_key=True, max_length=60)
    name = models.JSONField(default=dict)
    description = models.JSONField(default=dict)
    group = models.JSONField(default=dict)
    keywords = models.JSONField(default=dict)
    icon = models.CharField(max_length=40, default="circle-alert")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, null=True, related_name="+")
    term_days = models.PositiveSmallIntegerField(default=10)
    private = models.BooleanField(default=False)
    coarse = models.BooleanField(default=False)
    needs_after_photo = models.BooleanField(default=False)
    questions = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order", "code"]

    def __str__(self) -> str:
        return self.code


class Example(models.Model):
    """A sentence as people write it, from which suggestions learn what a category sounds like. Nobody's report: it
    comes with the city's pack, or from whoever tends the suggestions. `language` is that of the sentence."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="examples")
    language = models.CharField(max_length=8)
    text = models.CharField(max_length=600)

    def __str__(self) -> str:
        return self.text


class Team(models.Model):
    """An office that answers reports, with the manager who is responsible for it; `parent` is the next manager's, to
    whom silence escalates. Names are dicts by language. The public reads the office; the manager's own name only
    where the city has decided so (`holder_public`)."""

    code = models.CharField(primary_key=True, max_length=60)
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    name = models.JSONField(default=dict)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    holder = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    holder_public = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(parent=F("code")), name="reports_team_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.code


class RoutingRule(models.Model):
    """Who is responsible where the category's own department is not. What is empty means any.

    `weekdays` is a mask, Monday as bit 0; `starts` and `ends` are hours of the city's clock (a night goes over
    midnight); `season_starts` and `season_ends` are "MM-DD" (a winter goes over New Year). The most exact rule wins:
    `queries.routing` says what that is.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="rules")
    district = models.ForeignKey(
        "kernel.District", on_delete=models.CASCADE, to_field="code", null=True, related_name="+"
    )
    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY)
    holidays = models.BooleanField(null=True)  # None: on working days and on holidays alike
    starts = models.TimeField(null=True)
    ends = models.TimeField(null=True)
    season_starts = models.CharField(max_length=5, blank=True)
    season_ends = models.CharField(max_length=5, blank=True)
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=[
                    "category",
                    "district",
                    "weekdays",
                    "holidays",
                    "starts",
                    "ends",
                    "season_starts",
                    "season_ends",
                ],
                nulls_distinct=False,
                name="reports_one_rule_for_each",
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True) | Q(starts__isnull=False, ends__isnull=False),
                name="reports_rule_hours_are_whole",
            ),
            models.CheckConstraint(condition=Q(weekdays__range=(1, EVERY_DAY)), name="reports_rule_weekdays"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id or '*'} in {self.district_id or '*'}: {self.team_id or self.department_id}"


class ReplyVerb(models.TextChoices):
    """What ready-made words go with: the officer's verbs, and a message."""

    ACCEPT = Verb.ACCEPT.value, Verb.ACCEPT.label
    ASK = Verb.ASK.value, Verb.ASK.label
    MOVE = Verb.MOVE.value, Verb.MOVE.label
    SOLVE = Verb.SOLVE.value, Verb.SOLVE.label
    DECLINE = Verb.DECLINE.value, Verb.DECLINE.label
    MESSAGE = "message", _("Write to the reporter")


class ReplyTemplate(models.Model):
    """Words that officers send often, by the verb they go with; texts are dicts by language. Without a category or a
    department it is offered everywhere. `{number}`, `{kind}` and `{place}` in a text stand for the report's own."""

    code = models.CharField(primary_key=True, max_length=60)
    verb = models.CharField(max_length=12, choices=ReplyVerb)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="+")
    department = models.ForeignKey("accounts.Department", on_delete=models.CASCADE, null=True, related_name="+")
    title = models.JSONField(default=dict)
    text = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["verb", "code"]

    def __str__(self) -> str:
        return self.code


class Authority(models.Model):
    """Somebody outside this city's house who answers some problems: reached by e-mail, or as an Open311 server.

    `services` are its service codes by our category, "*" for all others; `api_key` opens its door, and lies here
    locked away (`kernel.vault`).
    """

    code = models.CharField(primary_key=True, max_length=60)
    name = models.JSONField(default=dict)
    email = models.EmailField(blank=True)
    endpoint = models.URLField(max_length=300, blank=True)  # of GeoReport v2: ".../open311/v2"
    jurisdiction = models.CharField(max_length=120, blank=True)
    api_key = models.CharField(max_length=500, blank=True)
    form = models.CharField(max_length=4, choices=[("json", "JSON"), ("xml", "XML")], default="json")
    services = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(email="", endpoint=""), name="reports_authority_is_reached")
        ]

    def __str__(self) -> str:
        return self.code
