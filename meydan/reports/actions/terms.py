"""A report's term: when it ends, when it waits, and when its passing is told to somebody above.

Silence is: the term has passed, and the report is still open and does not wait for its reporter. The term waits while
the city has asked its reporter something; each working day after the question, up to the day of the answer, is added.
"""

from datetime import date

from django.utils import timezone

from meydan.kernel.city import city_today, promised_day, this_city, working_days_between
from meydan.reports.models import Category, Report, State

PUBLIC_LIST = 3
"""The escalation at which a report stands on the public list of overdue reports: the third and last."""


def start_term(report: Report, due: date) -> None:
    """Promise an answer by this day, from now on."""
    report.due_on, report.paused_on, report.escalation = due, None, 0
    report.escalate_on = next_escalation(report, due)


def keep_time(report: Report) -> None:
    """After a change of state: the term waits, goes on, or is over."""
    today = city_today()
    if report.state == State.ASKED:
        report.paused_on = report.paused_on or today
        report.escalate_on = None
        return
    if report.paused_on is not None:
        report.due_on = promised_day(report.due_on, working_days_between(report.paused_on, today))
        report.paused_on = None
        report.escalate_on = next_escalation(report, today)
    if not report.is_open:
        report.escalation, report.escalate_on = 0, None


def change_term(report: Report, before: Category) -> None:
    """After a change of category: its term counts from the same day as the one before did, and the days for which the
    case has waited stay added. A silence that was told stays told, unless there is time again."""
    days = working_days_between(promised_day(_day_filed(report), before.term_days), report.due_on)
    due = promised_day(promised_day(_day_filed(report), report.category.term_days), days)
    report.due_on = due
    if due >= (report.paused_on or city_today()):
        report.escalation = 0
    if report.paused_on is None and not report.escalation:
        report.escalate_on = next_escalation(report, due)


def next_escalation(report: Report, start: date) -> date | None:
    """When silence is told next, counted from `start`; until it is told the first time, from the end of the term."""
    if report.escalation >= PUBLIC_LIST:
        return None
    return promised_day(start if report.escalation else report.due_on, this_city().escalation_days[report.escalation])


def _day_filed(report: Report) -> date:
    return timezone.localtime(report.filed_at).date()
