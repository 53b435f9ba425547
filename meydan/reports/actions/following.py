"""What the reporter does after filing."""

from collections.abc import Sequence

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.reports.actions.photos import attach_photos
from meydan.reports.actions.steps import about, need_words, take_step, term_of, write_entry
from meydan.reports.facts import QuestionAnswered, ReportReopened, ReportWithdrawn, SolutionConfirmed
from meydan.reports.models import Audience, EntryKind, PhotoKind, Report, Side, Verb
from meydan.reports.policies import may_follow_up
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_follow_up)
def answer_question(actor: Actor, report: Report, *, text: str, photos: Sequence[str] = ()) -> Report:
    """Answer the department's question; the case goes on. The answer is read by the reporter and the staff only."""
    take_step(report, Verb.ANSWER)
    entry = write_entry(
        actor, report, EntryKind.ANSWERED, need_words(text), audience=Audience.PARTIES, side=Side.REPORTER
    )
    attach_photos(report, entry, photos, PhotoKind.EXTRA, public=False)
    record(QuestionAnswered(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def confirm_solution(actor: Actor, report: Report, *, text: str = "") -> Report:
    """Agree that it is solved. Only now does the report count as solved in the public figures."""
    take_step(report, Verb.CONFIRM)
    write_entry(actor, report, EntryKind.CONFIRMED, text.strip(), side=Side.REPORTER)
    record(SolutionConfirmed(**about(report)))
    return report


@action_on(lock_report, policy=may_follow_up)
def reopen_report(actor: Actor, report: Report, *, text: str, photos: Sequence[str] = ()) -> Report:
    """Disagree with how it was closed, in words that everybody reads; the term starts again."""
    take_step(report, Verb.REOPEN)
    report.due_on = term_of(report.category, now())
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
