"""Letters from outside: each is taken once and becomes a report, a word in a case, or is refused with a reason.

What a letter says of its sender is no proof: it never acts for an account. A word in a case is taken only from the
address that the case's letters go to, and only with the token that they carried.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override

from meydan.accounts.public import Person
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor, Channel
from meydan.kernel.city import this_city
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.devices import sender_mark
from meydan.kernel.errors import Conflict, Invalid, MeydanError, Refused, TooLarge, Unavailable
from meydan.kernel.facts import record
from meydan.kernel.files import store_image
from meydan.kernel.imaging import place_in
from meydan.kernel.models import District
from meydan.kernel.places import Point, find_district, h3_cell
from meydan.moderation.public import refuse_blocked
from meydan.reports.actions.filing import file_report
from meydan.reports.actions.handling import change_category
from meydan.reports.actions.returning import note_letter
from meydan.reports.actions.steps import about, search_text_of, write_entry
from meydan.reports.actions.talking import write_as_reporter
from meydan.reports.facts import LetterRefused, LetterTaken, ReportCompleted
from meydan.reports.models import (
    LETTER_DAYS,
    MAX_ADDRESS,
    MAX_DESCRIPTION,
    MAX_PHOTOS,
    Category,
    EntryKind,
    Forward,
    Letter,
    Refusal,
    Report,
    Side,
    report_rules,
)
from meydan.reports.policies import may_complete, may_take_letters
from meydan.reports.queries import (
    LIKELY,
    case_of,
    count_letters,
    is_written_by,
    labels,
    list_categories,
    lock_report,
    searchable,
    suggest_categories,
)

REPORTS_PER_HOUR = 10
ANSWERS_PER_HOUR = 60
"""Letters of one sender, all that came counted."""
TOLD = frozenset({Refusal.TOO_LARGE, Refusal.EMPTY, Refusal.STRANGER, Refusal.FULL})
"""Refusals that a person can do something about: they hear of it, once a day."""
PURPOSE = "report_photo"
KIND, PLACE = "category", "place"
_PLACE_WORDS = "address|place|where|adresse|lieu|où|العنوان|المكان|آدرس|نشانی|مکان|нишонӣ|ҷой|суроға"
_PLACE_LINE = re.compile(rf"^[ \t]*(?:{_PLACE_WORDS})[ \t]*[:：][ \t]*(\S.{{2,}})$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Incoming:
    """A letter as it was read. `sender` is a bare address in small letters, `tokens` are those of our letters that it
    answers, `fault` is what reading found (a Refusal), `proof` what the city's own mail server found about the sender:
    "pass", "fail", or "" when it cannot say."""

    message_id: str
    sender: str = ""
    subject: str = ""
    text: str = ""
    pictures: tuple[bytes, ...] = ()
    tokens: tuple[str, ...] = ()
    fault: str = ""
    proof: str = ""


def take_letter(incoming: Incoming) -> Letter | None:
    """Take a letter; None when it was taken before. Raises `Unavailable` when it has to be tried again later."""
    if Letter.objects.filter(message_id=incoming.message_id).exists():
        return None
    case = case_of(incoming.tokens)
    reason = incoming.fault or _judge(incoming, case)
    try:
        if reason:
            return refuse_letter(SYSTEM, incoming=incoming, reason=Refusal(reason))
        return _take_or_refuse(incoming, case, _keep_pictures(incoming.pictures))
    except IntegrityError:
        if Letter.objects.filter(message_id=incoming.message_id).exists():  # another worker was quicker
            return None
        raise


def _take_or_refuse(incoming: Incoming, case: Report | Forward | None, photos: Sequence[str]) -> Letter:
    try:
        return _take(SYSTEM, incoming=incoming, case=case, photos=photos)
    except (Conflict, Invalid):
        return refuse_letter(SYSTEM, incoming=incoming, reason=Refusal.FULL)


def _judge(incoming: Incoming, case: Report | Forward | None) -> Refusal | None:
    """Why this letter cannot be taken; None when it can."""
    if _is_own(incoming.sender):
        return Refusal.OWN
    if case is not None and not is_written_by(case, incoming.sender):
        return Refusal.STRANGER
    if case is not None and incoming.proof == "fail":
        return Refusal.UNPROVEN
    if count_letters(incoming.sender) >= (REPORTS_PER_HOUR if case is None else ANSWERS_PER_HOUR):
        return Refusal.TOO_MANY
    if _is_blocked(incoming.sender):
        return Refusal.BLOCKED
    return None if incoming.text or incoming.subject or incoming.pictures else Refusal.EMPTY


def _is_own(sender: str) -> bool:
    mailbox, smtp = config().imap, config().smtp
    ours = " ".join(part for part in (mailbox and mailbox.address, smtp and smtp.sender) if part).lower()
    name, _at, host = sender.partition("@")
    return not sender or f"{name.partition('+')[0]}@{host}" in re.split(r"[\s<>]+", ours)


def _is_blocked(sender: str) -> bool:
    person = Person.objects.filter(email=sender, is_active=True).first()
    known = [Actor(device=sender_mark(sender), channel=Channel.MAIL)]
    known += [Actor(person_id=person.pk, channel=Channel.MAIL)] if person else []
    try:
        for actor in known:
            refuse_blocked(actor)
    except Refused:
        return True
    return False


def _keep_pictures(pictures: Sequence[bytes]) -> list[str]:
    """Those that can be opened, made safe and stored."""
    kept = []
    for picture in pictures[:MAX_PHOTOS]:
        try:
            kept.append(store_image(io.BytesIO(picture), purpose=PURPOSE).sha256)
        except (Invalid, TooLarge):  # no picture, or none that we can open: the words count
            continue
    return list(dict.fromkeys(kept))


@action(policy=may_take_letters)
def refuse_letter(actor: Actor, *, incoming: Incoming, reason: Refusal) -> Letter:
    """Keep a letter with the reason why it became nothing. A person who can do something about it is told, once a
    day; a machine never."""
    told = reason in TOLD and incoming.proof != "fail" and not _was_told(incoming.sender)
    letter = _keep_letter(incoming, refusal=reason, text=incoming.text[:MAX_DESCRIPTION])
    record(LetterRefused(subject=f"letter:{letter.pk}", reason=reason, told=told))
    return letter


def _was_told(sender: str) -> bool:
    since = now() - timedelta(days=1)
    return not sender or Letter.objects.filter(sender=sender, at__gte=since, refusal__in=TOLD).exists()


@action(policy=may_take_letters)
def _take(actor: Actor, *, incoming: Incoming, case: Report | Forward | None, photos: Sequence[str]) -> Letter:
    letter = _keep_letter(incoming)
    if isinstance(case, Forward):
        report = note_letter(SYSTEM, case.pk, text=incoming.text or incoming.subject)
    elif case is not None:
        report = _write_in(case, incoming, photos)
    else:
        report = _file(incoming, photos)
    letter.report = report
    letter.save(update_fields=["report"])
    record(LetterTaken(subject=f"letter:{letter.pk}", persons=report.persons, report=report.reference))
    return letter


def _keep_letter(incoming: Incoming, **values: str) -> Letter:
    return Letter.objects.create(
        message_id=incoming.message_id,
        sender=incoming.sender[:254],
        subject=incoming.subject[:200],
        language=guess_language(f"{incoming.subject} {incoming.text}"),
        at=now(),
        **values,
    )


def _write_in(report: Report, incoming: Incoming, photos: Sequence[str]) -> Report:
    """The reporter's word in their own case: the answer to a question where there is one, else a message."""
    reporter = Actor(channel=Channel.MAIL, language=report.language, case_keys=frozenset({report.reference}))
    with override(report.language):
        text = incoming.text[:MAX_DESCRIPTION] or gettext("See the photos.")
    return write_as_reporter(reporter, report, text=text, photos=photos)


def _file(incoming: Incoming, photos: Sequence[str]) -> Report:
    """A new report. What the letter does not say is asked back; until then nobody but its sender and the staff reads
    it: a letter is not written for everybody's eyes."""
    text = "\n\n".join(part for part in (incoming.subject, incoming.text) if part) or "…"
    language = guess_language(text)
    category, sure = _guess_category(text)
    where = _guess_place(text, incoming.pictures)
    lacks = [*([] if sure else [KIND]), *([] if where else [PLACE])]
    return file_report(
        Actor(channel=Channel.MAIL, device=sender_mark(incoming.sender), language=language),
        category=category.code,
        description=text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1] + "…",
        photos=photos,
        contact_email="" if incoming.proof == "fail" else incoming.sender,
        external={"letter": True, "lacks": lacks},
        **where,  # type: ignore[arg-type]  # one of point, address, district
    )


def _guess_category(text: str) -> tuple[Category, bool]:
    """The category, and whether the words are clear. Raises `Unavailable` where the city has none at all."""
    categories = list_categories(SYSTEM)
    for found in suggest_categories(categories, text)[:1]:
        if found.sureness is None or found.sureness >= LIKELY:
            return found.category, True
    unsorted = [one for one in categories if one.code == report_rules().unsorted_category] or categories[-1:]
    if not unsorted:
        raise Unavailable("The city has no categories yet: its letters wait in the mailbox.")
    return unsorted[0], False


def _guess_place(text: str, pictures: Sequence[bytes]) -> dict[str, Point | str]:
    """Where it is, as far as the letter says it."""
    mailbox = config().imap
    if mailbox is not None and mailbox.photo_place:
        for picture in pictures[:MAX_PHOTOS]:
            if point := _place_in(picture):
                return {"point": point}
    district = _named_district(text)
    line = _PLACE_LINE.search(text[: 4 * MAX_DESCRIPTION])
    if line:
        return {"address": line.group(1).strip()[:MAX_ADDRESS], "district": district}
    return {"district": district} if district else {}


def _place_in(picture: bytes) -> Point | None:
    try:
        return place_in(io.BytesIO(picture))
    except MeydanError:
        return None


def _named_district(text: str) -> str:
    """The district whose name stands in the words, in any language; the longest name wins."""
    said = _spaced(text)
    names = ((_spaced(name), code) for code, names in labels().districts.items() for name in names.values())
    found = [(len(name), code) for name, code in names if len(name) > 5 and name in said]
    return max(found)[1] if found else ""


def _spaced(text: str) -> str:
    """Words as searches compare them, with one blank before and behind each."""
    return " {} ".format(re.sub(r"\W+", " ", searchable(text)).strip())


def guess_language(text: str) -> str:
    """The city's language that is written in these letters; of several the one that stands first in its pack."""
    languages = this_city().languages
    script = "arabic" if re.search(r"[؀-ۿ]{2}", text) else "cyrillic" if re.search(r"[Ѐ-ӿ]{2}", text) else "latin"
    scripts = {"ar": "arabic", "fa": "arabic", "tg": "cyrillic"}
    return next((one for one in languages if scripts.get(one, "latin") == script), languages[0])


@action_on(lock_report, policy=may_complete)
def complete_report(
    actor: Actor,
    report: Report,
    *,
    category: str,
    point: Point | None = None,
    address: str = "",
    district: str = "",
) -> Report:
    """Say what a letter left open: the kind, the place; from now on everybody may read it, unless its kind is private.
    `Conflict` when that was said before, `Invalid` when something still lacks."""
    if "lacks" not in report.external or not report.is_open:
        raise Conflict
    if category != report.category_id:
        change_category(report, category)
    _take_place(report, point, address.strip()[:MAX_ADDRESS], district)
    report.external = {key: value for key, value in report.external.items() if key != "lacks"}
    report.public = not report.category.private
    report.photos.update(public=report.public)
    report.search_text = search_text_of(report, report.category)
    write_entry(actor, report, EntryKind.CHANGED, side=Side.REPORTER)
    record(ReportCompleted(**about(report), district=report.district_id or "", public=report.public))
    return report


def _take_place(report: Report, point: Point | None, address: str, district: str) -> None:
    report.address = address or report.address
    if point is not None:
        report.lat, report.lon, report.h3_9 = point.lat, point.lon, h3_cell(point)
        found = find_district(point)
        report.district_id = found.code if found else None
    elif district:
        if not District.objects.filter(code=district).exists():
            raise Invalid(fields={"district": gettext("Choose one of the districts.")})
        report.district_id = district
    if report.point is None and not report.address and not report.district_id:
        raise Invalid(
            fields={"address": gettext("Say where it is: on the map, by an address, or at least the district.")}
        )


def forget_letters() -> int:
    """Empty what was written in refused letters, and forget senders, after LETTER_DAYS; returns how many. That a letter
    was taken stays known by its Message-ID, so that it never counts twice."""
    old = Letter.objects.filter(at__lt=now() - timedelta(days=LETTER_DAYS)).exclude(sender="")
    with transaction.atomic():
        return old.update(sender="", subject="", text="")
