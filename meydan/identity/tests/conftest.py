"""Fixtures of identity's tests."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests whose threads must see each other's commits: afterwards Django empties the tables, facts included."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_fact disable trigger kernel_fact_no_truncate")
