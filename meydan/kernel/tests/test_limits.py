"""Rate limits on a real database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from meydan.kernel import limits
from meydan.kernel.config import config
from meydan.kernel.errors import TooMany
from meydan.kernel.limits import check, forget_old_limits
from meydan.kernel.models import RateLimit

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the seconds since START."""

    def turn(seconds: float) -> None:
        monkeypatch.setattr(limits, "now", lambda: START + timedelta(seconds=seconds))

    turn(0)
    return turn


def tries(count: int, *, limit: int = 5, key: str = "a") -> int:
    """How many of `count` tries pass within a minute's limit."""
    passed = 0
    for _try in range(count):
        try:
            check(key, limit=limit, seconds=60)
            passed += 1
        except TooMany:
            pass
    return passed


@pytest.mark.django_db
def test_the_window_slides(clock: Clock) -> None:
    assert tries(8) == 5
    clock(61)
    assert tries(3) == 0, "the last minute is still full"
    clock(90)
    assert 1 <= tries(5) <= 3, "half of the last minute counts"
    clock(60 * 5)
    assert tries(8) == 5


@pytest.mark.django_db
def test_retry_after_is_true(clock: Clock) -> None:
    clock(10)
    tries(5)
    with pytest.raises(TooMany) as refused:
        check("a", limit=5, seconds=60)
    wait = refused.value.retry_after
    assert 50 <= wait <= 110
    clock(10 + wait)
    check("a", limit=5, seconds=60)


@pytest.mark.django_db
def test_retry_after_within_the_second_window(clock: Clock) -> None:
    clock(59)
    tries(5)
    clock(62)
    with pytest.raises(TooMany) as refused:
        check("a", limit=5, seconds=60)
    clock(62 + refused.value.retry_after)
    check("a", limit=5, seconds=60)


@pytest.mark.django_db
def test_keys_are_apart_and_not_in_clear(clock: Clock) -> None:
    tries(5, key="login:192.0.2.1")
    assert tries(1, key="login:192.0.2.2") == 1
    assert all(b"192.0.2" not in bytes(row.key) for row in RateLimit.objects.all())


@pytest.mark.django_db
def test_old_rows_are_swept(clock: Clock) -> None:
    tries(1)
    assert forget_old_limits() == 0
    clock(200)
    assert forget_old_limits() == 1
    assert not RateLimit.objects.exists()


@pytest.mark.django_db
def test_the_operator_may_switch_them_off(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(limits, "config", lambda: config().model_copy(update={"rate_limits": False}))
    assert tries(50) == 50


def test_a_limit_without_sense() -> None:
    with pytest.raises(ValueError, match="at least one"):
        check("a", limit=0, seconds=60)


@pytest.fixture
def real_commits(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Commits that other connections see. (Facts refuse the TRUNCATE of pytest-django's transactional tests.)"""
    with django_db_blocker.unblock():
        yield
        RateLimit.objects.all().delete()
        connection.close()


@pytest.mark.usefixtures("real_commits")
def test_counts_are_exact_under_threads(clock: Clock) -> None:
    passed: list[int] = []

    def knock() -> None:
        passed.append(tries(10, limit=15))
        connection.close()

    threads = [Thread(target=knock) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 15


@pytest.mark.django_db
def test_the_table_is_unlogged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'kernel_rate_limit'")
        assert cursor.fetchone() == ("u",)
