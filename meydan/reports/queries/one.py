"""One report: what of it the actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_noop

from meydan.kernel.actor import Actor, Role
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand
from meydan.kernel.rows import read
from meydan.reports.models import Report
from meydan.reports.policies import OVERSEERS, may_see_contact


def visible_to(actor: Actor) -> Q:
    """What the actor may see, as a condition."""
    if actor.is_system or actor.has(*OVERSEERS):
        return Q()
    condition = Q(public=True)
    if actor.person_id is not None:
        condition |= Q(reporter=actor.person_id)
    if actor.case_keys:
        condition |= Q(number__in=own_numbers(actor), anonymous_at=None)
    if actor.has(Role.OFFICER):
        condition |= Q(department__in=actor.departments)
    return condition


def own_numbers(actor: Actor) -> list[int]:
    """The reports whose secret links the actor holds."""
    return [number_of(key) for key in actor.case_keys if key.startswith("report:")]


def number_of(reference: str) -> int:
    """123 of "report:123"."""
    return int(reference.rpartition(":")[2])


def find_report(actor: Actor, number: int) -> Report:
    """One report. Raises `NotFound` also when the actor may not see it."""
    if actor.is_visitor and not actor.case_keys:  # most readers; plain SQL costs a fifth of what the ORM's does
        return _only(read(Report, "where number = %s and public", [number]))
    return _only(Report.objects.filter(visible_to(actor), pk=number)[:1])


def lock_report(actor: Actor, number: int) -> Report:
    """The same, locked until the transaction ends."""
    return _only(Report.objects.select_for_update(of=("self",)).filter(visible_to(actor), pk=number)[:1])


def _only(rows: Iterable[Report]) -> Report:
    report = next(iter(rows), None)
    if report is None:
        raise NotFound
    return report


def find_by_key(number: int, key: str) -> Report:
    """The report whose secret link this is. Raises `NotFound`."""
    report = Report.objects.filter(pk=number).first()
    if report is None or not report.opens_with(key):
        raise NotFound
    return report


def find_by_form_token(actor: Actor, token: UUID | None) -> Report | None:
    """The report that this very form has made before, for the same person."""
    if token is None:
        return None
    own = Q(reporter=actor.person_id) | Q(operator=actor.person_id)
    if actor.person_id is None:
        own = Q(reporter=None, operator=None)
    return Report.objects.filter(own, form_token=token).first()


@dataclass(frozen=True)
class Contact:
    """How to reach the person who reported; empty where they left nothing."""

    subject: str
    persons: tuple[UUID, ...]
    name: str
    email: str
    phone: str


CONTACT_SHOWN = gettext_noop("your name, e-mail address and phone number, with a report")


@reveals(
    CONTACT_SHOWN,
    persons=lambda contact: contact.persons,
    subject=lambda contact: contact.subject,
    always=lambda contact: bool(contact.phone),  # a caller has no account, and a number all the same
)
def show_contact(actor: Actor, number: int) -> Contact:
    """The reporter's name, e-mail and phone: `Refused` unless the actor works on the case. The look is recorded."""
    report = find_report(actor, number)
    demand(may_see_contact(actor, report), actor)
    person = report.reporter
    return Contact(
        subject=report.reference,
        persons=report.persons,
        name=report.contact_name or (person.name if person else ""),
        email=report.contact_email or ((person.email or "") if person else ""),
        phone=report.contact_phone,
    )
