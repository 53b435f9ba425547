"""The public log: what moderators have decided, without anybody's name or words, and how fast and how rightly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from meydan.kernel.clock import now
from meydan.kernel.errors import Sentence
from meydan.moderation.models import Appeal, Block, Decision, Flag, Measure, Reason, Review, ReviewState
from meydan.moderation.queries.charter import CharterRule, find_rules
from meydan.moderation.queries.reviews import waiting_reviews
from meydan.moderation.queries.things import name_of

PER_PAGE = 50
MOST_ROWS = 5_000
SPAN = timedelta(days=90)

KEPT, TAKEN_OFF, ANSWERED = _("Left as it is"), _("Taken off"), _("Answered")
UPHELD, OVERTURNED = _("Appeal: the decision stands"), _("Appeal: the decision was wrong")
WARNED, BLOCKED = _("Sender warned"), _("Sender blocked")


@dataclass(frozen=True)
class LogRow:
    """One decision. `what`: the kind of thing; `code` is the outcome for programs; `hours`: how long it waited, where
    something did; `days`: of a sanction."""

    at: datetime
    what: Sentence
    kind: str
    code: str
    outcome: Sentence
    reason: Sentence = ""
    reason_code: str = ""
    rules: tuple[str, ...] = ()
    hours: float | None = None
    days: int | None = None

    @property
    def cited(self) -> list[CharterRule]:
        """The rules of the charter that were cited, in the reader's language."""
        return find_rules(self.rules)


@dataclass(frozen=True)
class Duty:
    """One kind of moderators' work in the last `SPAN`: how much was done, and in how many hours, as a median."""

    done: int
    median_hours: float | None
    waiting: int


@dataclass(frozen=True)
class ModerationFigures:
    """How the moderators did in the last `SPAN`. `upheld`: per cent of the answered appeals after which the first
    decision stood; None where there was none."""

    reviews: Duty
    approved: int
    sent_back: int
    refused: int
    flags: Duty
    taken_off: int
    appeals: Duty
    upheld: int | None
    days: int


def list_log(*, before: datetime | None = None, limit: int = PER_PAGE) -> list[LogRow]:
    """The newest decisions before a moment."""
    until = before or now()
    rows = [*_reviews(until, limit), *_decisions(until, limit), *_appeals(until, limit), *_sanctions(until, limit)]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:limit]


def _kind(reference: str) -> str:
    return reference.partition(":")[0]


def _hours(start: datetime | None, end: datetime) -> float | None:
    return round((end - start).total_seconds() / 3600, 1) if start else None


def _reviews(until: datetime, limit: int) -> Iterator[LogRow]:
    rows: QuerySet[Review] = Review.objects.filter(decided_at__lt=until).order_by("-decided_at")
    for row in rows[:limit]:
        at, state = row.decided_at or row.changed_at, ReviewState(row.state)
        hours, outcome = _hours(row.handed_in_at, at), state.label
        yield LogRow(at, name_of(row.about), _kind(row.about), state, outcome, rules=tuple(row.rules), hours=hours)


def _decisions(until: datetime, limit: int) -> Iterator[LogRow]:
    for row in Decision.objects.filter(at__lt=until).order_by("-at")[:limit]:
        kind = _kind(row.reference)
        code, outcome = ("kept", ANSWERED if kind == "page" else KEPT) if row.kept else ("taken_off", TAKEN_OFF)
        reason = Reason(row.reason).label if row.reason else ""
        hours = _hours(row.flagged_at, row.at)
        rules = tuple(row.rules)
        yield LogRow(row.at, name_of(row.reference), kind, code, outcome, reason, row.reason, rules, hours)


def _appeals(until: datetime, limit: int) -> Iterator[LogRow]:
    for row in Appeal.objects.filter(answered_at__lt=until).order_by("-answered_at")[:limit]:
        at = row.answered_at or row.at
        code, outcome = ("overturned", OVERTURNED) if row.overturned else ("upheld", UPHELD)
        yield LogRow(at, name_of(row.subject), _kind(row.subject), code, outcome, hours=_hours(row.at, at))
    for block in Block.objects.filter(answered_at__lt=until).order_by("-answered_at")[:limit]:
        at = block.answered_at or block.at
        code, outcome = ("overturned", OVERTURNED) if block.lifted else ("upheld", UPHELD)
        yield LogRow(at, _("A sanction"), "block", code, outcome, hours=_hours(block.appealed_at, at))


def _sanctions(until: datetime, limit: int) -> Iterator[LogRow]:
    for row in Block.objects.filter(at__lt=until).order_by("-at")[:limit]:
        warned = row.measure == Measure.WARNING
        code, outcome = ("warned", WARNED) if warned else ("blocked", BLOCKED)
        days = None if warned else round((row.until - row.at) / timedelta(days=1))
        kind = _kind(row.reference)
        yield LogRow(row.at, name_of(row.reference), kind, code, outcome, rules=tuple(row.rules), days=days)


def read_figures() -> ModerationFigures:
    """The figures of the last `SPAN`."""
    since = now() - SPAN
    decided = Review.objects.filter(decided_at__gte=since)
    states = {state: decided.filter(state=state).count() for state in ReviewState}
    answered, upheld = _upheld(since)
    return ModerationFigures(
        reviews=Duty(decided.count(), _median(_REVIEWS, since), waiting_reviews().count()),
        approved=states[ReviewState.APPROVED],
        sent_back=states[ReviewState.SENT_BACK],
        refused=states[ReviewState.REFUSED],
        flags=Duty(
            Decision.objects.filter(at__gte=since).count(),
            _median(_DECISIONS, since),
            Flag.objects.filter(decision=None).values("reference").distinct().count(),
        ),
        taken_off=Decision.objects.filter(at__gte=since, kept=False).count(),
        appeals=Duty(answered, _median(_APPEALS, since), _open_appeals()),
        upheld=round(100 * upheld / answered) if answered else None,
        days=SPAN.days,
    )


def _upheld(since: datetime) -> tuple[int, int]:
    """How many appeals were answered, and after how many the first decision stood."""
    appeals, blocks = Appeal.objects.filter(answered_at__gte=since), Block.objects.filter(answered_at__gte=since)
    stood = appeals.filter(overturned=False).count() + blocks.filter(lifted=False).count()
    return appeals.count() + blocks.count(), stood


def _open_appeals() -> int:
    waiting = Block.objects.filter(appealed_at__isnull=False, answered_at=None).count()
    return waiting + Appeal.objects.filter(answered_at=None).count()


def _median(query: str, since: datetime) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since})
        (seconds,) = cursor.fetchone()
    return None if seconds is None else round(float(seconds) / 3600, 1)


_REVIEWS = """
select extract(epoch from percentile_cont(0.5) within group (order by decided_at - handed_in_at))
  from moderation_review where decided_at >= %(since)s"""
_DECISIONS = """
select extract(epoch from percentile_cont(0.5) within group (order by at - flagged_at))
  from moderation_decision where at >= %(since)s and flagged_at is not null"""
_APPEALS = """
select extract(epoch from percentile_cont(0.5) within group (order by took))
  from (select answered_at - at as took from moderation_appeal where answered_at >= %(since)s
        union all
        select answered_at - appealed_at from moderation_block where answered_at >= %(since)s) answers"""
