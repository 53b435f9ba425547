"""The door of reports: what other rooms of the house may use.

`file_report` and the other verbs are actions: they take the actor first and the report's number, raise `NotFound` when
the actor may not see the report, `Refused` or `SignInFirst` when its policy says no, and `Conflict` when the report's
state does not allow the verb (`models.ALLOWED`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from meydan.accounts.public import ExportedFile, as_csv, as_json, contributes_to_export, tells
from meydan.kernel.actor import Actor
from meydan.kernel.files import open_file
from meydan.reports.actions import (
    ImportedReport,
    accept_report,
    add_note,
    answer_question,
    ask_reporter,
    close_as_solved,
    confirm_solution,
    decline_report,
    file_report,
    import_reports,
    issue_api_key,
    keep_demo_key,
    learn_categories,
    move_report,
    reopen_report,
    revoke_api_key,
    route_report,
    set_category,
    set_rule,
    withdraw_report,
)
from meydan.reports.facts import (
    AboutReport,
    PhotoAdded,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportDeclined,
    ReportFiled,
    ReportHidden,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportShown,
    ReportSolved,
    ReportWithdrawn,
    SolutionConfirmed,
)
from meydan.reports.models import EntryKind, Filter, Report, State, WorkFilter
from meydan.reports.queries import (
    CASE_COOKIE,
    CASE_COOKIE_SECONDS,
    Figures,
    Page,
    TimelineItem,
    case_keys_in,
    cookie_with,
    count_work,
    find_report,
    list_api_keys,
    list_categories,
    list_mine,
    list_photos,
    list_public,
    list_timeline,
    measure_lines,
    measure_on_reports,
    number_of,
    public_figures,
)

__all__ = [
    "CASE_COOKIE",
    "CASE_COOKIE_SECONDS",
    "CaseNotice",
    "Figures",
    "Filter",
    "ImportedReport",
    "Page",
    "Report",
    "State",
    "WorkFilter",
    "accept_report",
    "add_note",
    "answer_question",
    "ask_reporter",
    "case_keys_in",
    "close_as_solved",
    "confirm_solution",
    "cookie_with",
    "count_work",
    "decline_report",
    "file_report",
    "find_report",
    "import_reports",
    "issue_api_key",
    "keep_demo_key",
    "learn_categories",
    "list_api_keys",
    "list_categories",
    "list_my_cases",
    "list_public",
    "measure_lines",
    "measure_on_reports",
    "move_report",
    "notice_of",
    "public_figures",
    "reopen_report",
    "revoke_api_key",
    "route_report",
    "search_reports",
    "set_category",
    "set_rule",
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
    belongs into the link for those without account ("" for persons, who sign in)."""

    number: int
    state: State
    category: dict[str, str]
    department: str
    person_id: UUID | None
    email: str
    language: str
    key: str


_NOTICE_NEEDS = (
    *("state", "department_id", "contact_email", "language", "secret", "category__name", "reporter__email"),
    "reporter__language",
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
    )


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
            yield ExportedFile(f"photos/{report.number}-{photo.pk}.jpg", partial(open_file, photo.shown))


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
    ReportHidden: EntryKind.HIDDEN,
    ReportShown: EntryKind.SHOWN,
}


def _told(kind: EntryKind, happened: AboutReport) -> str:
    return f"{gettext('Report %(number)s') % {'number': number_of(happened.subject)}}: {kind.label}"


for fact_kind, entry_kind in _TOLD.items():
    tells(fact_kind, partial(_told, entry_kind))
