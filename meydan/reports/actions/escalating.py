"""Silence escalates by itself."""

import logging
from datetime import date

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.errors import Conflict, MeydanError
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, write_entry
from meydan.reports.actions.terms import PUBLIC_LIST, next_escalation
from meydan.reports.facts import SilenceEscalated
from meydan.reports.models import EntryKind, Report
from meydan.reports.policies import may_route
from meydan.reports.queries import find_manager, list_silent, lock_report

AT_ONCE = 500
"""Reports that one run of the timer escalates; the next run goes on."""
_log = logging.getLogger(__name__)


@action_on(lock_report, policy=may_route)
def escalate_report(actor: Actor, report: Report, *, today: date) -> Report:
    """Tell the next manager above that nobody has answered by the term; the third time, put the report on the public
    list. One step, whatever the time since the last one: each manager gets their days. `Conflict` when it is not due.
    """
    if report.escalate_on is None or report.escalate_on > today:
        raise Conflict
    report.escalation += 1
    report.escalate_on = next_escalation(report, today)
    on_list = report.escalation >= PUBLIC_LIST
    write_entry(actor, report, EntryKind.OVERDUE if on_list else EntryKind.ESCALATED)
    record(SilenceEscalated(**about(report), step=report.escalation, team=find_manager(report) or ""))
    return report


def escalate_silence(today: date) -> int:
    """Escalate every report whose day has come, one step each; returns how many. What was escalated already today is
    not due any more, so running it again changes nothing."""
    done = 0
    for number in list_silent(SYSTEM, today, limit=AT_ONCE):
        try:
            escalate_report(SYSTEM, number, today=today)
            done += 1
        except MeydanError as error:  # one that was answered meanwhile keeps nobody else waiting
            _log.info("report %s was not escalated: %s", number, error)
    return done
