"""The call centre: a caller's earlier cases, and whom to ring back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand
from meydan.reports.models import CALLER, CALLER_DIGITS, Audience, Entry, EntryKind, Report, Side
from meydan.reports.policies import may_take_calls
from meydan.reports.queries.listing import LISTED, Page, Row

CASES_OF_A_CALLER = 20
RING_PAGE = 50
FEWEST_DIGITS = 6
_TOO_SHORT = _("Write the whole number: at least six digits.")
CALLER_FOUND = gettext_noop("your reports, found by your phone number")


@dataclass(frozen=True)
class Caller:
    """What is known of a number: its cases, newest first, and the name that was given last. `persons`: those of them
    who have an account."""

    cases: list[Row]
    name: str = ""
    persons: tuple[UUID, ...] = ()

    @property
    def subject(self) -> str:
        """What the look at it is about: the newest case."""
        return f"report:{self.cases[0]['number']}" if self.cases else "report:0"


@reveals(
    CALLER_FOUND,
    persons=lambda caller: caller.persons,
    subject=lambda caller: caller.subject,
    always=lambda caller: bool(caller.cases),
)
def find_caller(actor: Actor, phone: str) -> Caller:
    """The earlier cases of whoever left this number, however it was written. The look is recorded. `Invalid` when it is
    too short to tell people apart."""
    demand(may_take_calls(actor), actor)
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdigit())[-CALLER_DIGITS:]
    if len(digits) < FEWEST_DIGITS:
        raise Invalid(fields={"phone": _TOO_SHORT})
    rows = Report.objects.exclude(contact_phone="").alias(caller=CALLER).filter(caller=digits).order_by("-number")
    wanted = (*LISTED, "contact_name", "reporter_id")
    found = list(rows.values(*wanted, summary=Left("description", 140))[:CASES_OF_A_CALLER])
    return Caller(
        cases=found,
        name=next((row["contact_name"] for row in found if row["contact_name"]), ""),
        persons=tuple(dict.fromkeys(row["reporter_id"] for row in found if row["reporter_id"])),
    )


@dataclass(frozen=True)
class News:
    """What there is to tell: the words that the city said last to the reporter, and when."""

    kind: EntryKind
    text: str
    at: datetime


def list_to_ring(actor: Actor, *, after: str = "", limit: int = RING_PAGE) -> Page:
    """Cases whose reporter left a number and no address, and does not know yet what became of them; who waits longest
    comes first. Rows as of a list, with `ring_back_at` and `missed` (calls in vain). `after` is the `next` of the page
    before; `Invalid` when it is not one."""
    demand(may_take_calls(actor), actor)
    rows = Report.objects.filter(ring_back_at__isnull=False, ring_back_at__lte=now())
    if after:
        moment, number = _read_moment(after)
        rows = rows.filter(Q(ring_back_at__gt=moment) | Q(ring_back_at=moment, number__gt=number))
    missed = Count("entries", filter=Q(entries__kind=EntryKind.CALLED, entries__details__outcome="missed"))
    wanted = rows.order_by("ring_back_at", "number").values(*LISTED, "ring_back_at")
    found = list(wanted.annotate(missed=missed, summary=Left("description", 140))[: limit + 1])
    kept = found[:limit]
    end = f"{kept[-1]['ring_back_at'].isoformat()}_{kept[-1]['number']}" if len(found) > limit else None
    return Page(kept, end)


def _read_moment(cursor: str) -> tuple[datetime, int]:
    moment, _underscore, number = cursor.partition("_")
    try:
        read = datetime.fromisoformat(moment)
        if read.tzinfo is None:
            raise ValueError("no time zone")
        return read, int(number)
    except (ValueError, OverflowError) as error:
        raise Invalid(fields={"after": "2026-11-26T09:00:00+00:00_123"}) from error


def show_to_ring(actor: Actor, number: int) -> Report:
    """A case to ring back about. Raises `NotFound` when there is nothing to tell any more."""
    demand(may_take_calls(actor), actor)
    report = Report.objects.filter(pk=number, ring_back_at__isnull=False).first()
    if report is None:
        raise NotFound
    return report


def find_news(actor: Actor, report: Report) -> News | None:
    """What the city said last to the reporter."""
    demand(may_take_calls(actor), actor)
    theirs = Entry.objects.filter(report=report).exclude(side=Side.REPORTER).exclude(audience=Audience.STAFF)
    said = theirs.order_by("-id").first()
    return News(EntryKind(said.kind), said.text, said.at) if said else None
