"""Fixtures of the walks through identity: the scene first, for Playwright keeps a loop in the thread, in which nothing
can be signed."""

from collections.abc import Iterator

import pytest
from django.db import connection

from meydan.identity.tests.conftest import browser
from tests.identity.scene import Scene, set_scene

__all__ = ["browser", "scene"]


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Scene]:
    """Committed, for the city's own threads read it; afterwards Django empties the tables, facts included."""
    try:
        yield set_scene()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter table kernel_fact disable trigger kernel_fact_no_truncate")
