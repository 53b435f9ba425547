"""What follows from what happened to reports."""

from contextlib import suppress

from meydan.kernel.actor import SYSTEM
from meydan.kernel.city import city_today
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import Fact
from meydan.kernel.files import sweep_files
from meydan.kernel.jobs import PATIENT, enqueue, job, periodic, pulse
from meydan.kernel.reactions import reacts_to
from meydan.messaging.facts import CaseMessageWritten
from meydan.moderation.facts import ThingPutBack, ThingTakenOff
from meydan.moderation.public import words_of
from meydan.reports.actions import (
    anonymise_some,
    bring_picture,
    carry,
    escalate_silence,
    fold_changes,
    forget_forms,
    forget_letters,
    forget_original,
    forget_room,
    hide_report,
    learn_categories,
    route_report,
    show_report,
    take_reply,
    tell_in_messenger,
)
from meydan.reports.facts import (
    AboutReport,
    AuthorityAnswered,
    CategoryRepicked,
    CategorySet,
    ExamplesSet,
    MessageWritten,
    PhotoAdded,
    PhotoKept,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportAnonymised,
    ReportCompleted,
    ReportDeclined,
    ReportFiled,
    ReportForwarded,
    ReportHidden,
    ReportJoined,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportSeparated,
    ReportShown,
    ReportSolved,
    ReportSplit,
    ReportWithdrawn,
    SilenceEscalated,
    SolutionConfirmed,
)
from meydan.reports.models import Origin, Report
from meydan.reports.plugins.imap import read_mailbox
from meydan.reports.queries import (
    find_route,
    list_categories,
    list_due_forwards,
    list_due_originals,
    lock_report,
    number_of,
    words_are_learned,
)


@reacts_to(ReportFiled, ReportCompleted)
def find_the_department(fact: AboutReport) -> None:
    """Give a new report to the department that the rules name, unless somebody was quicker. Where no rule fits, it
    stays with the call centre and the administrators, who see it in the worklist as nobody's; and so does a letter
    whose kind nobody knows yet."""
    number = number_of(fact.subject)
    report = Report.objects.only("category_id", "district_id", "department_id", "filed_at", "external").get(pk=number)
    if "category" in report.external.get("lacks", ()):
        return
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


@periodic(name="reports.read_mailbox", cron="* * * * *")
def read_letters(_due: int) -> None:
    """Every minute: what came by e-mail, where the city has set a mailbox."""
    read_mailbox()


@periodic(name="reports.forget_letters", cron="40 1 * * *")
def forget_old_letters(_due: int) -> None:
    """Every night: who wrote, and what was in refused letters, after some months."""
    forget_letters()


@reacts_to(ReportForwarded)
def send_it_on(fact: ReportForwarded) -> None:
    """Have a forwarded case sent to the other authority's server; by e-mail it goes with the other letters."""
    enqueue(carry, forward=fact.forward)


@periodic(name="reports.carry_forwards", cron="* * * * *")
def carry_what_is_due(_due: int) -> None:
    """Every minute: what is to be sent again, and what the other authorities are to be asked about."""
    for forward in list_due_forwards():
        enqueue(carry, forward=forward)


@reacts_to(CategorySet, ExamplesSet)
def learn_the_words(_fact: Fact) -> None:
    """Let the suggestions follow the categories, as soon as the worker has time for it."""
    if not words_are_learned():
        enqueue(learn_what_is_new)


@job(name="reports.learn_what_is_new", queue=PATIENT)
def learn_what_is_new() -> None:
    """Seconds of work, which no other job waits for; a whole pack that was seeded is learned in one go."""
    if not words_are_learned():
        learn_categories(SYSTEM)


@periodic(name="reports.learn_categories", cron="17 0 * * *")
def learn_every_night(_due: int) -> None:
    """Learn from the reports that were solved since."""
    if list_categories(SYSTEM):
        learn_categories(SYSTEM)


@reacts_to(
    ReportRouted,
    ReportAccepted,
    QuestionAsked,
    QuestionAnswered,
    MessageWritten,
    PhotoAdded,
    PhotoKept,
    ReportSolved,
    ReportDeclined,
    ReportMoved,
    CategoryRepicked,
    ReportForwarded,
    AuthorityAnswered,
    SilenceEscalated,
    SolutionConfirmed,
    ReportReopened,
    ReportWithdrawn,
    ReportJoined,
    ReportSeparated,
    ReportSplit,
    ReportHidden,
    ReportShown,
)
def tell_the_reporter(fact: AboutReport) -> None:
    """What is new in the timeline goes into the reporter's room in the messenger."""
    tell_in_messenger(number_of(fact.subject))


@reacts_to(CaseMessageWritten)
def hear_the_reporter(fact: CaseMessageWritten) -> None:
    """What the reporter writes in that room comes into the timeline."""
    if fact.case.startswith("report:"):
        take_reply(number_of(fact.case), fact.event)


@reacts_to(ReportAnonymised)
def leave_the_room(fact: ReportAnonymised) -> None:
    """Nothing leads from the report to its reporter any more."""
    forget_room(number_of(fact.subject))


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator has decided, and said why: the report goes off the public pages, unless it is not there any more."""
    if fact.subject.startswith("report:") and lock_report(SYSTEM, number_of(fact.subject)).public:
        hide_report(SYSTEM, number_of(fact.subject), text=words_of(fact.decision))


@reacts_to(ThingPutBack)
def show_what_was_put_back(fact: ThingPutBack) -> None:
    """Another moderator has decided, on appeal: the report should not have gone."""
    if fact.subject.startswith("report:"):
        with suppress(Conflict):  # public already, or of a private category
            show_report(SYSTEM, number_of(fact.subject))


@periodic(name="reports.forget_originals", cron="20 1 * * *")
def forget_originals(_due: int) -> None:
    """Every night: delete the originals whose time is over, and the files that nobody refers to."""
    for photo_id in list_due_originals(SYSTEM):
        with suppress(Conflict, NotFound):  # gone already
            forget_original(SYSTEM, photo_id)
    sweep_files()


@periodic(name="reports.forget_forms", cron="40 1 * * *")
def forget_sent_forms(_due: int) -> None:
    """Every night: forget the forms that no device can still be sending."""
    forget_forms()


@periodic(name="reports.anonymise_old", cron="50 1 * * *")
def anonymise_old(_due: int) -> None:
    """Every night, after the originals: what leads to a person goes out of the reports whose time is over."""
    enqueue(anonymise)


@job(name="reports.anonymise", priority=-20)
def anonymise() -> None:
    """A batch of them; the next one follows, behind all other jobs, until none is left."""
    if anonymise_some():
        enqueue(anonymise)


@pulse
def keep_the_tally() -> None:
    """Every second: what has changed goes into the sums behind the figures and the far maps."""
    fold_changes()
