"""What docs/features.md says of the square: each row is there, each address answers, each test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.urls import resolve

HOME = Path(__file__).resolve().parent.parent
PAPER = HOME / "docs" / "features.md"
ROW = re.compile(r"\| (F\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
OWED = [f"F{number:02d}" for number in range(2, 32) if number != 3]
ROWS = ROW.findall(PAPER.read_text("utf-8"))
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])


@cache
def defined_in(path: Path) -> set[str]:
    """The names of the tests that a file defines."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_row_is_there_once() -> None:
    assert [name for name, *_rest in ROWS] == OWED


@each_row
def test_it_is_where_it_says(row: tuple[str, str, str, str]) -> None:
    """`resolve` raises for an address that nobody answers."""
    addresses = re.findall(r"`(/[^`]*)`", row[2])
    assert addresses
    assert all(resolve(address) for address in addresses)


@each_row
def test_the_tests_that_it_names_are_there(row: tuple[str, str, str, str]) -> None:
    named = LINK.findall(row[3])
    assert named
    gone = [name for name, path in named if name not in defined_in((PAPER.parent / path).resolve())]
    assert not gone
