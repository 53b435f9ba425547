"""Children that take only what nobody else wants."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from meydan.kernel.bounded import LOWEST_PRIORITY, give_way


@pytest.fixture
def child() -> Iterator[int]:
    """Sleeps until the test is over."""
    with subprocess.Popen(("sleep", "60")) as process:
        yield process.pid
        process.kill()


def test_it_runs_only_while_nobody_else_wants_to(child: int) -> None:
    give_way(child)
    assert os.sched_getscheduler(child) == os.SCHED_IDLE
    assert os.getpriority(os.PRIO_PROCESS, child) == LOWEST_PRIORITY


def test_where_that_is_forbidden_it_is_as_nice_as_can_be(child: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_process: int, _policy: int, _param: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    give_way(child)
    assert os.getpriority(os.PRIO_PROCESS, child) == LOWEST_PRIORITY


def test_one_that_has_ended_already_gives_way_too() -> None:
    with subprocess.Popen(("true",)) as process:
        process.wait()
    give_way(process.pid)
