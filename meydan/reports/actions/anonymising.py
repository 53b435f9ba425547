"""Old reports lose what leads to a person. What everybody could read of a public report stays, and so do all figures:
docs/security/anonymity.md says what goes, and what cannot."""

from typing import Any
from uuid import uuid4

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import record
from meydan.kernel.files import delete_file
from meydan.kernel.masking import MASK, mask_contacts
from meydan.reports.actions.steps import about, search_text_of
from meydan.reports.facts import ReportAnonymised
from meydan.reports.models import (
    Audience,
    BulkChange,
    BulkItem,
    Entry,
    Letter,
    Looking,
    Origin,
    Photo,
    Question,
    Report,
    questions_of,
)
from meydan.reports.policies import may_anonymise
from meydan.reports.queries import list_due_for_anonymity, lock_report

AT_ONCE = 100
"""Reports of one batch; other jobs come between two."""
KEPT_OUTSIDE = ("address_id",)
"""What stays of what another program said beside: it names a place."""


def anonymise_some() -> int:
    """Make a batch of those anonymous whose time is over; returns how many."""
    return sum(_has_become_anonymous(number) for number in list_due_for_anonymity(SYSTEM, limit=AT_ONCE))


def _has_become_anonymous(number: int) -> bool:
    try:
        anonymise_report(SYSTEM, number)
    except (Conflict, NotFound):  # another worker was quicker, or it is open again
        return False
    return True


@action_on(lock_report, policy=may_anonymise)
def anonymise_report(actor: Actor, report: Report) -> Report:
    """Take out of a closed report whatever leads to a person. `Conflict` when it is open, or was done before."""
    if report.is_open or report.anonymous_at is not None:
        raise Conflict
    before = report.description, report.address, report.answers
    _forget_reporter(report)
    _forget_words(report)
    has_changed = _forget_in_timeline(report) or before != (report.description, report.address, report.answers)
    _forget_pictures(report)
    _forget_others(report)
    report.anonymous_at = now()
    if report.public and has_changed:  # whoever copies the open data takes it anew
        report.updated_at = report.anonymous_at
    report.save()
    record(ReportAnonymised(**about(report)))
    return report


def _forget_reporter(report: Report) -> None:
    """Who reported it and how to reach them, who took the call, who worked on it; and the secret link."""
    report.reporter = report.operator = report.officer = report.form_token = None
    report.contact_name = report.contact_email = report.contact_phone = ""
    report.secret, report.ring_back_at, report.no_calls = uuid4(), None, False
    if report.origin != Origin.IMPORT:  # what was taken over from elsewhere never said who
        report.external = {name: value for name, value in report.external.items() if name in KEPT_OUTSIDE}


def _forget_words(report: Report) -> None:
    """Of a kind that is never public nothing stays but what is counted."""
    if report.category.private:
        report.description, report.address, report.answers = MASK, "", {}
        report.lat = report.lon = report.h3_9 = None
    else:
        report.description, report.address = mask_contacts(report.description), mask_contacts(report.address)
        asked = questions_of(report.category.questions)
        report.answers = {one.code: _answer(one, report) for one in asked if _stays(one, report)}
    report.search_text = search_text_of(report, report.category)


def _stays(question: Question, report: Report) -> bool:
    return not question.private and question.code in report.answers


def _answer(question: Question, report: Report) -> Any:
    given = report.answers[question.code]
    return mask_contacts(given) if isinstance(given, str) and not question.options else given


def _forget_in_timeline(report: Report) -> bool:
    """Who wrote each line, and what was written between the two sides; whether the public reads anything else now."""
    entries = list(Entry.objects.filter(report=report))
    before = [entry.text for entry in entries if entry.audience == Audience.PUBLIC]
    for entry in entries:
        entry.person = None
        entry.details = {name: value for name, value in entry.details.items() if name != "officer"}
        is_private = report.category.private or entry.audience == Audience.PARTIES
        entry.text = MASK if entry.text and is_private else mask_contacts(entry.text)
    Entry.objects.bulk_update(entries, ["person", "details", "text"])
    return before != [entry.text for entry in entries if entry.audience == Audience.PUBLIC]


def _forget_pictures(report: Report) -> None:
    """Those that were never meant for everybody, with their files."""
    Photo.objects.filter(report=report).update(looked_by=None)
    for photo in Photo.objects.filter(report=report):
        if photo.public and not report.category.private:
            continue
        gone = {photo.original_id, photo.file_id} - {None}
        photo.original, photo.file, photo.looking = None, None, Looking.REFUSED
        photo.save(update_fields=["original", "file", "looking"])
        for sha256 in gone:
            delete_file(str(sha256))


def _forget_others(report: Report) -> None:
    """Who followed it, was a witness, forwarded it, wrote a letter, or changed it together with others. The number of
    those whom it concerned stays in the report."""
    report.followers.all().delete()
    report.opinions.update(person=None, text="")
    for forward in report.forwards.all():
        forward.person, forward.words, forward.said = None, mask_contacts(forward.words), mask_contacts(forward.said)
        forward.save(update_fields=["person", "words", "said"])
    Letter.objects.filter(report=report).update(sender="", subject="", text="")
    BulkChange.objects.filter(items__report=report).update(person=None, arguments={})
    BulkItem.objects.filter(report=report).update(before={})
