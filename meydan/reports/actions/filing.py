"""Filing a report: by a visitor, a citizen, another program, or an operator for a caller."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action
from meydan.kernel.actor import Actor, Channel
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.limits import check
from meydan.kernel.models import District
from meydan.kernel.places import Point, find_district, h3_cell
from meydan.kernel.policy import demand
from meydan.kernel.rows import insert
from meydan.moderation.public import note_sender, refuse_blocked
from meydan.reports.actions.photos import attach_photos
from meydan.reports.actions.steps import (
    about,
    need_words,
    open_category,
    search_text_of,
    term_of,
    write_first_entry,
)
from meydan.reports.actions.terms import start_term
from meydan.reports.facts import ReportFiled
from meydan.reports.models import (
    Category,
    Origin,
    PhotoKind,
    Report,
    State,
    questions_of,
    read_answers,
)
from meydan.reports.policies import may_file, may_file_on_behalf
from meydan.reports.queries import find_by_form_token
from meydan.rollout.public import refuse_closed

SUGGESTED_PER_MINUTE = 240  # a letter or two each, by all who share an address
FILED_PER_HOUR = 30
"""Reports from one person, device or unknown visitor's address; the call centre has no limit."""
BROUGHT_PER_HOUR = 150
FROM_ONE_ADDRESS = 10
_SENT_ALREADY = _("This form has been sent already, by somebody who was signed in differently.")
_ORIGINS = {Channel.API: Origin.API, Channel.OPEN311: Origin.OPEN311, Channel.MAIL: Origin.MAIL}


def file_report(
    actor: Actor,
    *,
    category: str,
    description: str,
    point: Point | None = None,
    address: str = "",
    district: str = "",
    photos: Sequence[str] = (),
    contact_name: str = "",
    contact_email: str = "",
    contact_phone: str = "",
    on_behalf: bool = False,
    form_token: UUID | None = None,
    answers: Mapping[str, Any] | None = None,
    source: str = "",
    external_id: str = "",
    external: Mapping[str, Any] | None = None,
) -> Report:
    """File a report. A form that is sent twice (`form_token`) gives the report that it made first.

    `photos` are sha256s of stored files. Needs a place: `point`, `address` or `district` (a code). `on_behalf`: an
    operator files for a caller, who is then the contact. `answers` to the category's questions, by code; None where
    the channel cannot ask. Raises `Invalid` with the fields at fault, `Conflict`
    (`sent_already`) when somebody else has sent the same form.
    """
    earlier = find_by_form_token(actor, form_token)
    if earlier is not None:
        return earlier
    contact = {"contact_name": contact_name, "contact_email": contact_email, "contact_phone": contact_phone}
    words = {"description": description, "address": address.strip(), "form_token": form_token}
    origin = {"source": source, "external_id": external_id, "external": dict(external or {})}
    try:
        return _file(
            actor,
            {**contact, **words, **origin},
            category,
            point,
            district,
            photos=photos,
            on_behalf=on_behalf,
            answers=answers,
        )
    except IntegrityError:
        if not Report.objects.filter(form_token__isnull=False, form_token=form_token).exists():
            raise
        earlier = find_by_form_token(actor, form_token)
        if earlier is None:
            raise Conflict(
                _("This form has been sent already, by somebody who was signed in differently."), code="sent_already"
            ) from None
        return earlier


@action(policy=may_file)
def _file(
    actor: Actor,
    values: Mapping[str, Any],
    category_code: str,
    point: Point | None,
    district: str,
    *,
    photos: Sequence[str],
    on_behalf: bool,
    answers: Mapping[str, Any] | None,
) -> Report:
    if on_behalf:
        demand(may_file_on_behalf(actor), actor)
    category = open_category(category_code)
    by_letter = actor.channel is Channel.MAIL  # its sender has not seen that all may read it, nor what we ask
    report = Report(**values, category=category, state=State.SUBMITTED)
    report.public = not (category.private or by_letter)
    report.description = need_words(report.description, "description")
    report.language = actor.language
    report.origin = Origin.PHONE if on_behalf else _ORIGINS.get(actor.channel, Origin.WEB)
    report.reporter_id, report.operator_id = (None, actor.person_id) if on_behalf else (actor.person_id, None)
    found = _set_place(report, point, district, needed=not by_letter)
    if not (by_letter or on_behalf):  # a letter cannot be asked again, and the call centre is the whole city's
        refuse_closed(actor, found, field="district" if point is None else "address")
    report.answers = _check_answers(category, answers) if answers is not None else {}
    report.filed_at = report.updated_at = now()
    start_term(report, term_of(category, report.filed_at))
    report.search_text = search_text_of(report, category)
    insert([report])
    entry = write_first_entry(actor, report)
    attach_photos(report, entry, photos, PhotoKind.BEFORE, public=not category.private)
    if actor.device or actor.address:
        note_sender(actor, reference=report.reference)
    record(ReportFiled(**about(report), district=report.district_id or "", origin=report.origin, public=report.public))
    return report


def _check_answers(category: Category, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to the category's questions. `Invalid`, by the names that forms give them."""
    answers, faults = read_answers(questions_of(category.questions), given)
    if faults:
        raise Invalid(fields={question.field: sentence for question, sentence in faults.items()})
    return answers


def _set_place(report: Report, point: Point | None, district: str, *, needed: bool) -> District | None:
    """Note where it is; the district, where it is known."""
    if needed and point is None and not report.address and not district:
        raise Invalid(fields={"address": _("Say where it is: on the map, by an address, or at least the district.")})
    found = find_district(point) if point is not None else District.objects.filter(code=district).first()
    if point is None and district and found is None:
        raise Invalid(fields={"district": _("Choose one of the districts.")})
    report.district_id = found.code if found is not None else None
    if point is not None:
        report.lat, report.lon, report.h3_9 = point.lat, point.lon, h3_cell(point)
    return found


def limit_suggesting(actor: Actor) -> None:
    """Count a question for categories against its asker, at the door. Raises `TooMany`."""
    check(f"reports.suggest:{actor.person_id or actor.address}", limit=SUGGESTED_PER_MINUTE, seconds=60)


def limit_filing(actor: Actor) -> None:
    """Count a report against its sender, at the door, before `file_report`: person or device, and address. Raises
    `TooMany`, and `Refused` for who is blocked."""
    refuse_blocked(actor)
    _limit(actor, "file", FILED_PER_HOUR)


def limit_bringing(actor: Actor) -> None:
    """Count a picture that comes before its report in the same way. Raises `TooMany`."""
    _limit(actor, "photo", BROUGHT_PER_HOUR)


def _limit(actor: Actor, what: str, limit: int) -> None:
    """A person may use several addresses, and many people one: a house, a café, a telephone company. Who is known by
    nothing but the address has the limit of one person."""
    if may_file_on_behalf(actor):
        return
    if actor.person_id or actor.device:
        check(f"reports.{what}:{actor.person_id or actor.device}", limit=limit, seconds=3600)
        check(f"reports.{what}.address:{actor.address}", limit=limit * FROM_ONE_ADDRESS, seconds=3600)
    else:
        check(f"reports.{what}:{actor.address}", limit=limit, seconds=3600)
