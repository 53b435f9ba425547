"""What follows from what happened to reports."""

from contextlib import suppress

from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict
from meydan.kernel.jobs import enqueue, job, periodic
from meydan.kernel.reactions import reacts_to
from meydan.reports.actions import bring_picture, learn_categories, route_report
from meydan.reports.facts import CategorySet, ReportFiled
from meydan.reports.models import Origin, Report
from meydan.reports.queries import find_department, list_categories, number_of, words_are_learned


@reacts_to(ReportFiled)
def find_the_department(fact: ReportFiled) -> None:
    """Give a new report to the department that the rules name, unless somebody was quicker. Where no rule fits, it
    stays with the call centre and the administrators, who see it in the worklist as nobody's."""
    number = number_of(fact.subject)
    report = Report.objects.only("category_id", "district_id", "department_id").get(pk=number)
    department = find_department(report.category_id, report.district_id)
    if report.department_id is None and department is not None:
        with suppress(Conflict):  # somebody was
            route_report(SYSTEM, number, department=department)


@reacts_to(ReportFiled)
def bring_the_picture(fact: ReportFiled) -> None:
    """Have the picture fetched whose address came with the report, when it did not answer in time."""
    if fact.origin != Origin.OPEN311:
        return
    report = Report.objects.get(pk=number_of(fact.subject))
    if report.external.get("media_pending"):
        enqueue(fetch_picture, number=report.number)


@job(name="reports.fetch_picture")
def fetch_picture(*, number: int) -> None:
    """Fetch it. Tried again with growing pauses, for about two hours."""
    bring_picture(number)


@reacts_to(CategorySet)
def learn_the_words(_fact: CategorySet) -> None:
    """Let the suggestions follow the categories at once; a whole pack that was seeded is learned in one go."""
    if not words_are_learned():
        learn_categories(SYSTEM)


@periodic(name="reports.learn_categories", cron="17 0 * * *")
def learn_every_night(_due: int) -> None:
    """Learn from the reports that were solved since."""
    if list_categories(SYSTEM):
        learn_categories(SYSTEM)
