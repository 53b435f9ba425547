"""The door of reports: what other rooms of the house may use.

`file_report` and the other verbs are actions: they take the actor first and the report's number, raise `NotFound` when
the actor may not see the report, `Refused` or `SignInFirst` when its policy says no, and `Conflict` when the report's
state does not allow the verb (`models.ALLOWED`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Department, ExportedFile, Person, as_csv, as_json, contributes_to_export, tells
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.files import open_file
from meydan.kernel.i18n import text_of
from meydan.moderation.public import Elsewhere, Thing, moderates, waits_elsewhere
from meydan.reports.actions import (
    ImportedReport,
    When,
    accept_report,
    add_note,
    answer_question,
    ask_reporter,
    check_photo,
    close_as_solved,
    confirm_solution,
    decline_report,
    file_report,
    fold_changes,
    import_reports,
    issue_api_key,
    keep_demo_authority,
    keep_demo_key,
    learn_categories,
    mark_photo,
    move_report,
    note_sent,
    recount_figures,
    reopen_report,
    revoke_api_key,
    route_report,
    set_category,
    set_examples,
    set_reply,
    set_rule,
    set_team,
    withdraw_report,
)
from meydan.reports.facts import (
    AboutReport,
    AuthorityAnswered,
    CategoryRepicked,
    ChangeUndone,
    ForwardMoved,
    LetterTaken,
    MessageWritten,
    OriginalForgotten,
    PhotoAdded,
    PhotoChecked,
    PhotoKept,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportAnonymised,
    ReportAssigned,
    ReportCompleted,
    ReportDeclined,
    ReporterRung,
    ReportFiled,
    ReportForwarded,
    ReportHidden,
    ReportJoined,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportSeparated,
    ReportShown,
    ReportSolved,
    ReportSplit,
    ReportUnfollowed,
    ReportWithdrawn,
    SilenceEscalated,
    SolutionConfirmed,
    WitnessHeard,
)
from meydan.reports.models import (
    UNDO_FOR,
    BulkItem,
    Entry,
    EntryKind,
    Filter,
    Forward,
    Letter,
    Refusal,
    Report,
    Sending,
    State,
    Team,
    WorkFilter,
)
from meydan.reports.queries import (
    CASE_COOKIE,
    CASE_COOKIE_SECONDS,
    CUT,
    Figures,
    Outgoing,
    Page,
    PublicReport,
    TimelineItem,
    answer_address,
    case_keys_in,
    cookie_with,
    count_to_check,
    count_work,
    find_public,
    find_report,
    find_route,
    find_several,
    forward_token,
    letter_token,
    list_all_replies,
    list_api_keys,
    list_categories,
    list_followers,
    list_mine,
    list_photos,
    list_public,
    list_teams,
    list_timeline,
    list_waiting,
    list_without_examples,
    measure_lines,
    measure_on_reports,
    number_of,
    outgoing,
    own_copy,
    public_figures,
    title_of_public,
)

__all__ = [
    "CASE_COOKIE",
    "CASE_COOKIE_SECONDS",
    "CUT",
    "CaseNotice",
    "Figures",
    "Filter",
    "ForwardNotice",
    "ImportedReport",
    "Page",
    "PublicReport",
    "Reader",
    "Report",
    "State",
    "When",
    "WorkFilter",
    "accept_report",
    "add_note",
    "answer_address",
    "answer_question",
    "ask_reporter",
    "case_keys_in",
    "check_photo",
    "close_as_solved",
    "confirm_solution",
    "cookie_with",
    "count_work",
    "decline_report",
    "file_report",
    "find_public",
    "find_report",
    "find_route",
    "find_several",
    "fold_changes",
    "followers_of",
    "forward_notice",
    "held_until",
    "import_reports",
    "issue_api_key",
    "keep_demo_authority",
    "keep_demo_key",
    "learn_categories",
    "list_all_replies",
    "list_api_keys",
    "list_categories",
    "list_my_cases",
    "list_public",
    "list_teams",
    "list_waiting",
    "list_without_examples",
    "manager_of",
    "mark_photo",
    "measure_lines",
    "measure_on_reports",
    "move_report",
    "note_sent",
    "notice_of",
    "public_figures",
    "recount_figures",
    "refusal_notice",
    "reopen_report",
    "revoke_api_key",
    "route_report",
    "search_reports",
    "set_category",
    "set_examples",
    "set_reply",
    "set_rule",
    "set_team",
    "still_holds",
    "title_of_public",
    "withdraw_report",
]


def list_my_cases(actor: Actor, *, limit: int = 5) -> Page:
    """The actor's own reports, newest first: rows with number, state, category_id, district_id, address, filed_at,
    summary (140 letters) and cover_id (a picture's number, or None)."""
    return list_mine(actor, limit=limit)


def search_reports(actor: Actor, words: str, *, limit: int = 5) -> list[dict[str, object]]:
    """Public reports that hold all of the words: rows as of `list_my_cases`. For the search over everything."""
    return list_public(actor, Filter(words=words), limit=limit).rows if words.strip() else []


@dataclass(frozen=True)
class CaseNotice:
    """What a message about a case needs. `email` and `language` are the reporter's, "" when there is no address; `key`
    belongs into the link for those without account ("" for persons, who sign in). `token` marks letters that may be
    answered; `is_incomplete`: a letter that its sender is asked to complete."""

    number: int
    state: State
    category: dict[str, str]
    department: str
    person_id: UUID | None
    email: str
    language: str
    key: str
    token: str = ""
    is_incomplete: bool = False


_NOTICE_NEEDS = (
    *("state", "department_id", "contact_email", "language", "secret", "category__name", "reporter__email"),
    *("reporter__language", "external"),
)


def notice_of(number: int) -> CaseNotice:
    """For notifications alone, which act for the city: whom to tell about a report, and what. Not for pages."""
    report = Report.objects.select_related("category", "reporter").only(*_NOTICE_NEEDS).get(pk=number)
    person = report.reporter
    return CaseNotice(
        number=number,
        state=State(report.state),
        category=report.category.name,
        department=report.department_id or "",
        person_id=report.reporter_id,
        email=report.contact_email or ((person.email or "") if person else ""),
        language=person.language if person else report.language,
        key="" if person else report.key,
        token=letter_token(report),
        is_incomplete="lacks" in report.external,
    )


@dataclass(frozen=True)
class ForwardNotice:
    """What the letter to another authority says of a report; `token` as of a `CaseNotice`. `public`: its page is."""

    number: int
    email: str
    authority: dict[str, str]
    token: str
    public: bool
    what: Outgoing


def forward_notice(forward: int) -> ForwardNotice | None:
    """For notifications alone: the letter that forwards a case; None when it goes another way, or was taken back."""
    row = Forward.objects.select_related("authority", "report__category", "report__district").get(pk=forward)
    if row.authority.endpoint or row.state != Sending.WAITING:
        return None
    return ForwardNotice(
        number=row.report_id,
        email=row.authority.email,
        authority=row.authority.name,
        token=forward_token(row),
        public=row.report.public,
        what=outgoing(row),
    )


@dataclass(frozen=True)
class RefusalNotice:
    """What the sender of a letter is told that became nothing."""

    email: str
    language: str
    reason: Refusal


def refusal_notice(subject: str) -> RefusalNotice | None:
    """For notifications alone: whom to tell that their letter ("letter:<id>") was refused, and why."""
    letter = Letter.objects.filter(pk=int(subject.partition(":")[2])).exclude(sender="").first()
    return RefusalNotice(letter.sender, letter.language, Refusal(letter.refusal)) if letter else None


@dataclass(frozen=True)
class Reader:
    """Somebody whom a message goes to: an e-mail address, and the language they read."""

    email: str
    language: str


def followers_of(number: int) -> list[Reader]:
    """For notifications alone: those with an account who follow a report. Nobody while it is not public; at most
    10,000."""
    report = Report.objects.get(pk=number)
    return [Reader(email, language) for _person, email, language in list_followers(report)]


def manager_of(team: str, department: str) -> Reader | None:
    """For notifications alone: who is told of silence. The holder of the team (a code, "" for none), else the
    department's own address; None when there is neither."""
    holder = Person.objects.filter(pk__in=Team.objects.filter(pk=team).values("holder"), is_active=True).first()
    if holder is not None and holder.email:
        return Reader(holder.email, holder.language)
    found = Department.objects.filter(pk=department).exclude(email="").first()
    return Reader(found.email, found.language) if found else None


def held_until(happened: AboutReport) -> datetime | None:
    """For notifications alone: until when a letter about this waits, because an officer did it to many reports at once
    and can still take it back; None when it need not."""
    changes = BulkItem.objects.filter(
        report=number_of(happened.subject),
        entry__kind=_TOLD.get(type(happened)),
        undone=False,
        change__at__gt=now() - UNDO_FOR,
    )
    item = changes.select_related("change").first()
    return item.change.at + UNDO_FOR if item else None


def still_holds(kind: type[AboutReport], number: int) -> bool:
    """For notifications alone: whether the last line of this kind in the report's timeline was not taken back, and the
    report still stands as it left it."""
    entry = Entry.objects.filter(report=number, kind=_TOLD[kind]).order_by("-id").select_related("report").first()
    if entry is None or entry.report.state != entry.state_after:
        return False
    return not BulkItem.objects.filter(entry=entry, undone=True).exists()


def export_mine(actor: Actor) -> Iterator[ExportedFile]:
    """All that a person has reported, for the export of their data: JSON with the timeline, CSV, and the photos."""
    reports = Report.objects.filter(reporter=actor.person_id).order_by("number") if actor.person_id else ()
    found = [(report, list_timeline(actor, report)) for report in reports]
    plain = [_exported(report) for report, _timeline in found]
    yield as_csv("reports.csv", plain)
    history = [[_exported_line(item) for item in timeline] for _report, timeline in found]
    yield as_json("reports.json", [{**one, "timeline": lines} for one, lines in zip(plain, history, strict=True)])
    for report, _timeline in found:
        for photo in list_photos(actor, report):
            yield ExportedFile(
                f"photos/{report.number}-{photo.pk}.jpg",
                partial(open_file, own_copy(actor, photo)),
            )


def _exported(report: Report) -> dict[str, Any]:
    names = "number state category_id department_id district_id lat lon address description contact_email contact_name"
    more = "contact_phone origin public filed_at due_on answered_at closed_at confirmed_at"
    return {name.removesuffix("_id"): getattr(report, name) for name in f"{names} {more}".split()}


def _exported_line(item: TimelineItem) -> dict[str, Any]:
    return {"at": item.at, "kind": item.kind, "state": item.state_after, "by": item.side, "text": item.text}


contributes_to_export("reports", export_mine)


_TOLD: dict[type[AboutReport], EntryKind] = {
    ReportFiled: EntryKind.FILED,
    ReportRouted: EntryKind.ROUTED,
    ReportAccepted: EntryKind.ACCEPTED,
    QuestionAsked: EntryKind.ASKED,
    QuestionAnswered: EntryKind.ANSWERED,
    ReportMoved: EntryKind.MOVED,
    ReportSolved: EntryKind.SOLVED,
    ReportDeclined: EntryKind.DECLINED,
    SolutionConfirmed: EntryKind.CONFIRMED,
    ReportReopened: EntryKind.REOPENED,
    ReportWithdrawn: EntryKind.WITHDRAWN,
    PhotoAdded: EntryKind.PHOTO,
    CategoryRepicked: EntryKind.RECATEGORISED,
    SilenceEscalated: EntryKind.ESCALATED,
    ReportForwarded: EntryKind.FORWARDED,
    AuthorityAnswered: EntryKind.RETURNED,
    ReportCompleted: EntryKind.CHANGED,
    PhotoKept: EntryKind.KEPT,
    ReportHidden: EntryKind.HIDDEN,
    MessageWritten: EntryKind.MESSAGE,
    ReporterRung: EntryKind.CALLED,
    ReportAssigned: EntryKind.ASSIGNED,
    ReportJoined: EntryKind.JOINED,
    ReportSplit: EntryKind.SPLIT,
    ChangeUndone: EntryKind.UNDONE,
    ReportShown: EntryKind.SHOWN,
}


_TOLD_BESIDE: dict[type[AboutReport], Any] = {
    ForwardMoved: _("It came further on its way to another authority"),
    WitnessHeard: _("You said as a witness whether it is solved"),
    ReportUnfollowed: _("You follow it no longer"),
    ReportSeparated: _("It stands by itself again"),
    PhotoChecked: _("A photo was checked and can be seen"),
    OriginalForgotten: _("The sealed original of a photo was deleted"),
    ReportAnonymised: _("Its personal data was removed"),
}


def _told(what: Any, happened: AboutReport) -> str:
    return f"{gettext('Report %(number)s') % {'number': number_of(happened.subject)}}: {what}"


for fact_kind, what in ({kind: entry.label for kind, entry in _TOLD.items()} | _TOLD_BESIDE).items():
    tells(fact_kind, partial(_told, what))


tells(LetterTaken, lambda taken: gettext("A letter that you sent was taken into a case"))


def _look(actor: Actor, reference: str) -> Thing | None:
    """A report as moderators see it."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        report = find_report(actor, int(number))
    except NotFound:
        return None
    title = text_of(report.category.name) or report.category_id
    pictures = tuple(f"/reports/photos/{photo.pk}/thumb" for photo in list_photos(actor, report))
    href = f"/reports/{report.number}"
    return Thing(f"{title} · {report.address or number}", report.description, href, pictures, report.reporter_id)


def _photos_to_look_at(actor: Actor) -> Elsewhere:
    """Pictures wait on a page of their own: their faces and plates are marked there."""
    return Elsewhere(_("Photos to look at"), "/reports/photos", count_to_check(actor))


moderates("report", _look, name=_("A report"))
waits_elsewhere("photos", _photos_to_look_at)
