"""Two reports of one problem are joined; a report of two problems is split."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.policy import demand
from meydan.reports.actions.steps import (
    about,
    need_words,
    open_category,
    search_text_of,
    take_step,
    term_of,
    write_entry,
    write_first_entry,
)
from meydan.reports.actions.terms import start_term
from meydan.reports.facts import ReportFiled, ReportJoined, ReportSeparated, ReportSplit
from meydan.reports.models import Audience, EntryKind, Follower, Report, Side, State, Verb
from meydan.reports.policies import may_work
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_work)
def join_report(actor: Actor, report: Report, *, into: int, text: str = "") -> Report:
    """Join this report with another, open one about the same problem: its reporter and followers follow that one from
    now on. `Invalid` when the other is itself, is closed, or is not the actor's to work on."""
    other = lock_report(actor, into)
    demand(may_work(actor, other), actor)
    if other.pk == report.pk or not other.is_open:
        raise Invalid(fields={"into": _("Give the number of another report that is still open.")})
    take_step(report, Verb.MERGE)
    report.joined_to = other
    write_entry(actor, report, EntryKind.JOINED, text.strip(), details={"into": other.pk})
    _hand_over_followers(report, other)
    write_entry(actor, other, EntryKind.JOINED, audience=Audience.STAFF, side=Side.CITY, details={"joined": report.pk})
    record(ReportJoined(**about(report), into=other.pk))
    return report


def _hand_over_followers(report: Report, other: Report) -> None:
    followers = [
        Follower(report=other, person_id=one.person_id, device=one.device, me_too=True, follows=one.follows, at=one.at)
        for one in report.followers.exclude(person=other.reporter_id, person__isnull=False)
    ]
    if report.reporter_id and report.reporter_id != other.reporter_id:
        followers.append(
            Follower(report=other, person_id=report.reporter_id, me_too=True, follows=True, at=report.updated_at)
        )
    Follower.objects.bulk_create(followers, ignore_conflicts=True)
    other.supporters = other.followers.filter(me_too=True).count()
    other.save(update_fields=["supporters"])


@action_on(lock_report, policy=may_work)
def separate_report(actor: Actor, report: Report, *, text: str = "") -> Report:
    """Take a report that was joined by mistake out again: it is open, with a term of its own. Who follows the other one
    through it goes on following."""
    if report.state != State.MERGED:
        raise Conflict(_("This report is not joined with another one."))
    other = report.joined_to
    take_step(report, Verb.REOPEN)
    start_term(report, term_of(report.category, now()))
    details = {"undone": EntryKind.JOINED.value}
    write_entry(actor, report, EntryKind.UNDONE, text.strip(), side=Side.CITY, details=details)
    record(ReportSeparated(**about(report), was_in=other.pk if other else 0))
    return report


@action_on(lock_report, policy=may_work)
def split_report(actor: Actor, report: Report, *, category: str, text: str) -> Report:
    """Make a second report out of a part of this one: the same place and reporter, other words, another category (a
    code), and the department that this one needs. Returns the second."""
    part = Report.objects.get(pk=report.pk)
    part.pk, part.split_from, part.category = None, report, open_category(category)
    part.state, part.department_id, part.team_id, part.officer_id = State.SUBMITTED, None, None, None
    part.form_token, part.source, part.external_id, part.cover_id = None, "", "", None
    part.answered_at = part.closed_at = part.confirmed_at = part.reopened_at = None
    part.joined_to = part.ring_back_at = None
    part.supporters, part.answers, part.updated_at = 0, {}, now()
    part.description, part.public = need_words(text), report.public and not part.category.private
    part.search_text = search_text_of(part, part.category)
    start_term(part, term_of(part.category, report.filed_at))
    part.save(force_insert=True)
    write_first_entry(actor, part, side=Side.CITY, details={"whole": report.pk})
    audience = Audience.PUBLIC if part.public or not report.public else Audience.PARTIES
    write_entry(actor, report, EntryKind.SPLIT, text.strip(), audience=audience, details={"part": part.pk})
    record(ReportSplit(**about(report), part=part.pk))
    record(ReportFiled(**about(part), district=part.district_id or "", origin=part.origin, public=part.public))
    return part
