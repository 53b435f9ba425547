"""The public figures, through their doors."""

import pytest
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.reports import actions
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_page_says_what_was_counted(client: Client, language: str) -> None:
    make_city()
    citizen = make_actor("citizen")
    for _n in range(6):
        report = make_report(citizen)
        actions.close_as_solved(SYSTEM, report.number, text="Done")
    actions.confirm_solution(citizen, report.number, content=4)
    make_report(VISITOR, category="abuse", description="They ask for money")
    for by in ("department", "team", "district", "category"):
        for period in ("week", "month", "quarter", "year"):
            answer = client.get(f"/reports/figures?by={by}&period={period}", headers={"Accept-Language": language})
            assert answer.status_code == 200
    found = client.get("/api/reports/figures?by=category").json()
    assert found["whole"]["received"] == 7
    assert (found["whole"]["claimed"], round(found["whole"]["confirmed"], 2)) == (6, 0.17)
