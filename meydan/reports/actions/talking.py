"""The reporter's room in the messenger: what is new in the timeline goes there, what they write there comes here.

The room is the messenger's (`messaging.public`). A line of the timeline is told once, in the order of the timeline, in
the reporter's language; `Told` knows how far that has come.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import SYSTEM, Actor, Channel
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, MeydanError, NotFound, Sentence, TooLarge
from meydan.kernel.files import open_file, store_image
from meydan.kernel.i18n import text_of
from meydan.kernel.jobs import enqueue, enqueue_at, job
from meydan.messaging.public import (
    CaseMessage,
    find_case,
    forget_case,
    hand_case_over,
    open_case,
    read_case_message,
    set_case,
    wants_cases,
    write_in_case,
)
from meydan.moderation.public import refuse_blocked
from meydan.reports.actions.following import answer_question
from meydan.reports.actions.writing import write_message
from meydan.reports.models import (
    MAX_DESCRIPTION,
    MAX_PHOTOS,
    UNDO_FOR,
    Audience,
    BulkItem,
    Entry,
    EntryKind,
    Report,
    Side,
    State,
    Told,
)

PURPOSE = "report_photo"
ENDED = frozenset({State.CONFIRMED, State.WITHDRAWN})
"""States in which the room is shown as closed."""
SILENT = frozenset(
    {
        *(EntryKind.FILED, EntryKind.ROUTED, EntryKind.ASSIGNED, EntryKind.NOTE, EntryKind.CHANGED),
        *(EntryKind.CALLED, EntryKind.UNDONE),
    }
)
WORDS_ALONE = frozenset({EntryKind.ASKED, EntryKind.MESSAGE, EntryKind.ANSWERED})
SAID: Mapping[EntryKind, Sentence] = {
    EntryKind.ACCEPTED: _("The department has taken your report on."),
    EntryKind.SOLVED: _(
        "The department says that the problem is solved. Please look, then confirm it or reopen the case."
    ),
    EntryKind.DECLINED: _("The department will not act on it, and says why. You can reopen the case."),
    EntryKind.MOVED: _("Your report was passed on to the department that is responsible."),
    EntryKind.JOINED: _("The same problem was reported before. Your report goes on in that one; its page leads there."),
}
"""How a line begins, where its kind alone would say too little."""
LINKED = frozenset({EntryKind.SOLVED, EntryKind.DECLINED, EntryKind.JOINED, EntryKind.PHOTO})


def tell_in_messenger(number: int) -> None:
    """Tell the reporter in the messenger what is new in the timeline, where they have an account and want it. A part of
    a running transaction."""
    report = Report.objects.select_for_update(of=("self",)).get(pk=number)
    person = report.reporter
    if person is None or report.department_id is None or report.anonymous_at is not None:
        return
    told, _new = Told.objects.get_or_create(report=report)
    wanted = person.is_active and wants_cases(person.pk)
    if wanted:
        _keep_room(report, person)
    for entry in Entry.objects.filter(report=report, pk__gt=told.entry).order_by("id"):
        until, was_undone = _undoing(entry)
        if until is not None:
            enqueue_at(until, tell_later, number=number)
            break
        if wanted and not was_undone:
            _tell(report, person, entry)
        told.entry = entry.pk
    told.save(update_fields=["entry"])
    if wanted:
        set_case(SYSTEM, report.reference, closed=report.state in ENDED)


@job(name="reports.tell_in_messenger")
def tell_later(*, number: int) -> None:
    """The same, once what an officer did to many reports at once cannot be taken back any more."""
    with transaction.atomic():
        tell_in_messenger(number)


def _undoing(entry: Entry) -> tuple[datetime | None, bool]:
    """Until when a line can still be taken back (None: not any more), and whether it was."""
    item = BulkItem.objects.filter(entry=entry).select_related("change").first()
    if item is None or item.undone:
        return None, item is not None
    until = item.change.at + UNDO_FOR
    return (until, False) if until > now() else (None, False)


def _keep_room(report: Report, person: Person) -> None:
    """The room is there, and with the department that has the report."""
    department = report.department
    if department is None:
        return
    if find_case(SYSTEM, report.reference) is not None:
        hand_case_over(SYSTEM, report.reference, department=department)
        return
    with override(person.language):
        title = gettext("Report no. %(number)s: %(category)s") % {
            "number": report.number,
            "category": text_of(report.category.name, person.language),
        }
    open_case(
        SYSTEM,
        key=report.reference,
        person=person,
        department=department,
        title=title,
        link=_link(report),
        language=person.language,
    )


def _link(report: Report) -> str:
    return f"{config().base_url}/reports/{report.number}"


def _tell(report: Report, person: Person, entry: Entry) -> None:
    """One line. What the reporter wrote in the room stands there already."""
    kind, by_reporter = EntryKind(entry.kind), entry.side == Side.REPORTER
    if kind in SILENT or entry.audience == Audience.STAFF or "event" in entry.details:
        return
    with override(person.language):
        parts = [] if entry.text and (kind in WORDS_ALONE or by_reporter) else [str(SAID.get(kind, kind.label))]
        parts += [entry.text] if entry.text else []
        parts += [_link(report)] if kind in LINKED or entry.photos.exists() else []
    write_in_case(SYSTEM, report.reference, text="\n\n".join(parts), once=f"entry-{entry.pk}", for_person=by_reporter)


def take_reply(number: int, event: str) -> None:
    """Take what the reporter wrote in the room (an event of the messenger) into the timeline, once. Pictures are made
    safe first, by a job. A part of a running transaction."""
    message = read_case_message(event)
    if message is None:
        return
    if message.pictures:
        enqueue(take_pictures, number=number, event=event)
    else:
        _take(number, event, message, ())


@job(name="reports.take_reply_with_pictures")
def take_pictures(*, number: int, event: str) -> None:
    """The same for what has pictures."""
    message = read_case_message(event)
    if message is not None:
        photos = _keep_pictures(message.pictures)
        with transaction.atomic():
            Report.objects.select_for_update(of=("self",)).get(pk=number)
            _take(number, event, message, photos)


def _keep_pictures(pictures: Sequence[str]) -> list[str]:
    """Those that can be opened, made safe and stored."""
    kept = []
    for sha256 in pictures[:MAX_PHOTOS]:
        try:
            with open_file(sha256) as source:
                kept.append(store_image(source, purpose=PURPOSE).sha256)
        except (Invalid, TooLarge, NotFound):  # none that we can open: it is in the conversation still
            continue
    return list(dict.fromkeys(kept))


def _take(number: int, event: str, message: CaseMessage, photos: Sequence[str]) -> None:
    report = Report.objects.select_related("reporter").get(pk=number)
    if report.reporter is None or Entry.objects.filter(report=report, details__event=event).exists():
        return
    reporter = actor_for(report.reporter, channel=Channel.MESSENGER, language=report.reporter.language)
    with override(reporter.language):
        try:
            refuse_blocked(reporter)
            _write(reporter, report, _words(message, photos), photos, event)
        except MeydanError as error:
            said = " ".join(map(str, error.fields.values())) or str(error.message)
            text = gettext("This did not reach the department. %(reason)s") % {"reason": said}
            write_in_case(SYSTEM, report.reference, text=text, once=f"refused-{event}")


def _words(message: CaseMessage, photos: Sequence[str]) -> str:
    """What the timeline says; of files that are no photos, that they are in the conversation."""
    lost = len(message.pictures) - len(photos)
    there = [*message.files, *[gettext("a picture")] * max(0, lost)]
    files = gettext("In the conversation: %(files)s") % {"files": ", ".join(there)} if there else ""
    return "\n\n".join(part for part in (message.text, files) if part) or gettext("See the photos.")


def _write(actor: Actor, report: Report, text: str, photos: Sequence[str], event: str) -> None:
    """All of it, in as many lines as it takes."""
    write_as_reporter(actor, report, text=text[:MAX_DESCRIPTION], photos=photos, event=event)
    for start in range(MAX_DESCRIPTION, len(text), MAX_DESCRIPTION):
        write_message(actor, report.number, text=text[start : start + MAX_DESCRIPTION], event=event)


def write_as_reporter(
    actor: Actor, report: Report, *, text: str, photos: Sequence[str] = (), event: str = ""
) -> Report:
    """The reporter's word in their own case: the answer to a question where there is one, else a message."""
    write = answer_question if report.state == State.ASKED else write_message
    return write(actor, report.number, text=text, photos=photos, event=event)


def forget_room(number: int) -> None:
    """Leave the room, and empty it, of a report that was made anonymous; nothing where there is none."""
    Told.objects.filter(report=number).delete()
    if find_case(SYSTEM, f"report:{number}") is not None:
        forget_case(SYSTEM, f"report:{number}")
