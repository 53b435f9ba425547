"""What was said about closings: by the reporter and by witnesses, and how content they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Avg, Count, Q

from meydan.kernel.actor import Actor
from meydan.kernel.policy import demand
from meydan.reports.models import Entry, EntryKind, Follower, Opinion, Reason, Report, State, Voice
from meydan.reports.policies import OVERSEERS, may_see_worklist

MAX_FOLLOWERS_TOLD = 10_000


@dataclass(frozen=True)
class Hearing:
    """What a report's page says about its closing: how many witnesses find it solved, or not; whether the reader
    follows, and what they said about this closing (None: nothing yet)."""

    solved: int = 0
    not_solved: int = 0
    follows: bool = False
    said: bool | None = None


@dataclass(frozen=True)
class Satisfaction:
    """How content reporters are with a department (a code): `counts` by answer from 1 to 5, `reasons` by code, and how
    many witnesses found its closings solved or not."""

    department: str
    answers: int
    average: float | None
    counts: Mapping[int, int]
    reasons: Mapping[str, int]
    witnesses_for: int
    witnesses_against: int


def find_closing(report: Report) -> Entry | None:
    """The line by which the report was closed as solved the last time."""
    return Entry.objects.filter(report=report, kind=EntryKind.SOLVED).order_by("-id").first()


def count_witnesses(report: Report) -> tuple[int, int]:
    """How many witnesses find the last closing solved, and how many not."""
    with connection.cursor() as cursor:
        cursor.execute(_WITNESSES, [report.pk, report.pk])
        found: tuple[int, int] = cursor.fetchone()
    return found


_WITNESSES = """
select count(*) filter (where solved), count(*) filter (where not solved) from reports_opinion
 where report_id = %s and voice = 'witness'
   and closing_id = (select max(id) from reports_entry where report_id = %s and kind = 'solved')"""


def hear(actor: Actor, report: Report) -> Hearing:
    """What the report's page says about its closing, to this reader."""
    follows = actor.person_id is not None and report.followers.filter(person=actor.person_id).exists()
    if report.state not in (State.SOLVED, State.CONFIRMED):
        return Hearing(follows=follows)
    solved, missed = count_witnesses(report)
    said = (
        Opinion.objects.filter(closing=find_closing(report), person=actor.person_id, voice=Voice.WITNESS).values_list(
            "solved", flat=True
        )
        if follows
        else ()
    )
    return Hearing(solved, missed, follows, next(iter(said), None))


def list_followers(report: Report) -> list[tuple[UUID, str, str]]:
    """For messages alone: those with an account who follow a public report, as (person, e-mail, language). Nobody when
    it is not public: they may not see it then. At most 10,000."""
    if not report.public:
        return []
    rows = Follower.objects.filter(report=report, follows=True, person__email__isnull=False, person__is_active=True)
    found = rows.order_by("id").values_list("person_id", "person__email", "person__language")
    return [(person, str(email), language) for person, email, language in found[:MAX_FOLLOWERS_TOLD] if person]


def list_satisfaction(actor: Actor, since: datetime) -> list[Satisfaction]:
    """How content reporters have been since then, for each department that the actor works for (overseers: all).
    Without anybody's name. `Refused` unless the actor is staff."""
    demand(may_see_worklist(actor), actor)
    said = Opinion.objects.filter(at__gte=since, report__department__isnull=False)
    if not (actor.is_system or actor.has(*OVERSEERS)):
        said = said.filter(report__department__in=actor.departments)
    rows = said.values("report__department").annotate(
        answers=Count("content", filter=Q(voice=Voice.REPORTER)),
        average=Avg("content", filter=Q(voice=Voice.REPORTER)),
        found=Count("pk", filter=Q(voice=Voice.WITNESS, solved=True)),
        missed=Count("pk", filter=Q(voice=Voice.WITNESS, solved=False)),
        **{f"c{n}": Count("pk", filter=Q(voice=Voice.REPORTER, content=n)) for n in range(1, 6)},
    )
    reasons = _reasons(since)
    return [_satisfaction({**row}, reasons) for row in rows.order_by("report__department")]


def _satisfaction(row: dict[str, Any], reasons: Mapping[str, Mapping[str, int]]) -> Satisfaction:
    return Satisfaction(
        department=row["report__department"],
        answers=row["answers"],
        average=row["average"],
        counts={n: row[f"c{n}"] for n in range(1, 6)},
        reasons=reasons.get(row["report__department"], {}),
        witnesses_for=row["found"],
        witnesses_against=row["missed"],
    )


_REASONS = """
select report.department_id, reason, count(*)
  from reports_opinion opinion
  join reports_report report on report.number = opinion.report_id
  cross join lateral jsonb_array_elements_text(opinion.reasons) reason
 where opinion.at >= %s and report.department_id is not null
 group by 1, 2 order by 3 desc
"""


def _reasons(since: datetime) -> dict[str, dict[str, int]]:
    """How often each reason was given, by department."""
    counted: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, [since])
        for department, reason, count in cursor.fetchall():
            if reason in Reason.values:
                counted.setdefault(department, {})[reason] = count
    return counted
