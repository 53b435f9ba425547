"""What follows from what happened to reports."""

from meydan.kernel.actor import SYSTEM
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import ThingTakenOff
from meydan.moderation.public import words_of
from meydan.reports.actions import bring_picture, hide_report, route_report
from meydan.reports.facts import ReportFiled
from meydan.reports.models import Origin, Report
from meydan.reports.queries import find_department, lock_report, number_of


@reacts_to(ReportFiled)
def find_the_department(fact: ReportFiled) -> None:
    """Give a new report to the department that the rules name, unless somebody was quicker. Where no rule fits, it
    stays with the call centre and the administrators, who see it in the worklist as nobody's."""
    number = number_of(fact.subject)
    report = lock_report(SYSTEM, number)
    department = find_department(report.category_id, report.district_id)
    if report.department_id is None and department is not None:
        route_report(SYSTEM, number, department=department)


@reacts_to(ReportFiled)
def bring_the_picture(fact: ReportFiled) -> None:
    """Fetch the picture whose address came with the report, when it did not answer in time. Tried again with growing
    pauses, for about two hours."""
    if fact.origin != Origin.OPEN311:
        return
    report = Report.objects.get(pk=number_of(fact.subject))
    if report.external.get("media_pending"):
        bring_picture(report)


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator has decided, and said why: the report goes off the public pages, unless it is not there any more."""
    if fact.subject.startswith("report:") and lock_report(SYSTEM, number_of(fact.subject)).public:
        hide_report(SYSTEM, number_of(fact.subject), text=words_of(fact.decision))
