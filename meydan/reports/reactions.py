"""What follows from what happened to reports."""

from contextlib import suppress

from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.files import sweep_files
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.reports.actions import bring_picture, forget_original, route_report
from meydan.reports.facts import ReportFiled
from meydan.reports.models import Origin, Report
from meydan.reports.queries import find_department, list_due_originals, lock_report, number_of


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


@periodic(name="reports.forget_originals", cron="20 1 * * *")
def forget_originals(_due: int) -> None:
    """Every night: delete the originals whose time is over, and the files that nobody refers to."""
    for photo_id in list_due_originals(SYSTEM):
        with suppress(Conflict, NotFound):  # gone already
            forget_original(SYSTEM, photo_id)
    sweep_files()
