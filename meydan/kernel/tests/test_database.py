"""Our database backend: what it notices of a connection without asking, and moments read as Django reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper

from meydan.kernel.database import base
from meydan.kernel.database.base import DatabaseWrapper


@pytest.fixture
def other(db: None) -> Iterator[DatabaseWrapper]:
    """A connection of its own, which has answered just now."""
    one = connection.copy()
    assert isinstance(one, DatabaseWrapper)
    one.connect()
    assert one.is_usable()
    yield one
    one.close()


class AskedTheServer(Exception):
    """Raised in place of a question."""


@pytest.fixture
def question(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until the end of the test's own part the server may not be asked."""

    def asked(_self: PostgresWrapper) -> bool:
        raise AskedTheServer

    with monkeypatch.context() as patch:
        patch.setattr(PostgresWrapper, "is_usable", asked)
        yield


def test_a_quiet_connection_is_not_asked(other: DatabaseWrapper, question: None) -> None:
    assert other.is_usable()


def test_a_connection_that_the_server_ended_is_noticed_at_once(other: DatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])
    assert not other.is_usable()


def test_after_a_while_it_is_asked(other: DatabaseWrapper, question: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "ASK_AFTER", 0.0)
    with pytest.raises(AskedTheServer):
        other.is_usable()


def test_after_an_error_it_is_asked(other: DatabaseWrapper, question: None) -> None:
    other.errors_occurred = True
    with pytest.raises(AskedTheServer):
        other.is_usable()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 8, 30, 1, 500_000, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_moments(db: None, moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::timestamptz", [moment])
        (found,) = cursor.fetchone()
    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"])
def test_moments_beyond_all_years_are_refused_as_ever(db: None, moment: str) -> None:
    with pytest.raises(DataError), connection.cursor() as cursor:
        cursor.execute("select %s::timestamptz", [moment])
        cursor.fetchone()
