"""Authorities outside, and how far the cases have come that went to them."""

from dataclasses import dataclass

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.reports.models import FOR_EVERYBODY, Authority, Forward, PhotoKind, Report, Sending
from meydan.reports.policies import is_staff_of, may_arrange
from meydan.reports.queries.one import lock_report

ASKED_AT_ONCE = 50


def list_authorities(actor: Actor) -> list[Authority]:
    """Every authority, for the clerk."""
    demand(may_arrange(actor), actor)
    return list(Authority.objects.all())


def show_authority(actor: Actor, code: str) -> Authority:
    """One of them. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    found = Authority.objects.filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def takes(authority: Authority, category: str) -> str:
    """The service code under which an authority takes this category; "" when it does not, "*" for one by e-mail."""
    if not authority.endpoint:
        return "*"
    return str(authority.services.get(category) or authority.services.get("*") or "")


def list_takers(actor: Actor, report: Report) -> list[Authority]:
    """The authorities that the report can be forwarded to."""
    if not is_staff_of(actor, report):
        return []
    return [one for one in Authority.objects.filter(active=True) if takes(one, report.category_id)]


def list_forwards(actor: Actor, report: Report) -> list[Forward]:
    """Where the report was forwarded to, and how far that has come: for the staff, oldest first."""
    if not is_staff_of(actor, report):
        return []
    return list(Forward.objects.filter(report=report).select_related("authority").order_by("pk"))


def lock_forward(actor: Actor, key: int) -> Forward:
    """One forward with its report, both locked. Raises `NotFound`."""
    number = Forward.objects.filter(pk=key).values_list("report", flat=True).first()
    if number is None:
        raise NotFound
    report = lock_report(actor, number)
    forward = Forward.objects.select_for_update(of=("self",)).select_related("authority").get(pk=key)
    forward.report = report
    return forward


def list_due_forwards() -> list[int]:
    """What the worker has to send or to ask about now."""
    rows = Forward.objects.filter(next_at__lte=now()).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:ASKED_AT_ONCE])


@dataclass(frozen=True)
class Outgoing:
    """What an authority outside reads of a report: words and place, and the pictures that everybody may see."""

    category: dict[str, str]
    description: str
    words: str
    lat: float | None
    lon: float | None
    address: str
    district: dict[str, str]
    photos: tuple[int, ...]


def outgoing(forward: Forward) -> Outgoing:
    """All that leaves the house with a forwarded report: never who reported it."""
    report = forward.report
    pictures = report.photos.filter(FOR_EVERYBODY).exclude(kind=PhotoKind.AFTER) if report.public else None
    return Outgoing(
        category=report.category.name,
        description=report.description,
        words=forward.words,
        lat=report.lat,
        lon=report.lon,
        address=report.address,
        district=report.district.name if report.district else {},
        photos=tuple(pictures.values_list("pk", flat=True)) if pictures is not None else (),
    )


def is_on_its_way(forward: Forward) -> bool:
    """Whether it can still be taken back by our own word alone."""
    return forward.state in (Sending.WAITING, Sending.FAILED)
