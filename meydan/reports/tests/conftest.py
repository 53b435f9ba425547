"""What the tests of reports share."""

from collections.abc import Iterator

import pytest

from meydan.reports import queries
from meydan.reports.pages import drawing, mapping


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What a process remembers for some seconds belongs to one test's city only."""
    for remembered in (queries._labels, queries._figures, drawing._sheet, mapping._districts):
        remembered.cache_clear()
    yield
