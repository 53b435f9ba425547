"""What happens elsewhere and deserves a letter: the department hears of its cases, the reporter of the answers.

A letter names the report by number and kind and leads to its page; it holds nothing that only the page may show.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Department
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.i18n import text_of
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import AppealDecided
from meydan.moderation.public import appeal_notice
from meydan.notifications.actions import deliver, send_mail
from meydan.reports.facts import (
    AboutReport,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportDeclined,
    ReportFiled,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportSolved,
    SolutionConfirmed,
)
from meydan.reports.public import CaseNotice, notice_of

__all__ = ["deliver", "tell_department", "tell_reporter", "tell_the_blocked"]

FOR_REPORTER: Mapping[type[AboutReport], Sentence] = {
    ReportFiled: _("We have your report. The responsible department gets it by itself."),
    ReportAccepted: _("The department has taken your report on."),
    QuestionAsked: _("The department has a question. Please answer it, so that it can go on."),
    ReportSolved: _("The department says that the problem is solved. Please look, then confirm it or reopen the case."),
    ReportDeclined: _("The department will not act on it, and says why. You can reopen the case."),
    ReportMoved: _("Your report was passed on to the department that is responsible."),
}
FOR_DEPARTMENT: Mapping[type[AboutReport], Sentence] = {
    ReportRouted: _("A new report has come to your department."),
    ReportMoved: _("A report was passed on to your department."),
    QuestionAnswered: _("The reporter has answered your question."),
    ReportReopened: _("The reporter does not agree, and has reopened the case."),
    SolutionConfirmed: _("The reporter has confirmed that the problem is solved. Well done."),
}


@reacts_to(*FOR_REPORTER)
def tell_reporter(fact: AboutReport) -> None:
    """Write to the reporter, where they left an address or have one in their account."""
    notice = notice_of(_number(fact))
    if notice.email:
        link = _link(notice) + (f"?key={notice.key}" if notice.key else "")
        _write(notice.email, notice.language or "en", notice, FOR_REPORTER[type(fact)], link)


@reacts_to(*FOR_DEPARTMENT)
def tell_department(fact: AboutReport) -> None:
    """Write to the department's own address, where it has one."""
    notice = notice_of(_number(fact))
    department = Department.objects.filter(pk=fact.department).exclude(email="").first()
    if department:
        _write(department.email, department.language, notice, FOR_DEPARTMENT[type(fact)], _link(notice))


def _number(fact: AboutReport) -> int:
    return int(fact.subject.removeprefix("report:"))


def _link(notice: CaseNotice) -> str:
    return f"{config().base_url}/reports/{notice.number}"


def _write(to: str, language: str, notice: CaseNotice, news: Sentence, link: str) -> None:
    context = {"number": notice.number, "category": text_of(notice.category, language), "news": news, "link": link}
    send_mail(to, "case", language, context)


@reacts_to(AppealDecided)
def tell_the_blocked(fact: AppealDecided) -> None:
    """Write to whoever appealed what became of it, where they left an address or have one in their account."""
    notice = appeal_notice(fact.subject)
    if notice.email:
        link = f"{config().base_url}/moderation/block"
        send_mail(
            notice.email, "appeal", notice.language, {"lifted": notice.lifted, "answer": notice.answer, "link": link}
        )
