"""What the reporter does after filing."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.reports.actions.handling import change_category, way_of, where_it_is
from meydan.reports.actions.hearing import note_opinion
from meydan.reports.actions.photos import attach_photos
from meydan.reports.actions.steps import about, need_words, take_step, term_of, write_entry
from meydan.reports.actions.terms import start_term
from meydan.reports.facts import (
    CategoryRepicked,
    QuestionAnswered,
    ReportReopened,
    ReportWithdrawn,
    SolutionConfirmed,
)
from meydan.reports.models import Audience, Entry, EntryKind, PhotoKind, Report, Side, State, Verb, Voice
from meydan.reports.policies import may_follow_up
from meydan.reports.queries import find_route, lock_report

REPICKS = 2
"""How often a reporter may choose another category."""


@action_on(lock_report, policy=may_follow_up)
def answer_question(actor: Actor, report: Report, *, text: str, photos: Sequence[str] = (), event: str = "") -> Report:
    """Answer the department's question; the case goes on. The answer is read by the reporter and the staff only.
    `event`: the messenger's, where it was written there."""
    take_step(report, Verb.ANSWER)
    words, details = need_words(text), {"event": event} if event else {}
    parties, side = Audience.PARTIES, Side.REPORTER
    entry = write_entry(actor, report, EntryKind.ANSWERED, words, audience=parties, side=side, details=details)
    attach_photos(report, entry, photos, PhotoKind.EXTRA, public=False)
    record(QuestionAnswered(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def confirm_solution(
    actor: Actor, report: Report, *, text: str = "", content: int | None = None, reasons: Sequence[str] = ()
) -> Report:
    """Agree that it is solved. Only now does the report count as solved in the public figures. `content` from 1 to 5
    and `reasons` (models.Reason) say how the reporter finds it handled."""
    take_step(report, Verb.CONFIRM)
    note_opinion(actor, report, Voice.REPORTER, solved=True, content=content, reasons=reasons)
    write_entry(actor, report, EntryKind.CONFIRMED, text.strip(), side=Side.REPORTER)
    record(SolutionConfirmed(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def reopen_report(
    actor: Actor,
    report: Report,
    *,
    text: str,
    photos: Sequence[str] = (),
    content: int | None = None,
    reasons: Sequence[str] = (),
) -> Report:
    """Disagree with how it was closed, in words that everybody reads; the term starts again. `content` and `reasons`
    as for `confirm_solution`."""
    if report.state == State.SOLVED:
        note_opinion(actor, report, Voice.REPORTER, solved=False, content=content, reasons=reasons)
    take_step(report, Verb.REOPEN)
    start_term(report, term_of(report.category, now()))
    entry = write_entry(actor, report, EntryKind.REOPENED, need_words(text), side=Side.REPORTER)
    attach_photos(report, entry, photos, PhotoKind.EXTRA, public=report.public)
    record(ReportReopened(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def withdraw_report(actor: Actor, report: Report, *, text: str = "") -> Report:
    """Take the report back, for example because it was sent by mistake."""
    take_step(report, Verb.WITHDRAW)
    write_entry(actor, report, EntryKind.WITHDRAWN, text.strip(), side=Side.REPORTER)
    record(ReportWithdrawn(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def repick_category(actor: Actor, report: Report, *, category: str, text: str = "") -> Report:
    """Choose another category while the report is open, at most twice: it goes where that category's reports go, with
    its term, and the history stays. `Conflict` when it is too late or too often, `Invalid` when nothing would change.
    """
    if not report.is_open:
        raise Conflict(_("The report is closed: its kind cannot be changed any more."))
    if Entry.objects.filter(report=report, kind=EntryKind.RECATEGORISED).count() >= REPICKS:
        raise Conflict(_("You have changed the kind twice already. The city can still pass the report on."))
    if category == report.category_id:
        raise Invalid(fields={"category": _("Choose another kind than the one that it has.")})
    before, start = (report.category_id, report.department_id or ""), where_it_is(report)
    change_category(report, category)
    route = find_route(category, report.district_id, now())
    if (route.department or "") != before[1]:
        if report.state != State.SUBMITTED:
            take_step(report, Verb.MOVE)
        report.officer_id = None
    report.department_id, report.team_id = route.department, route.team
    way = way_of(start, where_it_is(report))
    write_entry(actor, report, EntryKind.RECATEGORISED, text.strip(), side=Side.REPORTER, details=way)
    record(CategoryRepicked(**about(report), from_category=before[0], from_department=before[1]))
    return report
