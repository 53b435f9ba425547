"""What happens elsewhere and deserves a letter: the department hears of its cases, the reporter of the answers.

A letter names the report by number and kind and leads to its page; it holds nothing that only the page may show.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from meydan.accounts.facts import PersonDeleted
from meydan.accounts.public import Department, Person
from meydan.comments.facts import CommentWritten
from meydan.comments.public import notices_of
from meydan.events.facts import EventCancelled, EventPublished, GuestReminded, SeatFreed
from meydan.events.public import notice_of as event_notice_of
from meydan.identity.public import ALARMS, identity_letter, words_of
from meydan.kernel.actor import SYSTEM
from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.facts import Fact
from meydan.kernel.i18n import text_of
from meydan.kernel.jobs import enqueue_at, job, periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import (
    AboutReview,
    AppealAnswered,
    AppealDecided,
    ReviewApproved,
    ReviewRefused,
    ReviewSentBack,
    SenderBlocked,
    SenderWarned,
    ThingKept,
    ThingTakenOff,
)
from meydan.moderation.public import (
    Letter,
    answer_letters,
    appeal_notice,
    decision_letter,
    review_letter,
    sanction_letter,
    second_look_letter,
)
from meydan.notifications.actions import (
    announce,
    announce_district,
    announce_event,
    deliver,
    forget_mail,
    forget_notices,
    forget_watches,
    leave_notice,
    send_digests,
    send_mail,
    send_mails,
    tell_of_talk,
)
from meydan.notifications.models import Notice
from meydan.reports.facts import (
    AboutReport,
    AuthorityAnswered,
    CategoryRepicked,
    ForwardMoved,
    LetterRefused,
    MessageWritten,
    QuestionAnswered,
    QuestionAsked,
    ReportAccepted,
    ReportCompleted,
    ReportDeclined,
    ReportFiled,
    ReportForwarded,
    ReportJoined,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportShown,
    ReportSolved,
    SilenceEscalated,
    SolutionConfirmed,
)
from meydan.reports.public import (
    CUT,
    CaseNotice,
    Reader,
    answer_address,
    followers_of,
    forward_notice,
    held_until,
    manager_of,
    note_sent,
    notice_of,
    refusal_notice,
    still_holds,
)
from meydan.rollout.facts import DistrictOpened

__all__ = [
    "deliver",
    "tell_author_of_removal",
    "tell_author_of_review",
    "tell_department",
    "tell_followers",
    "tell_later",
    "tell_new_department",
    "tell_of_a_comment",
    "tell_of_message",
    "tell_of_silence",
    "tell_reporter",
    "tell_the_blocked",
    "tell_who_appealed",
    "tell_who_flagged",
    "tell_who_flagged_rightly",
    "tell_who_was_blocked",
    "tell_who_was_warned",
]

Kind = type[AboutReport]
FOR_REPORTER: Mapping[Kind, Sentence] = {
    ReportFiled: _("We have your report. The responsible department gets it by itself."),
    ReportAccepted: _("The department has taken your report on."),
    QuestionAsked: _("The department has a question. Please answer it, so that it can go on."),
    ReportSolved: _("The department says that the problem is solved. Please look, then confirm it or reopen the case."),
    ReportDeclined: _("The department will not act on it, and says why. You can reopen the case."),
    ReportMoved: _("Your report was passed on to the department that is responsible."),
    ReportJoined: _("The same problem was reported before. Your report goes on in that one; its page leads there."),
}
FOR_DEPARTMENT: Mapping[Kind, Sentence] = {
    ReportRouted: _("A new report has come to your department."),
    ReportMoved: _("A report was passed on to your department."),
    QuestionAnswered: _("The reporter has answered your question."),
    ReportReopened: _("The reporter does not agree, and has reopened the case."),
    SolutionConfirmed: _("The reporter has confirmed that the problem is solved. Well done."),
}

FOR_FOLLOWERS: Mapping[Kind, Sentence] = {
    ReportAccepted: _("The department has taken on a report that you follow."),
    ReportSolved: _("The department says that the problem is solved. Do you find it so? Say it as a witness."),
    ReportDeclined: _("The department will not act on a report that you follow, and says why."),
    ReportReopened: _("A report that you follow is open again."),
    SolutionConfirmed: _("The reporter has confirmed that the problem is solved."),
}
FORWARD_FAILED = _("The case could not be forwarded to the other authority. Try again, or take it back.")
AUTHORITY_SAID: Mapping[bool, Sentence] = {
    False: _("The other authority has answered about a case that was forwarded to it."),
    True: _("The other authority says that it is done. Look at it, then close the case or take it back."),
}
WHAT_NOW: Mapping[str, Sentence] = {
    "too_large": _("Send fewer or smaller photos, or use the page."),
    "empty": _("Write what the problem is and where, or use the page."),
    "stranger": _("Answer from the address to which our letter went, or open the link in it."),
    "full": _("Please use the page."),
}
AUTHORITY_SAID_TO_REPORTER = _("The other authority says that it is done. Tell us if you find that it is not.")
COMPLETE = _(
    "We have your letter, and it has a number now. Please open the page: look at what you wrote, and say what it is"
    " about and where. Then everybody can read it, and the department gets it."
)
MESSAGE_FOR_REPORTER = _("The department has written to you about your report. Read it on the page, and answer there.")
MESSAGE_FOR_DEPARTMENT = _("The reporter has written to you about a report.")
ON_PUBLIC_LIST = 3
# By whether the report now stands on the public list.
FOR_MANAGER: Mapping[bool, Sentence] = {
    False: _(
        "Nobody has answered this report by the promised day. You are told because the office below you is silent."
    ),
    True: _("Nobody has answered this report, and it now stands on the public list of overdue reports."),
}
SILENCE_FOR_REPORTER: Mapping[bool, Sentence] = {
    False: _("Nobody has answered in time. We have told the next manager."),
    True: _("Nobody has answered in time. The report now stands on the public list of overdue reports."),
}


def _tell_reporter(kind: Kind, number: int, _department: str) -> None:
    """Write to the reporter, where they left an address or have one in their account. Who sent a letter is asked to
    complete it."""
    notice = notice_of(number)
    asks = kind is ReportFiled and notice.is_incomplete
    _write_to_reporter(notice, COMPLETE if asks else FOR_REPORTER[kind], page="/complete" if asks else "")


def _write_to_reporter(notice: CaseNotice, news: Sentence, page: str = "") -> None:
    """Where the city reads a mailbox, the letter may be answered."""
    if not notice.email:
        return
    language, link = notice.language or "en", f"{_link(notice)}{page}" + (f"?key={notice.key}" if notice.key else "")
    context = _context(notice, language, news, link)
    if reply_to := answer_address(notice.token):
        context |= _answerable(notice.token, reply_to)
        send_mail(notice.email, "case", language, context, headers={"Reply-To": reply_to}, token=notice.token)
    else:
        send_mail(notice.email, "case", language, context)


def _answerable(token: str, reply_to: str) -> dict[str, Any]:
    """What a letter says that may be answered; the token stands in its subject where it is not in the address."""
    return {"answerable": True, "cut": CUT, "tag": "" if token in reply_to else token}


def _tell_department(kind: Kind, number: int, department: str) -> None:
    """Write to the department's own address, where it has one."""
    _write_to_department(department, number, FOR_DEPARTMENT[kind])


def _write_to_department(code: str, number: int, news: Sentence) -> None:
    department = Department.objects.filter(pk=code).exclude(email="").first()
    if department:
        notice = notice_of(number)
        _write(department.email, department.language, notice, news, _link(notice))


def _tell_followers(kind: Kind, number: int, _department: str) -> None:
    """Write to those who follow a public report; the witnesses among them are asked when it is closed as solved."""
    notice = notice_of(number)
    _write_to_many(followers_of(notice.number), notice, FOR_FOLLOWERS[kind])


TELL: Mapping[str, Callable[[Kind, int, str], None]] = {
    "reporter": _tell_reporter,
    "department": _tell_department,
    "followers": _tell_followers,
}
KINDS = {kind.__name__: kind for kind in (*FOR_REPORTER, *FOR_DEPARTMENT, *FOR_FOLLOWERS)}


@reacts_to(*FOR_REPORTER)
def tell_reporter(fact: AboutReport) -> None:
    """What the city did."""
    _tell_in_time("reporter", fact)


@reacts_to(*FOR_DEPARTMENT)
def tell_department(fact: AboutReport) -> None:
    """What came to it, and what the reporter did."""
    _tell_in_time("department", fact)


@reacts_to(*FOR_FOLLOWERS)
def tell_followers(fact: AboutReport) -> None:
    """How it goes on."""
    _tell_in_time("followers", fact)


@reacts_to(MessageWritten)
def tell_of_message(fact: MessageWritten) -> None:
    """The other side hears that there is a message; its words are on the page only."""
    if fact.from_city:
        _write_to_reporter(notice_of(_number(fact)), MESSAGE_FOR_REPORTER)
    else:
        _write_to_department(fact.department, _number(fact), MESSAGE_FOR_DEPARTMENT)


def _tell_in_time(reader: str, fact: AboutReport) -> None:
    """Now; or, when it can still be undone, once it cannot: docs/decisions/0024."""
    kind, number, until = type(fact), _number(fact), held_until(fact)
    if until is None:
        TELL[reader](kind, number, fact.department)
    else:
        enqueue_at(until, tell_later, reader=reader, kind=kind.__name__, number=number, department=fact.department)


@job(name="notifications.tell_later")
def tell_later(*, reader: str, kind: str, number: int, department: str) -> None:
    """The letter about a change to many reports, unless it was undone, or something newer has been told since."""
    if still_holds(KINDS[kind], number):
        with transaction.atomic():
            TELL[reader](KINDS[kind], number, department)


@reacts_to(ReportForwarded)
def tell_authority(fact: ReportForwarded) -> None:
    """Write to the authority that a case is forwarded to by e-mail, in the city's own language. With the letter in the
    outbox it is sent: that happens once, in this transaction."""
    notice = forward_notice(fact.forward)
    if notice is None:
        return
    language, what = this_city().languages[0], notice.what
    reply_to = answer_address(notice.token)
    place = [what.address, text_of(what.district, language)]
    context = {
        "number": notice.number,
        "category": text_of(what.category, language),
        "city": text_of(this_city().name, language),
        "description": what.description,
        "words": what.words,
        "place": ", ".join(part for part in place if part),
        "point": f"{what.lat:.6f},{what.lon:.6f}" if what.lat is not None and what.lon is not None else "",
        "photos": [f"{config().base_url}/reports/photos/{photo}/full" for photo in what.photos],
        "link": f"{config().base_url}/reports/{notice.number}" if notice.public else "",
        **(_answerable(notice.token, reply_to) if reply_to else {"answerable": False, "tag": ""}),
    }
    headers = {"Reply-To": reply_to} if reply_to else {}
    send_mail(notice.email, "forward", language, context, headers=headers, token=notice.token if reply_to else "")
    note_sent(SYSTEM, fact.forward)


@reacts_to(ForwardMoved)
def tell_of_failure(fact: ForwardMoved) -> None:
    """The department hears that a case could not be forwarded."""
    if fact.state == "failed":
        _write_to_department(fact.department, _number(fact), FORWARD_FAILED)


@reacts_to(AuthorityAnswered)
def tell_of_answer(fact: AuthorityAnswered) -> None:
    """The department hears what the other authority says; its reporter is asked once it is done there."""
    _write_to_department(fact.department, _number(fact), AUTHORITY_SAID[fact.closed])
    if fact.closed:
        _write_to_reporter(notice_of(_number(fact)), AUTHORITY_SAID_TO_REPORTER)


@reacts_to(LetterRefused)
def tell_sender(fact: LetterRefused) -> None:
    """Who wrote a letter that could not be taken hears why, where they can do something about it."""
    notice = refusal_notice(fact.subject) if fact.told else None
    if notice is not None:
        context = {"reason": notice.reason.label, "what": WHAT_NOW.get(fact.reason, "")}
        send_mail(notice.email, "refused", notice.language, {**context, "link": f"{config().base_url}/reports/new"})


@reacts_to(ReportFiled, ReportCompleted, ReportShown)
def tell_watchers(fact: AboutReport) -> None:
    """Whoever watches its area hears of a report that has become public."""
    announce(_number(fact))


@reacts_to(PersonDeleted)
def forget_areas(fact: PersonDeleted) -> None:
    """Who closes their account watches nothing any more."""
    forget_watches(fact.persons)


@periodic(name="notifications.digests", cron="*/10 * * * *")
def send_the_days_letters(_due: int) -> None:
    """Every ten minutes: what is left of the day's letters."""
    send_digests()


@reacts_to(CategoryRepicked)
def tell_new_department(fact: CategoryRepicked) -> None:
    """The department of the kind that the reporter has chosen instead hears of the case as of one passed on."""
    if fact.department != fact.from_department:
        _write_to_department(fact.department, _number(fact), FOR_DEPARTMENT[ReportMoved])


@reacts_to(SilenceEscalated)
def tell_of_silence(fact: SilenceEscalated) -> None:
    """Nobody answered by the term: the manager above is told, the reporter learns that they were, and at the third
    step everybody who follows learns that it stands on the public list."""
    notice = notice_of(_number(fact))
    on_list = fact.step >= ON_PUBLIC_LIST
    manager = manager_of(fact.team, fact.department)
    if manager:
        _write(manager.email, manager.language, notice, FOR_MANAGER[on_list], _link(notice))
    _write_to_reporter(notice, SILENCE_FOR_REPORTER[on_list])
    if on_list:
        _write_to_many(followers_of(notice.number), notice, SILENCE_FOR_REPORTER[on_list])


def _write_to_many(readers: Sequence[Reader], notice: CaseNotice, news: Sentence) -> None:
    """One letter each; the text is made once for each language."""
    languages = {one.language for one in readers}
    contexts = {language: _context(notice, language, news, _link(notice)) for language in languages}
    send_mails([(one.email, one.language) for one in readers], "case", contexts)


def _number(fact: AboutReport) -> int:
    return int(fact.subject.removeprefix("report:"))


def _link(notice: CaseNotice) -> str:
    return f"{config().base_url}/reports/{notice.number}"


def _write(to: str, language: str, notice: CaseNotice, news: Sentence, link: str) -> None:
    send_mail(to, "case", language, _context(notice, language, news, link))


def _context(notice: CaseNotice, language: str, news: Sentence, link: str) -> dict[str, Any]:
    said = {"number": notice.number, "category": text_of(notice.category, language), "news": news, "link": link}
    return {**said, "answerable": False, "tag": ""}


@periodic(name="notifications.forget_mail", cron="10 2 * * *")
def forget_old_mail(_due: int) -> None:
    """Every night: to whom the city wrote, some months later."""
    forget_mail()


def _tell_guests(persons: Sequence[UUID], subject: str, kind: Notice.Kind, date: int | None = None) -> None:
    """Tell those who come to an event, each in their language, but not its organiser, who did it."""
    for person in persons:
        notice = event_notice_of(subject, person, date)
        if notice and not notice.own:
            leave_notice(
                SYSTEM,
                person=person,
                email=notice.email,
                language=notice.language,
                kind=kind,
                title=notice.title,
                path=notice.path,
                place=notice.place,
                moment=notice.starts_at,
            )


@reacts_to(EventPublished)
def tell_who_watches_of_an_event(fact: EventPublished) -> None:
    """Whoever watches its place hears of an event that has become public."""
    if fact.first:
        announce_event(fact.subject)


@reacts_to(DistrictOpened)
def tell_who_watches_that_it_is_open(fact: DistrictOpened) -> None:
    """Whoever watches a district hears that one can begin something there."""
    announce_district(fact.subject.removeprefix("district:"))


@reacts_to(EventPublished)
def tell_guests_that_it_moved(fact: EventPublished) -> None:
    """Those who come hear that the time or the place is another."""
    if fact.moved:
        _tell_guests(fact.persons, fact.subject, Notice.Kind.MOVED)


@reacts_to(EventCancelled)
def tell_guests_that_it_is_cancelled(fact: EventCancelled) -> None:
    """Those who wanted to come hear that they need not."""
    _tell_guests(fact.persons, fact.subject, Notice.Kind.CANCELLED, fact.occurrence)


@reacts_to(SeatFreed)
def tell_of_a_free_seat(fact: SeatFreed) -> None:
    """Who waited has a seat."""
    _tell_guests(fact.persons, fact.subject, Notice.Kind.SEAT, fact.occurrence)


@reacts_to(GuestReminded)
def remind_a_guest(fact: GuestReminded) -> None:
    """It is soon: into the inbox, and by a letter."""
    _tell_guests(fact.persons, fact.subject, Notice.Kind.REMINDER, fact.occurrence)


@reacts_to(CommentWritten)
def tell_of_a_comment(fact: CommentWritten) -> None:
    """Who is answered hears of it, and whose app, article or event is written about: as they wish it."""
    for notice in notices_of(fact.subject):
        person = Person.objects.filter(pk=notice.person, is_active=True).first()
        kind = Notice.Kind.REVIEWED if notice.about_theirs else Notice.Kind.ANSWERED
        if person is not None:
            tell_of_talk(person=person, kind=kind, title=notice.title, path=notice.path)


@periodic(name="notifications.forget_notices", cron="20 2 * * *")
def forget_old_notices(_due: int) -> None:
    """Every night: what people were told half a year ago."""
    forget_notices()


@reacts_to(AppealDecided)
def tell_the_blocked(fact: AppealDecided) -> None:
    """Write to whoever appealed what became of it, where they left an address or have one in their account."""
    notice = appeal_notice(fact.subject)
    if notice.email:
        link = f"{config().base_url}/moderation/block"
        send_mail(
            notice.email, "appeal", notice.language, {"lifted": notice.lifted, "answer": notice.answer, "link": link}
        )


REVIEWED: Mapping[type[Any], Sentence] = {
    ReviewApproved: _("What you handed in is approved"),
    ReviewSentBack: _("What you handed in needs changes"),
    ReviewRefused: _("What you handed in is refused"),
}


@reacts_to(ReviewApproved, ReviewSentBack, ReviewRefused)
def tell_author_of_review(fact: AboutReview) -> None:
    """Write to an author what became of what they handed in. What followed on an appeal is in the appeal's letter."""
    if not (isinstance(fact, ReviewApproved) and fact.on_appeal):
        _send_moderated(review_letter(fact.review), REVIEWED[type(fact)])


@reacts_to(ThingTakenOff)
def tell_author_of_removal(fact: ThingTakenOff) -> None:
    """Write to an author that something was taken off. Of a report the timeline says it, and its own letter."""
    if not fact.subject.startswith("report:"):
        _send_moderated(decision_letter(fact.decision), _("A moderator has taken something of yours off"))


@reacts_to(ThingTakenOff)
def tell_who_flagged_rightly(fact: ThingTakenOff) -> None:
    """Answer everybody who had said that something is wrong, with an account or with an address."""
    _answer(fact.decision)


@reacts_to(ThingKept)
def tell_who_flagged(fact: ThingKept) -> None:
    """The same, where it was left as it is."""
    _answer(fact.decision)


def _answer(decision: int) -> None:
    for letter in answer_letters(decision):
        _send_moderated(letter, _("A moderator has looked at what you told us"))


@reacts_to(AppealAnswered)
def tell_who_appealed(fact: AppealAnswered) -> None:
    """Write to an author what another moderator has decided."""
    _send_moderated(second_look_letter(fact.appeal), _("Your appeal was decided"))


@reacts_to(SenderBlocked)
def tell_who_was_blocked(fact: SenderBlocked) -> None:
    """Write to somebody with an account that they are blocked, why, and how to appeal."""
    _send_moderated(sanction_letter(fact.subject), _("You cannot send for a while"))


@reacts_to(SenderWarned)
def tell_who_was_warned(fact: SenderWarned) -> None:
    """The same of a warning."""
    _send_moderated(sanction_letter(fact.subject), _("You were warned"))


def _send_moderated(letter: Letter | None, news: Sentence) -> None:
    if letter is not None and letter.email:
        link = f"{config().base_url}{letter.path}"
        send_mail(letter.email, "moderated", letter.language, {"news": news, "link": link})


@reacts_to(*ALARMS)
def alarm_about_identity(fact: Fact) -> None:
    """Whatever happens to an identity its people hear at once, on their page and by mail: perhaps it was not them."""
    for letter in filter(None, (identity_letter(person, fact) for person in fact.persons)):
        with override(letter.language):
            title = words_of(fact).partition("\n")[0]
        leave_notice(
            SYSTEM,
            person=letter.person,
            email=letter.email,
            language=letter.language,
            kind=Notice.Kind.IDENTITY,
            title=title,
            path=letter.path,
        )
