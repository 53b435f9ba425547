"""Who gets a report: the most exact rule at its moment; and the clerk's pages that say so."""

from datetime import UTC, datetime, time

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, Role
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.reports import actions
from meydan.reports.actions import When
from meydan.reports.models import Category, RoutingRule, Team
from meydan.reports.queries import Miss, explain_route, find_route, forget_labels
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.test_pages import page_of, signed_in

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
SMALL_HOURS = datetime(2026, 11, 28, 2, tzinfo=UTC)  # the end of Friday's night
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def make_offices() -> None:
    make_city()
    for code, parent in (("works", None), ("holes", "works"), ("night", "works")):
        actions.set_team(SYSTEM, code=code, name={"en": code.title()}, department="roads", parent=parent)


def rule(team: str | None, **said: object) -> None:
    place = {"category": said.pop("category", "pothole"), "district": said.pop("district", None)}
    actions.set_rule(SYSTEM, **place, department="roads", team=team, when=When(**said))  # type: ignore[arg-type]  # a test's shorthand


def test_times_go_before_always_and_nights_over_midnight() -> None:
    make_offices()
    rule("holes")
    rule("night", starts=time(20), ends=time(6), weekdays=0b001_1111)
    assert find_route("pothole", "anfa", NOON).team == "holes"
    assert find_route("pothole", "anfa", NIGHT).team == "night"
    assert find_route("pothole", "anfa", SMALL_HOURS).team == "night", "Friday's night ends on Saturday"
    rule("works", holidays=True)
    assert find_route("pothole", "anfa", SATURDAY).team == "works"
    rule(None, season_starts="06-15", season_ends="09-15")
    assert find_route("pothole", "anfa", SUMMER).team is None
    assert find_route("pothole", "anfa", NOON).team == "holes"
    assert find_route("pothole", "maarif", NIGHT).department == "maarif-roads", "a district goes before a time"
    assert find_route("lamp", "anfa", NOON).department == "light", "no rule: the category's own"


def test_the_page_names_the_winner_and_the_losers() -> None:
    make_offices()
    rule("holes")
    rule("night", starts=time(20), ends=time(6))
    route, candidates = explain_route(SYSTEM, "pothole", "maarif", NOON)
    assert route.department == "maarif-roads"
    assert [one.miss for one in candidates] == [None, Miss.LESS_EXACT, Miss.HOURS]
    admin = make_actor("admin", Role.ADMIN)
    Person.objects.get(pk=str(admin.person_id)).grants.create(role=Role.ADMIN)
    shown = page_of(signed_in(admin), "/reports/rules?category=pothole&district=maarif&moment=2026-11-24T12:00")
    for words in ("It goes to: Maarif-Roads", "Wins", "lost to a more exact rule", "another hour"):
        assert words in shown
    with pytest.raises(Refused):
        explain_route(make_actor("citizen"), "pothole", None, NOON)


def test_a_report_goes_to_its_team_and_the_public_reads_the_office() -> None:
    make_offices()
    holder = make_actor("chief")
    rule("holes")
    for public in (False, True):
        actions.set_team(
            SYSTEM,
            code="holes",
            name={"en": "Hole menders"},
            department="roads",
            parent="works",
            holder=holder.person_id,
            holder_public=public,
        )
        forget_labels()
        report = make_report(make_actor(f"citizen-{int(public)}"))
        assert report.team_id == "holes"
        shown = page_of(Client(), f"/reports/{report.number}")
        assert "Hole menders" in shown
        assert ("Chief" in shown) is public


def test_offices_do_not_stand_in_a_circle_and_rules_not_twice() -> None:
    make_offices()
    with pytest.raises(Invalid):
        actions.set_team(SYSTEM, code="works", name={"en": "Works"}, department="roads", parent="holes")
    rule("holes")
    other = actions.set_rule(SYSTEM, category="lamp", district=None, department="light")
    with pytest.raises(Conflict):
        actions.set_rule(SYSTEM, category="pothole", district=None, department="light", rule=other.pk)


def test_a_clerk_arranges_by_the_pages() -> None:
    make_offices()
    admin = make_actor("admin", Role.ADMIN)
    Person.objects.get(pk=str(admin.person_id)).grants.create(role=Role.ADMIN)
    clerk = signed_in(admin)
    sent = {
        "category": "pothole",
        "district": "anfa",
        "target": "roads/night",
        "weekdays": ["0", "4"],
        "days_off": "no",
        "starts": "20:00",
        "ends": "06:00",
    }
    assert clerk.post("/reports/rules/new", sent).status_code == 302
    made = RoutingRule.objects.get(team="night")
    assert (made.weekdays, made.holidays, made.starts, made.district_id) == (0b1_0001, False, time(20), "anfa")
    assert "20:00–06:00" in page_of(clerk, "/reports/rules")
    assert 'value="4" checked' in page_of(clerk, f"/reports/rules/{made.pk}")
    assert clerk.post("/reports/rules/new", {**sent, "ends": ""}).status_code == 422
    assert clerk.post(f"/reports/rules/{made.pk}", {**sent, "target": "light"}).status_code == 302
    assert "Remove the rule" in page_of(clerk, f"/reports/rules/{made.pk}/remove")
    assert clerk.post(f"/reports/rules/{made.pk}/remove").status_code == 302
    assert not RoutingRule.objects.filter(pk=made.pk).exists()

    office = {"code": "lamps", "name_en": "Lamps", "department": "light", "holder": "admin", "active": "on"}
    assert clerk.post("/reports/teams/new", {**office, "holder": "nobody"}).status_code == 422
    assert clerk.post("/reports/teams/new", office).status_code == 302
    assert Team.objects.get(pk="lamps").holder_id == admin.person_id
    assert clerk.post("/reports/teams/lamps", {**office, "name_ar": "مصابيح"}).status_code == 302
    assert "Lamps" in page_of(clerk, "/reports/teams")

    kind = {"code": "flood", "name_en": "Flood", "department": "roads", "term_days": "2", "icon": "waves"}
    assert clerk.post("/reports/categories/new", {**kind, "active": "on", "coarse": "on"}).status_code == 302
    assert clerk.post("/reports/categories/new", kind).status_code == 422, "there is one with this code"
    assert clerk.post("/reports/categories/pothole", {**kind, "name_en": "Hole", "active": "on"}).status_code == 302
    changed = Category.objects.get(pk="pothole")
    assert (changed.name, changed.term_days, changed.keywords["en"]) == ({"en": "Hole"}, 2, ["hole", "asphalt"])
    assert "Flood" in page_of(clerk, "/reports/categories")
