"""What docs/reference/peers.md says of Meydan: each door answers, each paper and each test that it names is there."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import resolve

HOME = Path(__file__).resolve().parent.parent
PAPER = HOME / "docs" / "reference" / "peers.md"
ROWS = 50
DOOR = re.compile(r"`(/[^`]*)`")
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True)
class Row:
    """One line of the comparison, as far as it is about Meydan."""

    number: int
    what: str
    meydan: str
    where: str
    shown_by: str

    @property
    def is_claimed(self) -> bool:
        return not self.meydan.startswith("**-**")


def read_rows() -> list[Row]:
    lines = [line for line in PAPER.read_text("utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(int(number), what, meydan, where, shown) for number, what, *_peers, meydan, where, shown in cells]


TABLE = read_rows()
CLAIMED = [row for row in TABLE if row.is_claimed]
each_claim = pytest.mark.parametrize("row", CLAIMED, ids=lambda row: f"{row.number} {row.what}")


def test_every_row_is_there() -> None:
    assert [row.number for row in TABLE] == list(range(1, ROWS + 1))
    assert [row.what for row in TABLE if not (row.is_claimed or row.where or row.shown_by)] == [
        "WhatsApp, SMS, social",
        "pick the lamp, the tree",
        "kind guessed from photos",
    ]


@each_claim
def test_where_it_is(row: Row) -> None:
    """`resolve` raises for a door that is not in the table of addresses."""
    doors = [door.partition("?")[0].replace("<number>", "1") for door in DOOR.findall(row.where)]
    papers = [PAPER.parent / path for _words, path in LINK.findall(row.where)]
    assert doors or papers, "it names neither a door nor a paper"
    assert all(resolve(door) for door in doors)
    assert all(paper.is_file() for paper in papers)


@each_claim
def test_what_shows_it(row: Row) -> None:
    tests = LINK.findall(row.shown_by)
    assert tests, "it names no test"
    for name, path in tests:
        source = (PAPER.parent / path).read_text("utf-8")
        assert re.search(rf"^def test_{name}\(", source, re.MULTILINE), f"{path} has no test_{name}"


def test_every_door_is_read_as_one() -> None:
    """What stands in a cell beside doors and links is nothing but commas."""
    rest = {row.number: re.sub(r"[,\s]", "", LINK.sub("", DOOR.sub("", row.where + row.shown_by))) for row in TABLE}
    assert not {number: left for number, left in rest.items() if left}
