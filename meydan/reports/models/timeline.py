"""A report's timeline and its pictures."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.reports.models.report import MAX_DESCRIPTION, Report
from meydan.reports.models.states import State

MAX_PHOTOS = 5
MAX_PHOTOS_OF_A_CASE = 40
MAX_ENTRIES = 500
MAX_BOXES = 60


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
    KEPT = "kept", _("Photo kept from the public")
    FORWARDED = "forwarded", _("Forwarded to another authority")
    RETURNED = "returned", _("The other authority answered")
    DONE_THERE = "done_there", _("The other authority says that it is done")
    RECALLED = "recalled", _("Taken back from the other authority")
    JOINED = "joined", _("Joined with another report")
    SPLIT = "split", _("Split in two")
    ASSIGNED = "assigned", _("Given to an officer")
    ESCALATED = "escalated", _("No answer in time: told the next manager")
    OVERDUE = "overdue", _("No answer in time: on the public list of overdue reports")
    RECATEGORISED = "recategorised", _("The reporter chose another category")
    CHANGED = "changed", _("Changed")
    MESSAGE = "message", _("Message")
    CALLED = "called", _("Rung back")
    UNDONE = "undone", _("Taken back")
    HIDDEN = "hidden", _("Taken off the public pages")
    SHOWN = "shown", _("Public again")


class Audience(models.TextChoices):
    """Who may read an entry. Others see that something happened (`PARTIES`), or not even that (`STAFF`)."""

    PUBLIC = "public", _("Everybody")
    PARTIES = "parties", _("The reporter and the city")
    STAFF = "staff", _("The city only")


class CallOutcome(models.TextChoices):
    """How a call to the reporter went."""

    REACHED = "reached", _("Reached")
    MISSED = "missed", _("Not reached")
    REFUSED = "refused", _("Does not want to be called")


class Side(models.TextChoices):
    """Who wrote an entry, as far as everybody may know."""

    REPORTER = "reporter", _("Reporter")
    CITY = "city", _("City")
    SYSTEM = "system", _("Meydan")


class Entry(models.Model):
    """One line of a report's timeline. Never changed after it was written, but when the report is made anonymous.

    `details` say what the words do not: `from_` and `to_` `department`, `team` and `category` (codes) of a case that
    was passed on, `officer` (a person's id) and `team` of one that was assigned, `into`, `part`, `joined` and `whole`
    (numbers of reports), `outcome` of a call, `undone` (the kind of the line that was taken back), `by_phone`,
    `event` (of the messenger, where the reporter wrote there).
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="entries", db_index=False)
    kind = models.CharField(max_length=16, choices=EntryKind)
    text = models.TextField(blank=True, max_length=MAX_DESCRIPTION)
    state_after = models.CharField(max_length=12, choices=State)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.PUBLIC)
    side = models.CharField(max_length=8, choices=Side)
    department = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    details = models.JSONField(default=dict)
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


class Told(models.Model):
    """Up to which line of a report's timeline its reporter was told in the messenger."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, primary_key=True, related_name="+")
    entry = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.pk} {self.entry}"


class PhotoKind(models.TextChoices):
    """What a picture shows."""

    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    EXTRA = "extra", _("More")


class Looking(models.TextChoices):
    """How far a picture has come on its way to the public."""

    NEW = "new", _("Waiting for the machine")
    MARKED = "marked", _("Waiting for a look by the staff")
    CHECKED = "checked", _("Checked")
    REFUSED = "refused", _("Kept from the public")


class Photo(models.Model):
    """A picture of a report; its bytes lie in the kernel's files.

    `original` is sealed: whoever sent it sees it, staff only by a look that is recorded, and it is deleted some time
    after the close. `file` is the same picture with everything in `boxes` made unrecognisable: the staff sees it as
    soon as it is made, everybody once somebody of the staff has checked it (`FOR_EVERYBODY`). `boxes` are `{"x", "y",
    "w", "h", "by"}`, in parts of the picture's width and height; `by` is "machine", "reporter" or "staff".
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos", db_index=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="photos")
    original = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=PhotoKind)
    # Meant for everybody; whether everybody sees it is `looking` to say as well.
    public = models.BooleanField(default=True)
    looking = models.CharField(max_length=8, choices=Looking, default=Looking.NEW)
    boxes = models.JSONField(default=list)
    looked_by = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(looking=Looking.CHECKED) | Q(file__isnull=False), name="reports_photo_checked_has_file"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["report", "id"], name="reports_photos"),
            models.Index(
                fields=["id"], condition=Q(looking__in=[Looking.NEW, Looking.MARKED]), name="reports_photos_to_look_at"
            ),
            models.Index(
                fields=["id"],
                condition=Q(kind=PhotoKind.AFTER, public=True, looking=Looking.CHECKED),
                name="reports_photos_of_repairs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"

    @property
    def areas(self) -> list[tuple[float, float, float, float]]:
        """What is hidden, as `kernel.files.store_image` takes it."""
        return [(box["x"], box["y"], box["w"], box["h"]) for box in self.boxes]


FOR_EVERYBODY = Q(public=True, looking=Looking.CHECKED)
"""The photos that any door may show, where their report is public."""
WAITING = (Looking.NEW, Looking.MARKED)
