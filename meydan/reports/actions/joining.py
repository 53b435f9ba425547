"""Two reports of one problem are joined; a report of two problems is split."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
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
from meydan.reports.facts import ReportFiled, ReportJoined, ReportSplit
from meydan.reports.models import EntryKind, Follower, Report, State, Verb
from meydan.reports.policies import may_work
from meydan.reports.queries import find_report, lock_report


@action_on(lock_report, policy=may_work)
def join_report(actor: Actor, report: Report, *, into: int, text: str = "") -> Report:
    """Join this report with another, open one about the same problem: its reporter and followers follow that one from
    now on. `Invalid` when the other is itself, is closed, or is not the actor's to work on."""
    other = find_report(actor, into)
    demand(may_work(actor, other), actor)
    if other.pk == report.pk or not other.is_open:
        raise Invalid(fields={"into": _("Give the number of another report that is still open.")})
    take_step(report, Verb.MERGE)
    report.joined_to = other
    write_entry(actor, report, EntryKind.JOINED, text.strip())
    _hand_over_followers(report, other)
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
def split_report(actor: Actor, report: Report, *, category: str, text: str) -> Report:
    """Make a second report out of a part of this one: the same place and reporter, other words, another category (a
    code), and the department that this one needs. Returns the second."""
    part = Report.objects.get(pk=report.pk)
    part.pk, part.split_from, part.category = None, report, open_category(category)
    part.state, part.department_id, part.team_id, part.officer_id = State.SUBMITTED, None, None, None
    part.form_token, part.source, part.external_id, part.cover_id = None, "", "", None
    part.answered_at = part.closed_at = part.confirmed_at = part.reopened_at = part.joined_to = None
    part.supporters, part.answers, part.updated_at = 0, {}, now()
    part.description, part.public = need_words(text), report.public and not part.category.private
    part.search_text = search_text_of(part, part.category)
    start_term(part, term_of(part.category, report.filed_at))
    part.save(force_insert=True)
    write_first_entry(actor, part)
    write_entry(actor, report, EntryKind.SPLIT, text.strip())
    record(ReportSplit(**about(report), part=part.pk))
    record(ReportFiled(**about(part), district=part.district_id or "", origin=part.origin, public=part.public))
    return part
