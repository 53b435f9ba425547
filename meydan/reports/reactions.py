"""What follows from what happened to reports."""

from contextlib import suppress

from meydan.kernel.actor import SYSTEM
from meydan.kernel.city import city_today
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.files import sweep_files
from meydan.kernel.jobs import enqueue, job, periodic, pulse
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import ThingTakenOff
from meydan.moderation.public import words_of
from meydan.reports.actions import (
    bring_picture,
    escalate_silence,
    fold_changes,
    forget_original,
    hide_report,
    learn_categories,
    route_report,
)
from meydan.reports.facts import CategorySet, ReportFiled
from meydan.reports.models import Origin, Report
from meydan.reports.queries import (
    find_route,
    list_categories,
    list_due_originals,
    lock_report,
    number_of,
    words_are_learned,
)


@reacts_to(ReportFiled)
def find_the_department(fact: ReportFiled) -> None:
    """Give a new report to the department that the rules name, unless somebody was quicker. Where no rule fits, it
    stays with the call centre and the administrators, who see it in the worklist as nobody's."""
    number = number_of(fact.subject)
    report = Report.objects.only("category_id", "district_id", "department_id", "filed_at").get(pk=number)
    route = find_route(report.category_id, report.district_id, report.filed_at)
    if report.department_id is None and route.department is not None:
        with suppress(Conflict):  # somebody was
            route_report(SYSTEM, number, department=route.department, team=route.team)


@periodic(name="reports.escalate_silence", cron="*/5 * * * *")
def tell_of_silence(_timestamp: int) -> None:
    """Every five minutes: what nobody has answered by its term goes one step up."""
    escalate_silence(city_today())


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


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator has decided, and said why: the report goes off the public pages, unless it is not there any more."""
    if fact.subject.startswith("report:") and lock_report(SYSTEM, number_of(fact.subject)).public:
        hide_report(SYSTEM, number_of(fact.subject), text=words_of(fact.decision))


@periodic(name="reports.forget_originals", cron="20 1 * * *")
def forget_originals(_due: int) -> None:
    """Every night: delete the originals whose time is over, and the files that nobody refers to."""
    for photo_id in list_due_originals(SYSTEM):
        with suppress(Conflict, NotFound):  # gone already
            forget_original(SYSTEM, photo_id)
    sweep_files()


@pulse
def keep_the_tally() -> None:
    """Every second: what has changed goes into the sums behind the figures and the far maps."""
    fold_changes()
