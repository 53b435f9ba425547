"""Reports, their timeline and their pictures; the kinds of problems, and who is responsible for them."""

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from meydan.kernel.places import Point, place_index

MAX_DESCRIPTION = 4000
MAX_ADDRESS = 300
MAX_PHOTOS = 5
MAX_PHOTOS_OF_A_CASE = 40
MAX_ENTRIES = 500


class State(models.TextChoices):
    """Where a report stands."""

    SUBMITTED = "submitted", _("Sent")
    ACCEPTED = "accepted", _("In progress")
    ASKED = "asked", _("Waiting for an answer")
    MOVED = "moved", _("Passed on")
    SOLVED = "solved", _("Solved, to be confirmed")
    CONFIRMED = "confirmed", _("Confirmed as solved")
    DECLINED = "declined", _("Declined")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Verb(models.TextChoices):
    """What moves a report from one state to another."""

    ACCEPT = "accept", _("Accept")
    ASK = "ask", _("Ask the reporter")
    ANSWER = "answer", _("Answer")
    MOVE = "move", _("Pass on")
    SOLVE = "solve", _("Close as solved")
    DECLINE = "decline", _("Decline")
    CONFIRM = "confirm", _("Yes, it is solved")
    REOPEN = "reopen", _("No, reopen it")
    WITHDRAW = "withdraw", _("Withdraw")


_OFFICE: dict[Verb, State] = {
    Verb.ACCEPT: State.ACCEPTED,
    Verb.ASK: State.ASKED,
    Verb.MOVE: State.MOVED,
    Verb.SOLVE: State.SOLVED,
    Verb.DECLINE: State.DECLINED,
    Verb.WITHDRAW: State.WITHDRAWN,
}
_TAKEN_ON: dict[Verb, State] = {verb: state for verb, state in _OFFICE.items() if verb is not Verb.ACCEPT}

# From each state, what may be done and where it leads. Nothing else changes a state.
ALLOWED: dict[State, dict[Verb, State]] = {
    State.SUBMITTED: _OFFICE,
    State.MOVED: _OFFICE,
    State.REOPENED: _OFFICE,
    State.ACCEPTED: _TAKEN_ON,
    State.ASKED: {**_TAKEN_ON, Verb.ANSWER: State.ACCEPTED},
    State.SOLVED: {Verb.CONFIRM: State.CONFIRMED, Verb.REOPEN: State.REOPENED},
    State.DECLINED: {Verb.REOPEN: State.REOPENED},
    State.CONFIRMED: {},
    State.WITHDRAWN: {},
}

OPEN = tuple(state for state in State if Verb.SOLVE in ALLOWED[state])
CLOSED = tuple(state for state in State if state not in OPEN)


class Origin(models.TextChoices):
    """By which way a report came in."""

    WEB = "web", _("Website")
    PHONE = "phone", _("Call centre")
    API = "api", _("Other program")
    OPEN311 = "open311", _("Open311")
    IMPORT = "import", _("Taken over from another system")


class Category(models.Model):
    """A kind of problem. Names, descriptions, groups and keywords are dicts by language."""

    code = models.CharField(primary_key=True, max_length=60)
    name = models.JSONField(default=dict)
    description = models.JSONField(default=dict)
    group = models.JSONField(default=dict)
    keywords = models.JSONField(default=dict)
    icon = models.CharField(max_length=40, default="circle-alert")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, null=True, related_name="+")
    term_days = models.PositiveSmallIntegerField(default=10)
    private = models.BooleanField(default=False)
    needs_after_photo = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order", "code"]

    def __str__(self) -> str:
        return self.code


class RoutingRule(models.Model):
    """Who is responsible where the category's own department is not: an empty category or district means any."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="rules")
    district = models.ForeignKey(
        "kernel.District", on_delete=models.CASCADE, to_field="code", null=True, related_name="+"
    )
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["category", "district"], nulls_distinct=False, name="reports_one_rule_for_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category_id or '*'} in {self.district_id or '*'}: {self.department_id}"


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
    officer = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")

    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    h3_9 = models.BigIntegerField(null=True)
    address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    description = models.TextField(max_length=MAX_DESCRIPTION)
    language = models.CharField(max_length=8, default="en")

    reporter = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    operator = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    secret = models.UUIDField(default=uuid4)

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.WEB)
    form_token = models.UUIDField(null=True, unique=True)
    source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    external = models.JSONField(default=dict)  # what another system said beside: account_id, device_id, media_url

    public = models.BooleanField(default=True)
    # The picture that lists show: the first public one that is not of the repair. Kept here: a list is one query.
    cover = models.ForeignKey("Photo", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    search_text = models.TextField(blank=True)
    filed_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

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
            models.Index("department", "due_on", "number", condition=Q(state__in=OPEN), name="reports_work_open"),
            models.Index("department", "state", "due_on", "number", name="reports_work"),
            models.Index("reporter", F("number").desc(), condition=Q(reporter__isnull=False), name="reports_mine"),
            # Figures of the last weeks.
            models.Index("confirmed_at", condition=Q(confirmed_at__isnull=False), name="reports_confirmed"),
            models.Index("answered_at", condition=Q(answered_at__isnull=False), name="reports_answered"),
            place_index("reports_place"),
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


class EntryKind(models.TextChoices):
    """What a line of the timeline is about."""

    FILED = "filed", _("Report sent")
    ROUTED = "routed", _("Given to the responsible department")
    ACCEPTED = "accepted", _("Accepted")
    ASKED = "asked", _("The city asked the reporter")
    ANSWERED = "answered", _("The reporter answered")
    MOVED = "moved", _("Passed on")
    SOLVED = "solved", _("The city says it is solved")
    DECLINED = "declined", _("Declined")
    CONFIRMED = "confirmed", _("The reporter confirms: solved")
    REOPENED = "reopened", _("The reporter reopened it")
    WITHDRAWN = "withdrawn", _("The reporter withdrew it")
    NOTE = "note", _("Internal note")
    PHOTO = "photo", _("Photo added")
    HIDDEN = "hidden", _("Taken off the public pages")
    SHOWN = "shown", _("Public again")


class Audience(models.TextChoices):
    """Who may read an entry. Others see that something happened (`PARTIES`), or not even that (`STAFF`)."""

    PUBLIC = "public", _("Everybody")
    PARTIES = "parties", _("The reporter and the city")
    STAFF = "staff", _("The city only")


class Side(models.TextChoices):
    """Who wrote an entry, as far as everybody may know."""

    REPORTER = "reporter", _("Reporter")
    CITY = "city", _("City")
    SYSTEM = "system", _("Meydan")


class Entry(models.Model):
    """One line of a report's timeline. Never changed after it was written."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="entries", db_index=False)
    kind = models.CharField(max_length=12, choices=EntryKind)
    text = models.TextField(blank=True, max_length=MAX_DESCRIPTION)
    state_after = models.CharField(max_length=12, choices=State)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.PUBLIC)
    side = models.CharField(max_length=8, choices=Side)
    department = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state_after__in=State.values), name="reports_entry_state")
        ]
        indexes: ClassVar = [
            models.Index(fields=["report", "id"], name="reports_timeline"),
            models.Index("at", "id", condition=Q(audience=Audience.PUBLIC), name="reports_updates"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"


class PhotoKind(models.TextChoices):
    """What a picture shows."""

    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    EXTRA = "extra", _("More")


class Photo(models.Model):
    """A picture of a report; its bytes lie in the kernel's files."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos", db_index=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=PhotoKind)
    public = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["report", "id"], name="reports_photos")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"


class ApiKey(models.Model):
    """What a program shows to file reports by Open311. The key itself is not kept: it is long and random, so that its
    sha256 does not give it away."""

    name = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    hourly_limit = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ImportedRow(models.Model):
    """The ledger of imports: each row of a source was taken over or refused, once, and it stands here which.

    `key` is the row's own number in the source, else made from what it says (plugins know how).
    """

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    line = models.PositiveBigIntegerField()  # of the file, from 1
    refusal = models.CharField(max_length=300, blank=True)  # why; empty when the row became a report
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "key"], name="reports_imported_row_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
