"""The call centre rings back those who left only a number."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record
from meydan.reports.actions.following import confirm_solution, reopen_report
from meydan.reports.actions.steps import about, write_entry
from meydan.reports.facts import ReporterRung
from meydan.reports.models import Audience, CallOutcome, EntryKind, Report, Side
from meydan.reports.policies import may_ring_back
from meydan.reports.queries import lock_report

AGAIN_AFTER = timedelta(hours=2)
"""After how long somebody who was not reached is rung again."""


@action_on(lock_report, policy=may_ring_back)
def note_call(
    actor: Actor, report: Report, *, outcome: CallOutcome, text: str = "", solved: bool | None = None
) -> Report:
    """Write down how a call to the reporter went. Who was reached may have said whether it is solved: then the report
    is confirmed, or with their words reopened, on their behalf. `Conflict` when there is nothing to ring about."""
    if report.ring_back_at is None:
        raise Conflict(_("There is nothing to ring back about. Somebody else may have called."))
    missed = outcome is CallOutcome.MISSED
    report.ring_back_at = now() + AGAIN_AFTER if missed else None
    report.no_calls = outcome is CallOutcome.REFUSED
    details = {"outcome": outcome.value}
    write_entry(actor, report, EntryKind.CALLED, text.strip(), audience=Audience.STAFF, side=Side.CITY, details=details)
    record(ReporterRung(**about(report), outcome=outcome))
    if outcome is not CallOutcome.REACHED or solved is None:
        return report
    return confirm_solution(actor, report.pk) if solved else reopen_report(actor, report.pk, text=text)
