"""What happens elsewhere and deserves a letter: the department hears of its cases, the reporter of the answers.

A letter names the report by number and kind and leads to its page; it holds nothing that only the page may show.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Department
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.i18n import text_of
from meydan.kernel.jobs import enqueue_at, job
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import AppealDecided
from meydan.moderation.public import appeal_notice
from meydan.notifications.actions import deliver, send_mail, send_mails
from meydan.reports.facts import (
    AboutReport,
    CategoryRepicked,
    MessageWritten,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportDeclined,
    ReportFiled,
    ReportJoined,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportSolved,
    SilenceEscalated,
    SolutionConfirmed,
)
from meydan.reports.public import CaseNotice, Reader, followers_of, held_until, manager_of, notice_of, still_holds

__all__ = [
    "deliver",
    "tell_department",
    "tell_followers",
    "tell_later",
    "tell_new_department",
    "tell_of_message",
    "tell_of_silence",
    "tell_reporter",
    "tell_the_blocked",
]

Kind = type[AboutReport]
FOR_REPORTER: Mapping[Kind, Sentence] = {
    ReportFiled: _("We have your report. The responsible department gets it by itself."),
    ReportAccepted: _("The department has taken your report on."),
    QuestionAsked: _("The department has a question. Please answer it, so that it can go on."),
    ReportSolved: _("The department says that the problem is solved. Please look, then confirm it or reopen the case."),
    ReportDeclined: _("The department will not act on it, and says why. You can reopen the case."),
    ReportMoved: _("Your report was passed on to the department that is responsible."),
    ReportJoined: _("The same problem was reported before. Your report goes on in that one; its page leads there."),
}
FOR_DEPARTMENT: Mapping[Kind, Sentence] = {
    ReportRouted: _("A new report has come to your department."),
    ReportMoved: _("A report was passed on to your department."),
    QuestionAnswered: _("The reporter has answered your question."),
    ReportReopened: _("The reporter does not agree, and has reopened the case."),
    SolutionConfirmed: _("The reporter has confirmed that the problem is solved. Well done."),
}

FOR_FOLLOWERS: Mapping[Kind, Sentence] = {
    ReportAccepted: _("The department has taken on a report that you follow."),
    ReportSolved: _("The department says that the problem is solved. Do you find it so? Say it as a witness."),
    ReportDeclined: _("The department will not act on a report that you follow, and says why."),
    ReportReopened: _("A report that you follow is open again."),
    SolutionConfirmed: _("The reporter has confirmed that the problem is solved."),
}
MESSAGE_FOR_REPORTER = _("The department has written to you about your report. Read it on the page, and answer there.")
MESSAGE_FOR_DEPARTMENT = _("The reporter has written to you about a report.")
ON_PUBLIC_LIST = 3
# By whether the report now stands on the public list.
FOR_MANAGER: Mapping[bool, Sentence] = {
    False: _(
        "Nobody has answered this report by the promised day. You are told because the office below you is silent."
    ),
    True: _("Nobody has answered this report, and it now stands on the public list of overdue reports."),
}
SILENCE_FOR_REPORTER: Mapping[bool, Sentence] = {
    False: _("Nobody has answered in time. We have told the next manager."),
    True: _("Nobody has answered in time. The report now stands on the public list of overdue reports."),
}


def _tell_reporter(kind: Kind, number: int, _department: str) -> None:
    """Write to the reporter, where they left an address or have one in their account."""
    _write_to_reporter(notice_of(number), FOR_REPORTER[kind])


def _write_to_reporter(notice: CaseNotice, news: Sentence) -> None:
    if notice.email:
        link = _link(notice) + (f"?key={notice.key}" if notice.key else "")
        _write(notice.email, notice.language or "en", notice, news, link)


def _tell_department(kind: Kind, number: int, department: str) -> None:
    """Write to the department's own address, where it has one."""
    _write_to_department(department, number, FOR_DEPARTMENT[kind])


def _write_to_department(code: str, number: int, news: Sentence) -> None:
    department = Department.objects.filter(pk=code).exclude(email="").first()
    if department:
        notice = notice_of(number)
        _write(department.email, department.language, notice, news, _link(notice))


def _tell_followers(kind: Kind, number: int, _department: str) -> None:
    """Write to those who follow a public report; the witnesses among them are asked when it is closed as solved."""
    notice = notice_of(number)
    _write_to_many(followers_of(notice.number), notice, FOR_FOLLOWERS[kind])


TELL: Mapping[str, Callable[[Kind, int, str], None]] = {
    "reporter": _tell_reporter,
    "department": _tell_department,
    "followers": _tell_followers,
}
KINDS = {kind.__name__: kind for kind in (*FOR_REPORTER, *FOR_DEPARTMENT, *FOR_FOLLOWERS)}


@reacts_to(*FOR_REPORTER)
def tell_reporter(fact: AboutReport) -> None:
    """What the city did."""
    _tell_in_time("reporter", fact)


@reacts_to(*FOR_DEPARTMENT)
def tell_department(fact: AboutReport) -> None:
    """What came to it, and what the reporter did."""
    _tell_in_time("department", fact)


@reacts_to(*FOR_FOLLOWERS)
def tell_followers(fact: AboutReport) -> None:
    """How it goes on."""
    _tell_in_time("followers", fact)


@reacts_to(MessageWritten)
def tell_of_message(fact: MessageWritten) -> None:
    """The other side hears that there is a message; its words are on the page only."""
    if fact.from_city:
        _write_to_reporter(notice_of(_number(fact)), MESSAGE_FOR_REPORTER)
    else:
        _write_to_department(fact.department, _number(fact), MESSAGE_FOR_DEPARTMENT)


def _tell_in_time(reader: str, fact: AboutReport) -> None:
    """Now; or, when it can still be undone, once it cannot: docs/decisions/0022."""
    kind, number, until = type(fact), _number(fact), held_until(fact)
    if until is None:
        TELL[reader](kind, number, fact.department)
    else:
        enqueue_at(until, tell_later, reader=reader, kind=kind.__name__, number=number, department=fact.department)


@job(name="notifications.tell_later")
def tell_later(*, reader: str, kind: str, number: int, department: str) -> None:
    """The letter about a change to many reports, unless it was undone, or something newer has been told since."""
    if still_holds(KINDS[kind], number):
        with transaction.atomic():
            TELL[reader](KINDS[kind], number, department)


@reacts_to(CategoryRepicked)
def tell_new_department(fact: CategoryRepicked) -> None:
    """The department of the kind that the reporter has chosen instead hears of the case as of one passed on."""
    if fact.department != fact.from_department:
        _write_to_department(fact.department, _number(fact), FOR_DEPARTMENT[ReportMoved])


@reacts_to(SilenceEscalated)
def tell_of_silence(fact: SilenceEscalated) -> None:
    """Nobody answered by the term: the manager above is told, the reporter learns that they were, and at the third
    step everybody who follows learns that it stands on the public list."""
    notice = notice_of(_number(fact))
    on_list = fact.step >= ON_PUBLIC_LIST
    manager = manager_of(fact.team, fact.department)
    if manager:
        _write(manager.email, manager.language, notice, FOR_MANAGER[on_list], _link(notice))
    _write_to_reporter(notice, SILENCE_FOR_REPORTER[on_list])
    if on_list:
        _write_to_many(followers_of(notice.number), notice, SILENCE_FOR_REPORTER[on_list])


def _write_to_many(readers: Sequence[Reader], notice: CaseNotice, news: Sentence) -> None:
    """One letter each; the text is made once for each language."""
    languages = {one.language for one in readers}
    contexts = {language: _context(notice, language, news, _link(notice)) for language in languages}
    send_mails([(one.email, one.language) for one in readers], "case", contexts)


def _number(fact: AboutReport) -> int:
    return int(fact.subject.removeprefix("report:"))


def _link(notice: CaseNotice) -> str:
    return f"{config().base_url}/reports/{notice.number}"


def _write(to: str, language: str, notice: CaseNotice, news: Sentence, link: str) -> None:
    send_mail(to, "case", language, _context(notice, language, news, link))


def _context(notice: CaseNotice, language: str, news: Sentence, link: str) -> dict[str, Any]:
    return {"number": notice.number, "category": text_of(notice.category, language), "news": news, "link": link}


@reacts_to(AppealDecided)
def tell_the_blocked(fact: AppealDecided) -> None:
    """Write to whoever appealed what became of it, where they left an address or have one in their account."""
    notice = appeal_notice(fact.subject)
    if notice.email:
        link = f"{config().base_url}/moderation/block"
        send_mail(
            notice.email, "appeal", notice.language, {"lifted": notice.lifted, "answer": notice.answer, "link": link}
        )
