"""The scene of the tests: a small city, set through the real actions, and a cast named by role."""

from typing import Any
from uuid import UUID

from django.db import transaction

from meydan.accounts.public import Department, Person
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.places import Point, upsert_districts
from meydan.reports.actions import check_photo, file_report, mark_photo, set_category, set_rule
from meydan.reports.facts import ReportFiled
from meydan.reports.models import Authority, Looking, Photo, Report
from meydan.reports.reactions import find_the_department

CENTRE = Point(33.59, -7.61)


def square(code: str, west: float, south: float) -> dict[str, Any]:
    """A district of 0.1 degrees."""
    corners = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": {"en": code.title(), "ar": "حي"}},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }


def make_city() -> None:
    """Two districts, three departments, four kinds of problems."""
    upsert_districts(
        {"type": "FeatureCollection", "features": [square("anfa", -7.7, 33.5), square("maarif", -7.6, 33.5)]}
    )
    for code in ("roads", "light", "maarif-roads"):
        Department.objects.create(code=code, name={"en": code.title()})
    set_category(
        SYSTEM,
        code="pothole",
        name={"en": "Pothole", "ar": "حفرة"},
        department="roads",
        term_days=5,
        keywords={"en": ["hole", "asphalt"], "ar": ["حفرة"]},
    )
    set_category(SYSTEM, code="lamp", name={"en": "Street lamp"}, department="light", needs_after_photo=True)
    set_category(SYSTEM, code="abuse", name={"en": "Corruption"}, department="roads", private=True)
    set_category(SYSTEM, code="other", name={"en": "Something else"})
    set_rule(SYSTEM, category="pothole", district="maarif", department="maarif-roads")
    Authority.objects.create(code="waterworks", name={"en": "Waterworks"}, email="desk@water.example")


def make_person(username: str) -> UUID:
    """Somebody with an account."""
    return Person.objects.create(username=username, name=username.title(), email=f"{username}@example.org").pk


def make_actor(username: str, *roles: Role, departments: tuple[str, ...] = ()) -> Actor:
    """Somebody at the door, with these roles."""
    return Actor(
        person_id=make_person(username),
        name=username.title(),
        roles=frozenset({Role.USER, *roles}),
        departments=frozenset(departments),
    )


def make_report(actor: Actor, **values: Any) -> Report:
    """A report that has found its department."""
    wanted = {"category": "pothole", "description": "A deep hole", "point": CENTRE, **values}
    report = file_report(actor, **wanted)
    route(report)
    report.refresh_from_db()
    return report


def route(report: Report) -> None:
    """What the worker does with a new report."""
    with transaction.atomic():
        find_the_department(filed_fact(report))


def filed_fact(report: Report) -> ReportFiled:
    """What was recorded when it was filed."""
    return ReportFiled(
        subject=report.reference,
        category=report.category_id,
        district=report.district_id or "",
        origin=report.origin,
        public=report.public,
    )


def publish_photos(number: int) -> None:
    """What the machine, which finds nothing, and then a moderator do with a report's photos."""
    moderator = Actor(person_id=None, roles=frozenset({Role.MODERATOR}))
    for photo in Photo.objects.filter(report=number, looking=Looking.NEW):
        mark_photo(SYSTEM, photo.pk, areas=[])
        check_photo(moderator, photo.pk)
