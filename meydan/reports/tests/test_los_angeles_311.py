"""The import of 311 requests: made-up rows in the columns of the City of Los Angeles."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from meydan.accounts.public import Department
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import facts_about
from meydan.reports.actions import take_rows
from meydan.reports.models import Category, Entry, ImportedRow, Report, State
from meydan.reports.plugins import los_angeles_311
from meydan.reports.plugins.los_angeles_311 import Tally, code_of, import_file

pytestmark = pytest.mark.django_db

COLUMNS = [
    *("srnumber", "requesttype", "status", "actiontaken", "createddate", "updateddate", "servicedate", "closeddate"),
    *("requestsource", "owner", "latitude", "longitude", "address", "zipcode", "cd"),
]
GOOD: dict[str, str] = {
    "requesttype": "Broken Bench",
    "status": "Closed",
    "actiontaken": "SR Created",
    "createddate": "1/2/20 8:43",
    "updateddate": "1/3/20 9:00",
    "closeddate": "1/3/20 8:30",
    "requestsource": "Call",
    "owner": "PARKS",
    "latitude": "34.5",
    "longitude": "-118.5",
    "address": "1 MADE UP ST, 90000",
    "zipcode": "90000",
    "cd": "1",
}


def row(number: int | str, **cells: str) -> list[str]:
    full = {**GOOD, "srnumber": f"1-{number}" if isinstance(number, int) else number, **cells}
    return [full.get(name, "") for name in COLUMNS]


def text(*rows: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    return out.getvalue().encode()


Run = Callable[[bytes], tuple[Tally, list[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Import this text, with two districts side by side; the sums, and what was told."""
    squares = [
        {
            "type": "Feature",
            "properties": {"external_id": code, "name": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[west, 34], [west + 1, 34], [west + 1, 35], [west, 35], [west, 34]]],
            },
        }
        for code, west in (("1", -119), ("2", -118))
    ]
    districts = tmp_path / "districts.geojson"
    districts.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))

    def import_text(content: bytes) -> tuple[Tally, list[str]]:
        told: list[str] = []
        path = tmp_path / "requests.csv"
        path.write_bytes(content)
        tally = import_file(path, districts=districts, tell=told.append)
        return tally, [sentence for sentence in told if sentence.startswith("line")]

    return import_text


def sums(tally: Tally) -> tuple[int, int, int, int]:
    return tally.read, tally.imported, tally.refused, tally.known


def test_a_row_becomes_a_report_with_its_history(run: Run) -> None:
    tally, told = run(text(row(1)))
    assert (sums(tally), told) == ((1, 1, 0, 0), [])
    report = Report.objects.get(external_id="1-1")
    assert (report.state, report.category_id, report.department_id, report.district_id) == (
        State.SOLVED,
        "broken-bench",
        "parks",
        "1",
    )
    assert report.filed_at == datetime(2020, 1, 2, 16, 43, tzinfo=UTC), "Los Angeles is 8 hours behind in winter"
    assert report.closed_at == datetime(2020, 1, 3, 16, 30, tzinfo=UTC)
    assert report.external == {
        "zipcode": "90000",
        "cd": "1",
        "requestsource": "Call",
        "actiontaken": "SR Created",
    }
    assert list(Entry.objects.filter(report=report).values_list("state_after", flat=True)) == ["submitted", "solved"]
    assert [type(stored.fact).__name__ for stored in facts_about(report.reference)] == ["ReportImported"]
    assert ImportedRow.objects.get(key="1-1").line == 2


def test_categories_and_departments_are_made_once_and_never_changed(run: Run) -> None:
    run(text(row(1), row(2, owner="ROADS"), row(3)))
    assert Category.objects.get(pk="broken-bench").department_id == "parks", "most of its rows are theirs"
    Category.objects.filter(pk="broken-bench").update(name={"en": "Bench"}, term_days=3)
    Department.objects.filter(pk="parks").update(name={"en": "Our parks"})
    run(text(row(4)))
    assert Category.objects.get(pk="broken-bench").name == {"en": "Bench"}
    assert Department.objects.get(pk="parks").name == {"en": "Our parks"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Open", State.SUBMITTED),
        ("Pending", State.ACCEPTED),
        ("Referred Out", State.MOVED),
        ("Closed", State.SOLVED),
        ("Cancelled", State.DECLINED),
    ],
)
def test_every_status_has_its_state(run: Run, status: str, state: State) -> None:
    run(text(row(1, status=status)))
    report = Report.objects.get(external_id="1-1")
    assert report.state == state
    assert (report.closed_at is not None) == (status in {"Closed", "Cancelled"})


def test_summer_time_and_other_ways_to_write_a_time(run: Run) -> None:
    run(text(row(1, createddate="07/01/2020 01:05:00 PM", updateddate="", closeddate="", status="Open")))
    assert Report.objects.get(external_id="1-1").filed_at == datetime(2020, 7, 1, 20, 5, tzinfo=UTC)


def test_without_a_position_it_is_taken_over_and_not_compared(run: Run) -> None:
    tally, _told = run(text(row(1, latitude="", longitude="", cd="1"), row(2, longitude="-117.5"), row(3)))
    report = Report.objects.get(external_id="1-1")
    assert (report.point, report.district_id) == (None, None)
    assert (tally.imported, tally.compared, tally.agreeing) == (3, 2, 1)


BAD: list[tuple[list[str], str]] = [
    (row(9, status="Lost"), "status 'Lost' is none of open, pending"),
    (row(9, createddate=""), "createddate is empty"),
    (row(9, createddate="yesterday"), "createddate 'yesterday' is not a time like"),
    (row(9, createddate="13/45/20 8:00"), "createddate '13/45/20 8:00' is not a time"),
    (row(9, closeddate="soon"), "closeddate 'soon' is not a time"),
    (row(9, latitude="north"), "latitude 'north', longitude '-118.5' are not a position"),
    (row(9, latitude="134.5"), "latitude '134.5'"),
    (row(9, latitude="nan"), "latitude 'nan'"),
    (row(9, longitude=""), "latitude '34.5', longitude ''"),
    (row(9, requesttype=""), "requesttype is empty"),
    (row(""), "srnumber '' is not a request's number"),
    (row("a b"), "srnumber 'a b' is not a request's number"),
    (row(9, address="x" * 5000), "address is longer than 2000 letters"),
    (row(9, address="nul\0"), "address holds bytes that are not text in UTF-8"),
    (row(9)[:-1], "14 cells instead of 15"),
    ([*row(9), "more"], "16 cells instead of 15"),
    (row(1), "the request 1-1 stands in the file before"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[reason[:40] for _bad, reason in BAD])
def test_a_bad_row_is_told_with_its_line_and_kept_in_the_ledger(run: Run, bad: list[str], reason: str) -> None:
    content = text(row(1), bad, row(2))
    tally, told = run(content)
    assert sums(tally) == (3, 2, 1, 0)
    assert len(told) == 1
    assert told[0].startswith(f"line 3: {reason}")
    assert ImportedRow.objects.exclude(refusal="").get().refusal in told[0]
    tally, told = run(content)
    assert (sums(tally), told) == ((3, 0, 0, 3), [])


def test_bytes_that_are_no_text(run: Run) -> None:
    tally, told = run(text(row(1), row(2, address="CAFE ST")).replace(b"CAFE", b"CAF\xe9"))
    assert sums(tally) == (2, 1, 1, 0)
    assert "line 3: address holds bytes" in told[0]


def test_a_quote_that_never_closes_swallows_nothing_but_its_row(run: Run) -> None:
    content = text(row(1), row(2, address="OPEN"), row(3), row(4), row(5)).replace(b",OPEN", b',"OPEN')
    tally, told = run(content)
    assert sums(tally) == (5, 4, 1, 0)
    assert len(told) == 1
    assert told[0].startswith("line 3: ")


def test_two_faulty_rows_that_look_the_same_are_two(run: Run) -> None:
    tally, told = run(text(row(""), row(""), row(1)))
    assert sums(tally) == (3, 1, 2, 0)
    assert [sentence.split(":")[0] for sentence in told] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column srnumber, requesttype"),
        (b"a,b\n1,2\n", "no column srnumber"),
        (b'"a"b\n', "not CSV"),
        (b"\x89PNG\r\n\x1a\n", "no column"),
    ],
)
def test_another_file_altogether(run: Run, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        run(content)


def test_more_kinds_than_a_city_has(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(los_angeles_311, "MAX_KINDS", 2)
    with pytest.raises(Invalid, match="is requesttype the right column"):
        run(text(*(row(number, requesttype=f"Kind {number}") for number in range(3))))


def test_a_byte_order_mark_and_blank_lines_are_no_rows(run: Run) -> None:
    tally, _told = run(b"\xef\xbb\xbf" + text(row(1)) + b"\n\n" + text(row(2)).split(b"\n", 1)[1])
    assert sums(tally) == (2, 2, 0, 0)


def test_interrupted_it_goes_on_to_the_same_rows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(los_angeles_311, "BATCH", 2)
    content = text(*(row(number) for number in range(5)), row(9, status="Lost"), row(6))
    take, calls = take_rows, 0

    def stumble(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        take(*args, **kwargs)

    monkeypatch.setattr(los_angeles_311, "take_rows", stumble)
    with pytest.raises(KeyboardInterrupt):
        run(content)
    assert (Report.objects.count(), ImportedRow.objects.count()) == (4, 4)
    tally, told = run(content)
    assert sums(tally) == (7, 2, 1, 4)
    assert len(told) == 1
    assert Report.objects.count() == 6
    assert Entry.objects.count() == 12


def test_a_fresh_file_brings_only_its_new_rows(run: Run) -> None:
    run(text(row(1), row(2)))
    tally, _told = run(text(row(2), row(3)))
    assert sums(tally) == (2, 1, 0, 1)


def test_the_report_at_the_end_says_all() -> None:
    lines = "\n".join(Tally(10, 7, 2, 1, 8, 6, 1.25).lines())
    for words in ("rows read      10", "imported       7", "refused        2", "6 of 8", "75.00 %", "1.2"):
        assert words in lines
    assert "nothing to compare" in "\n".join(Tally().lines())


def test_code_of() -> None:
    assert code_of("Metal/Household  Appliances!") == "metal-household-appliances"
    assert code_of("…") == ""
    assert len(code_of("x" * 99)) == 60
