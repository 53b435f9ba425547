"""An inspector's round."""

import pytest

from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.errors import Refused
from meydan.kernel.places import Point
from meydan.reports import actions
from meydan.reports.queries import ALL, list_round
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.test_pages import officer_of, page_of, signed_in

pytestmark = pytest.mark.django_db


def test_f36_a_round_is_walked_in_order_and_holds_the_right_cases() -> None:
    make_city()
    officer, desk = officer_of("roads")
    actions.set_team(SYSTEM, code="night", name={"en": "Night"}, department="roads")
    near, far, middle = (make_report(VISITOR, point=Point(33.55, -7.69 + step / 100)) for step in (0, 4, 2))
    make_report(VISITOR, category="lamp")  # another department's
    make_report(VISITOR, point=None, address="Rue 4")  # nowhere to go to
    actions.close_as_solved(SYSTEM, make_report(VISITOR).number, text="Done")
    assert [row["number"] for row in list_round(officer, whose=ALL)] == [near.number, middle.number, far.number]
    there = Point(33.55, -7.60)
    assert next(row["number"] for row in list_round(officer, whose=ALL, start=there)) == far.number
    assert list_round(officer) == []
    actions.accept_report(officer, middle.number)
    actions.assign_report(officer, far.number, team="night")
    assert [row["number"] for row in list_round(officer)] == [middle.number]
    assert [row["number"] for row in list_round(officer, whose="night")] == [far.number]
    assert list_round(officer, whose=ALL, district="maarif") == []

    html = page_of(desk, "/reports/round?whose=all&lat=33.55&lon=-7.6")
    assert html.index(f"/reports/{far.number}/do/note") < html.index(f"/reports/{near.number}/do/note")
    assert f"/reports/{near.number}/do/accept" in html
    assert f"/reports/{middle.number}/do/accept" not in html, "it is accepted"
    assert "3 stops" in html
    assert "No stops" in page_of(desk, "/reports/round?whose=night&district=maarif")
    assert desk.get("/reports/round?lat=91&lon=0").status_code == 422


def test_the_round_is_for_officers() -> None:
    make_city()
    with pytest.raises(Refused):
        list_round(make_actor("operator", Role.OPERATOR))
    assert signed_in(make_actor("citizen")).get("/reports/round").status_code == 403
