"""One report."""

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right
from django.utils.crypto import constant_time_compare, salted_hmac

from meydan.kernel.places import Point, place_index
from meydan.reports.models.arranging import Category, Team
from meydan.reports.models.states import OPEN, Origin, State

MAX_DESCRIPTION = 4000
MAX_ADDRESS = 300
CALLER_DIGITS = 9
CALLER = Right(
    Func(
        F("contact_phone"),
        Value(r"\D"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=models.CharField(),
    ),
    CALLER_DIGITS,
)
"""What is compared of a caller's number: its last nine digits, for one calls from +212 6 12... and leaves 06 12..."""


class Report(models.Model):
    """One problem that somebody told the city of. `number` is what the public calls it by.

    `secret` makes the key of the link that a reporter without account holds (`key`); the key itself is not stored.
    """

    number = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=12, choices=State, default=State.SUBMITTED)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(
        "accounts.Department", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    district = models.ForeignKey(
        "kernel.District", on_delete=models.PROTECT, to_field="code", null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    officer = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")

    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    h3_9 = models.BigIntegerField(null=True)
    address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    description = models.TextField(max_length=MAX_DESCRIPTION)
    answers = models.JSONField(default=dict)  # to the category's questions, by their code
    language = models.CharField(max_length=8, default="en")

    reporter = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    operator = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    secret = models.UUIDField(default=uuid4)
    # Since when something is to be told to somebody who left only a number (a moment to come: not before). `no_calls`:
    # they have asked not to be rung back.
    ring_back_at = models.DateTimeField(null=True)
    no_calls = models.BooleanField(default=False)

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.WEB)
    form_token = models.UUIDField(null=True, unique=True)
    source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    external = models.JSONField(default=dict)  # what another system said beside: account_id, device_id, media_url

    public = models.BooleanField(default=True)
    # The picture that lists show: the first public one that is not of the repair. Kept here: a list is one query.
    cover = models.ForeignKey("Photo", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    supporters = models.PositiveIntegerField(default=0)  # "me too"
    # The report that this one was joined with (MERGED), and the one that it was split from.
    joined_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="joined", db_index=False)
    split_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="split", db_index=False)
    search_text = models.TextField(blank=True)
    filed_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    due_on = models.DateField()
    paused_on = models.DateField(null=True)  # since when the city waits for its reporter; the term waits as long
    # How often silence has escalated: 1 and 2 to the next managers, 3 to the public list. `escalate_on`: when again.
    escalation = models.PositiveSmallIntegerField(default=0)
    escalate_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)  # the last time
    anonymous_at = models.DateTimeField(null=True)  # since when nothing in it leads to a person

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="reports_report_state"),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lon__isnull=True) | Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="reports_report_place",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="reports_report_external_once"
            ),
        ]
        indexes: ClassVar = [
            # The public list and its chips: keyset by number, newest first.
            models.Index(F("number").desc(), condition=Q(public=True), name="reports_public"),
            models.Index("state", F("number").desc(), condition=Q(public=True), name="reports_public_state"),
            models.Index("category", F("number").desc(), condition=Q(public=True), name="reports_public_category"),
            models.Index("district", F("number").desc(), condition=Q(public=True), name="reports_public_district"),
            # Open311 and the open data: by time.
            models.Index(
                F("filed_at").desc(), F("number").desc(), condition=Q(public=True), name="reports_public_filed"
            ),
            models.Index("updated_at", name="reports_updated"),
            # The worklist: keyset by term, the most urgent first.
            models.Index("due_on", "number", condition=Q(state__in=OPEN), name="reports_work_all"),
            models.Index("department", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_open"),
            models.Index("department", "state", "due_on", "number", name="reports_work"),
            models.Index("reporter", F("number").desc(), condition=Q(reporter__isnull=False), name="reports_mine"),
            models.Index("officer", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_of_officer"),
            models.Index("team", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_of_team"),
            models.Index(
                "closed_at",
                condition=Q(anonymous_at__isnull=True, closed_at__isnull=False),
                name="reports_to_anonymise",
            ),
            models.Index("escalate_on", "number", condition=Q(escalate_on__isnull=False), name="reports_escalate"),
            models.Index("due_on", "number", condition=Q(public=True, escalation__gte=3), name="reports_long_overdue"),
            models.Index("joined_to", condition=Q(joined_to__isnull=False), name="reports_joined"),
            models.Index("split_from", condition=Q(split_from__isnull=False), name="reports_split"),
            models.Index(
                "ring_back_at", "number", condition=Q(ring_back_at__isnull=False), name="reports_to_ring_back"
            ),
            models.Index(CALLER, F("number").desc(), condition=~Q(contact_phone=""), name="reports_caller"),
            models.Index("category", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_of_category"),
            models.Index("district", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_of_district"),
            # The near map, and what is open around a place.
            place_index(
                "reports_place",
                condition=Q(public=True),
                include=("number", "state", "category_id", "due_on", "paused_on"),
            ),
            place_index(
                "reports_place_open",
                condition=Q(public=True, state__in=OPEN),
                include=("number", "category_id"),
            ),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="reports_search"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What facts call it: "report:123"."""
        return report_reference(self.number)

    @property
    def persons(self) -> tuple[UUID, ...]:
        """The person whom facts about it concern."""
        return (self.reporter_id,) if self.reporter_id else ()

    @property
    def point(self) -> Point | None:
        """Where it is, if that was said as a position."""
        return Point(self.lat, self.lon) if self.lat is not None and self.lon is not None else None

    @property
    def is_open(self) -> bool:
        """Whether the city still has something to do."""
        return self.state in OPEN

    @property
    def is_reached_by_phone(self) -> bool:
        """Whether its reporter hears of it by telephone alone, and has not said no to that."""
        alone = not self.contact_email and self.reporter_id is None
        return bool(self.contact_phone) and alone and not self.no_calls

    @property
    def key(self) -> str:
        """The key in the secret link: who holds it acts as the reporter. It needs the city's secret to be made, so a
        copy of the database does not give it away."""
        return salted_hmac("meydan.reports.key", f"{self.number}:{self.secret}", algorithm="sha256").hexdigest()[:32]

    def opens_with(self, key: str) -> bool:
        """Whether this is the key of the secret link."""
        return constant_time_compare(self.key, key)


def report_reference(number: int) -> str:
    """The reference that facts and actors' case keys use: "report:123"."""
    return f"report:{number}"
