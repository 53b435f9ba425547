"""The public figures, the map and the worklist's counts, through their doors."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.places import Point
from meydan.reports import actions, queries
from meydan.reports.actions import fold_changes
from meydan.reports.models import CellTally, Report, State, Team, WorkFilter
from meydan.reports.pages.plots import WIDTH, plot
from meydan.reports.queries import count_work, list_work
from meydan.reports.tests.cast import make_actor, make_city, make_person, make_report
from meydan.reports.tests.test_pages import page_of

pytestmark = pytest.mark.django_db


def make_answers(count: int, *, confirmed: int, content: int = 4) -> None:
    """So many reports that roads has closed, some of them confirmed."""
    citizen = make_actor("citizen")
    for number in range(count):
        report = make_report(citizen)
        actions.close_as_solved(SYSTEM, report.number, text="Done")
        if number < confirmed:
            actions.confirm_solution(citizen, report.number, content=content)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_choice_is_a_page_without_a_script(client: Client, language: str) -> None:
    make_city()
    make_answers(6, confirmed=1)
    for by in ("department", "team", "district", "category"):
        for period in ("week", "month", "quarter", "year"):
            answer = client.get(f"/reports/figures?by={by}&period={period}", headers={"Accept-Language": language})
            assert answer.status_code == 200
            page = answer.content.decode()
            assert page.count('<svg viewBox="0 0 320 132" role="img" aria-label="') == 4
            assert len(re.findall(r'<th scope="col"(?: aria-sort="descending")?><a href=', page)) == 9


def test_claimed_and_confirmed_are_told_apart(client: Client) -> None:
    make_city()
    make_answers(6, confirmed=3)
    found = client.get("/api/reports/figures").json()
    assert (found["whole"]["received"], found["whole"]["claimed"], found["whole"]["confirmed"]) == (6, 6, 0.5)
    assert (found["whole"]["in_term"], found["whole"]["reopened"], found["whole"]["overdue"]) == (1.0, 0, 0)
    assert [(row["code"], row["name"], row["claimed"]) for row in found["rows"]] == [("roads", "Roads", 6)]
    assert [one["received"] for one in found["trend"]] == [0] * 11 + [6]
    page = page_of(client, "/reports/figures")
    assert "50 %" in page
    assert "reports that the city says are solved" in page


def test_a_new_report_is_in_the_figures_and_on_the_map_with_the_next_request(client: Client) -> None:
    make_city()
    assert client.get("/api/reports/figures").json()["whole"]["received"] == 0
    report = make_report(VISITOR)
    assert client.get("/api/reports/figures").json()["whole"]["received"] == 1
    assert [one["id"] for one in client.get("/reports/map.json").json()["features"]] == [report.number]


def test_few_answers_are_not_told(client: Client) -> None:
    make_city()
    make_answers(5, confirmed=4, content=1)
    assert client.get("/api/reports/figures").json()["whole"]["content"] is None
    last = Report.objects.get(state=State.SOLVED)
    reporter = Actor(person_id=last.reporter_id, roles=frozenset({Role.USER}))
    actions.confirm_solution(reporter, last.number, content=1)
    assert client.get("/api/reports/figures").json()["whole"]["content"] == 1.0


def test_private_kinds_stand_in_one_row(client: Client) -> None:
    make_city()
    actions.set_category(SYSTEM, code="bribe", name={"en": "A bribe"}, department="roads", private=True)
    make_report(VISITOR, category="abuse", description="They ask for money")
    make_report(VISITOR, category="bribe", description="They ask for money")
    rows = client.get("/api/reports/figures?by=category").json()["rows"]
    assert [(row["name"], row["received"]) for row in rows] == [("Kinds that are not public", 2)]
    assert "bribe" not in page_of(client, "/reports/figures?by=category").casefold()


def test_the_manager_is_named_only_where_the_city_says_so(client: Client) -> None:
    make_city()
    actions.set_team(SYSTEM, code="menders", name={"en": "Menders"}, department="roads", holder=make_person("chief"))
    actions.set_rule(SYSTEM, category="pothole", district=None, department="roads", team="menders")
    make_report(VISITOR)
    page = page_of(client, "/reports/figures?by=team")
    assert "Menders" in page
    assert "Chief" not in page
    Team.objects.update(holder_public=True)
    queries.forget_labels()
    assert "Chief" in page_of(Client(), "/reports/figures?by=team&sort=received")


def test_the_league_ranks_only_who_has_enough(client: Client) -> None:
    make_city()
    make_answers(6, confirmed=1)
    lamp = make_report(VISITOR, category="lamp")
    actions.decline_report(SYSTEM, lamp.number, text="Not ours")
    rows = re.findall(
        r'<td class="num place">(\d*)</td><th scope="row"><bdi>(\w+)', page_of(client, "/reports/figures")
    )
    assert rows == [("1", "Roads"), ("", "Light")]
    by_name = re.findall(r'<th scope="row"><bdi>(\w+)', page_of(client, "/reports/figures?sort=received"))
    assert by_name[-2:] == ["Light", "Roads"]


def test_a_period_that_is_over_and_one_that_never_was(client: Client) -> None:
    make_city()
    report = make_report(VISITOR)
    Report.objects.filter(pk=report.pk).update(filed_at=now() - timedelta(days=400))
    fold_changes()
    then = (now() - timedelta(days=400)).date()
    assert client.get(f"/api/reports/figures?period=year&start={then}").json()["whole"]["received"] == 1
    assert client.get("/api/reports/figures?period=year&start=1990-01-01").json()["whole"]["received"] == 0
    assert client.get("/api/reports/figures?start=2099-01-01").json()["start"] <= str(city_today())
    for wrong in ("start=1066-10-14", "sort=name", "period=decade", "by=person"):
        assert client.get(f"/api/reports/figures?{wrong}").status_code == 422


def test_the_csv_has_a_row_for_the_city_and_one_for_each(client: Client) -> None:
    make_city()
    make_answers(2, confirmed=0)
    text = client.get("/data/figures.csv?by=district").content.decode().removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["by"], row["name"], row["received"]) for row in rows[1:]] == [("district", "Anfa", "2")]
    assert rows[0]["by"] == "all"
    assert "figures.csv" in page_of(client, "/data/")


def test_plots_start_at_zero_and_are_mirrored_with_the_language() -> None:
    drawn = plot("Received", ["May", "June"], [5, 10], words=str, unfinished=True)
    assert [(bar.height, bar.unfinished) for bar in drawn.bars] == [(45.0, False), (90.0, True)]
    assert all(bar.y + bar.height == drawn.ground for bar in drawn.bars)
    assert drawn.bars[0].x < drawn.bars[1].x
    assert drawn.bars[1].mark_at == (WIDTH - 2, "far")
    assert [bar.said for bar in drawn.bars] == ["May: 5", "June: 10"]
    assert plot("None", ["May"], [None], words=str, unfinished=False).bars == []


# The map without a script


def test_bubbles_lead_closer_until_single_reports_are_seen(client: Client) -> None:
    make_city()
    make_report(VISITOR)
    fold_changes()
    CellTally.objects.update(count=5000)
    page = page_of(client, "/reports/map")
    assert "5,000" in page
    for _step in range(9):
        closer = re.search(r'href="([^"]*bbox=[^"]*)"[^>]*>\s*<g class="bubble"', page)
        if closer is None:
            break
        page = page_of(client, closer[1].replace("&amp;", "&"))
        assert "The whole city" in page
    assert "Report 1" in page or "/reports/" in page
    assert 'class="bubble"' not in page


def test_filters_keep_working_on_the_far_map(client: Client) -> None:
    make_city()
    open_one = make_report(VISITOR)
    closed = make_report(VISITOR, category="lamp", point=Point(33.52, -7.55))
    actions.decline_report(SYSTEM, closed.number, text="Not ours")
    fold_changes()
    CellTally.objects.update(count=5000)

    def counts(query: str) -> list[tuple[int, int]]:
        found = client.get(f"/reports/map.json?{query}").json()["features"]
        return [(one["properties"]["count"], one["properties"]["waiting"]) for one in found]

    assert sorted(counts("")) == [(10_000, 5000)]
    assert counts("state=open&category=pothole") == [(5000, 5000)]
    assert counts("state=closed&category=lamp") == [(5000, 0)]
    exact = client.get("/reports/map.json?district=anfa").json()["features"]
    assert [one["id"] for one in exact] == [open_one.number]


# The worklist


def test_the_worklist_merges_departments_and_hides_others() -> None:
    make_city()
    holes = [make_report(VISITOR).number for _n in range(3)]
    lamps = [make_report(VISITOR, category="lamp").number for _n in range(2)]
    nobody = make_report(VISITOR, category="other").number
    both = make_actor("both", Role.OFFICER, departments=("light", "roads"))
    roads = make_actor("roads", Role.OFFICER, departments=("roads",))
    auditor = make_actor("auditor", Role.AUDITOR)
    first = list_work(both, WorkFilter(), limit=4)
    rest = list_work(both, WorkFilter(), after=first.next or "", limit=4)
    assert [row["number"] for row in (*first.rows, *rest.rows)] == [*holes, *lamps], "by term, and once each"
    assert [row["number"] for row in list_work(roads, WorkFilter()).rows] == holes
    assert list_work(roads, WorkFilter(department="light")).rows == []
    assert list_work(roads, WorkFilter(department="none")).rows == []
    assert [row["number"] for row in list_work(auditor, WorkFilter(department="none")).rows] == [nobody]
    assert len(list_work(auditor, WorkFilter(state="submitted")).rows) == 6
    assert [count_work(one, WorkFilter())["open"] for one in (both, roads, auditor)] == [5, 3, 6]
    assert count_work(roads, WorkFilter(department="light"))["open"] == 0
    actions.accept_report(both, holes[0])
    counted = count_work(both, WorkFilter())
    assert (counted["new"], counted["mine"], counted["overdue"]) == (4, 1, 0)
    assert [row["number"] for row in list_work(both, WorkFilter(mine=True)).rows] == [holes[0]]
    Report.objects.filter(pk=holes[1]).update(due_on=city_today() - timedelta(days=1))
    assert count_work(both, WorkFilter())["overdue"] == 1
    assert [row["number"] for row in list_work(both, WorkFilter(overdue=True)).rows] == [holes[1]]
