"""What the responsible department does with a report."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Department
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.reports.actions.photos import attach_photos
from meydan.reports.actions.steps import (
    about,
    need_words,
    open_category,
    search_text_of,
    take_step,
    write_entry,
)
from meydan.reports.actions.terms import change_term
from meydan.reports.facts import (
    NoteAdded,
    PhotoAdded,
    QuestionAsked,
    ReportAccepted,
    ReportDeclined,
    ReportMoved,
    ReportRouted,
    ReportSolved,
)
from meydan.reports.models import Audience, EntryKind, PhotoKind, Report, Side, Verb
from meydan.reports.policies import may_add_note, may_add_photo, may_move, may_route, may_work
from meydan.reports.queries import find_route, lock_report


@action_on(lock_report, policy=may_route)
def route_report(actor: Actor, report: Report, *, department: str, team: str | None = None) -> Report:
    """Give a new report to its department, and to a team of it. `Conflict` when it has one already."""
    if report.department_id is not None:
        raise Conflict
    report.department_id, report.team_id = department, team
    write_entry(actor, report, EntryKind.ROUTED)
    record(ReportRouted(**about(report), district=report.district_id or "", team=team or ""))
    return report


@action_on(lock_report, policy=may_work)
def accept_report(actor: Actor, report: Report, *, text: str = "") -> Report:
    """Take the case on; the officer who does is named as its own from now on. Words are optional and public."""
    take_step(report, Verb.ACCEPT)
    report.officer_id = actor.person_id
    write_entry(actor, report, EntryKind.ACCEPTED, text.strip())
    record(ReportAccepted(**about(report)))
    return report


@action_on(lock_report, policy=may_work)
def ask_reporter(actor: Actor, report: Report, *, text: str) -> Report:
    """Ask the reporter something. The question is read by the reporter and the staff only."""
    take_step(report, Verb.ASK)
    write_entry(actor, report, EntryKind.ASKED, need_words(text), audience=Audience.PARTIES)
    record(QuestionAsked(**about(report)))
    return report


@action_on(lock_report, policy=may_add_note)
def add_note(actor: Actor, report: Report, *, text: str) -> Report:
    """Write something down that only the staff reads."""
    write_entry(actor, report, EntryKind.NOTE, need_words(text), audience=Audience.STAFF, side=Side.CITY)
    record(NoteAdded(**about(report)))
    return report


@action_on(lock_report, policy=may_add_photo)
def add_photo(actor: Actor, report: Report, *, photos: Sequence[str], text: str = "") -> Report:
    """Add pictures to the case (sha256s of stored files)."""
    if not photos:
        raise Invalid(fields={"photos": _("Choose a photo.")})
    entry = write_entry(actor, report, EntryKind.PHOTO, text.strip())
    attach_photos(report, entry, photos, PhotoKind.EXTRA, public=report.public)
    record(PhotoAdded(**about(report), kind=PhotoKind.EXTRA))
    return report


@action_on(lock_report, policy=may_work)
def close_as_solved(actor: Actor, report: Report, *, text: str, photos: Sequence[str] = ()) -> Report:
    """Say that the problem is solved, and how. Some categories demand a picture of the repair."""
    take_step(report, Verb.SOLVE)
    if report.category.needs_after_photo and not photos:
        raise Invalid(fields={"photos": _("Add a photo of the repair: this category is closed with one.")})
    entry = write_entry(actor, report, EntryKind.SOLVED, need_words(text))
    attach_photos(report, entry, photos, PhotoKind.AFTER, public=report.public)
    record(ReportSolved(**about(report)))
    return report


@action_on(lock_report, policy=may_work)
def decline_report(actor: Actor, report: Report, *, text: str) -> Report:
    """Say that the city will not act, and why. The reason is public."""
    take_step(report, Verb.DECLINE)
    write_entry(actor, report, EntryKind.DECLINED, need_words(text))
    record(ReportDeclined(**about(report)))
    return report


@action_on(lock_report, policy=may_move)
def move_report(actor: Actor, report: Report, *, category: str = "", department: str = "", text: str = "") -> Report:
    """Pass the case on: to another category, whose department then gets it, or to a department by name.

    A new category brings its own term, counted from the day of filing. `Invalid` when nothing would change.
    """
    before, start = (report.category_id, report.department_id or ""), where_it_is(report)
    if category and category != report.category_id:
        change_category(report, category)
        route = find_route(category, report.district_id, now())
        report.department_id, report.team_id = route.department or report.department_id, route.team
    if department and department != report.department_id:
        if not Department.objects.filter(pk=department).exists():
            raise Invalid(fields={"department": _("Choose one of the departments.")})
        report.department_id, report.team_id = department, None
    if before == (report.category_id, report.department_id or ""):
        raise Invalid(fields={"department": _("Choose another category or another department.")})
    take_step(report, Verb.MOVE)
    report.officer_id = None
    write_entry(actor, report, EntryKind.MOVED, text.strip(), details=way_of(start, where_it_is(report)))
    record(ReportMoved(**about(report), from_category=before[0], from_department=before[1]))
    return report


def where_it_is(report: Report) -> dict[str, str]:
    """The category, department and team that have it; "" where there is none."""
    return {
        "category": report.category_id,
        "department": report.department_id or "",
        "team": report.team_id or "",
    }


def way_of(start: Mapping[str, str], end: Mapping[str, str]) -> dict[str, str]:
    """From where to where a case went, for its line in the timeline: only what has changed."""
    changed = [name for name in start if start[name] != end[name]]
    return {f"{way}_{name}": place[name] for name in changed for way, place in (("from", start), ("to", end))}


def change_category(report: Report, code: str) -> None:
    """Give the report another category, with its term. What becomes private is taken off the public pages. `Invalid`
    when the category cannot be chosen."""
    category, before = open_category(code), report.category
    report.category = category
    change_term(report, before)
    report.search_text = search_text_of(report, category)
    if category.private and report.public:
        report.public = False
        report.photos.update(public=False)
