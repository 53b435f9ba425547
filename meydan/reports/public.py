"""The door of reports: what other rooms of the house may use.

`file_report` and the other verbs are actions: they take the actor first and the report's number, raise `NotFound` when
the actor may not see the report, `Refused` or `SignInFirst` when its policy says no, and `Conflict` when the report's
state does not allow the verb (`models.ALLOWED`).
"""

from dataclasses import dataclass
from uuid import UUID

from meydan.kernel.actor import Actor
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
    move_report,
    reopen_report,
    revoke_api_key,
    route_report,
    set_category,
    set_rule,
    withdraw_report,
)
from meydan.reports.models import Report, State
from meydan.reports.queries import (
    CASE_COOKIE,
    CASE_COOKIE_SECONDS,
    Figures,
    Filter,
    Page,
    WorkFilter,
    case_keys_in,
    cookie_with,
    count_work,
    find_report,
    list_api_keys,
    list_categories,
    list_mine,
    list_public,
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
    "list_api_keys",
    "list_categories",
    "list_my_cases",
    "list_public",
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


def notice_of(number: int) -> CaseNotice:
    """For notifications alone, which act for the city: whom to tell about a report, and what. Not for pages."""
    report = Report.objects.select_related("category", "reporter").get(pk=number)
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
