"""What the tests of reports share."""

from collections.abc import Iterator

import pytest

from meydan.reports import queries
from meydan.reports.pages import drawing, mapping


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What a process remembers for some seconds belongs to one test's city only."""
    queries.forget_labels()
    queries.forget_figures()
    queries.forget_model()
    for remembered in (drawing._sheet, mapping._districts):
        remembered.cache_clear()
    yield
