"""Who of the department does the work."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import list_officers
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, write_entry
from meydan.reports.facts import ReportAssigned
from meydan.reports.models import Audience, EntryKind, Report, Side, Team
from meydan.reports.policies import may_assign
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_assign)
def assign_report(
    actor: Actor, report: Report, *, officer: UUID | None = None, team: str = "", text: str = ""
) -> Report:
    """Give an open case to an officer of its department, to a team of it (a code), or to both; whoever had it before
    has it no more. The words are for the staff. `Invalid` when neither is named, or one is not of the department."""
    if not report.is_open:
        raise Conflict(_("The report is closed: there is nothing to give to anybody."))
    if not officer and not team:
        raise Invalid(fields={"officer": _("Choose an officer or an office.")})
    if officer and officer not in {one.pk for one in list_officers([report.department_id or ""])}:
        raise Invalid(fields={"officer": _("Choose an officer of the department that has the case.")})
    if team and not Team.objects.filter(pk=team, department=report.department_id, active=True).exists():
        raise Invalid(fields={"team": _("Choose an office of the department that has the case.")})
    report.officer_id = officer
    report.team_id = team or report.team_id
    details = {name: str(value) for name, value in (("officer", officer), ("team", team)) if value}
    write_entry(
        actor, report, EntryKind.ASSIGNED, text.strip(), audience=Audience.STAFF, side=Side.CITY, details=details
    )
    record(ReportAssigned(**about(report), to_officer=officer is not None, team=team))
    return report
