"""What follows from what happened to reports."""

from meydan.kernel.actor import SYSTEM
from meydan.kernel.city import city_today
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.reports.actions import bring_picture, escalate_silence, route_report
from meydan.reports.facts import ReportFiled
from meydan.reports.models import Origin, Report
from meydan.reports.queries import find_route, lock_report, number_of


@reacts_to(ReportFiled)
def find_the_department(fact: ReportFiled) -> None:
    """Give a new report to the department that the rules name, unless somebody was quicker. Where no rule fits, it
    stays with the call centre and the administrators, who see it in the worklist as nobody's."""
    number = number_of(fact.subject)
    report = lock_report(SYSTEM, number)
    route = find_route(report.category_id, report.district_id, report.filed_at)
    if report.department_id is None and route.department is not None:
        route_report(SYSTEM, number, department=route.department, team=route.team)


@periodic(name="reports.escalate_silence", cron="*/5 * * * *")
def tell_of_silence(_timestamp: int) -> None:
    """Every five minutes: what nobody has answered by its term goes one step up."""
    escalate_silence(city_today())


@reacts_to(ReportFiled)
def bring_the_picture(fact: ReportFiled) -> None:
    """Fetch the picture whose address came with the report, when it did not answer in time. Tried again with growing
    pauses, for about two hours."""
    if fact.origin != Origin.OPEN311:
        return
    report = Report.objects.get(pk=number_of(fact.subject))
    if report.external.get("media_pending"):
        bring_picture(report)
