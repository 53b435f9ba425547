"""Jobs as the worker itself runs them: timers are called with their time, and what was enqueued is done."""

import asyncio

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from meydan.kernel import jobs

pytestmark = pytest.mark.django_db

RUNG: list[int] = []


@jobs.periodic(name="tests.ring", cron="0 0 1 1 *")
def ring(due: int) -> None:
    """Once a year."""
    RUNG.append(due)


def test_a_timer_is_called_as_the_worker_calls_it() -> None:
    app.tasks["tests.ring"](timestamp=1_767_225_600)
    assert RUNG == [1_767_225_600]


def test_every_timer_of_the_house_takes_its_time() -> None:
    for timer in app.periodic_registry.periodic_tasks.values():
        if timer.task.name.startswith("site."):
            timer.task(timestamp=0)


def test_the_oldest_waiting_job_is_the_lag() -> None:
    assert jobs.lag_seconds() == 0
    jobs.enqueue(app.tasks["kernel.run_reaction"], fact_id=1, reaction="nobody")
    assert 0 <= jobs.lag_seconds() < 60
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_a_worker_is_counted_while_its_connection_lives() -> None:
    async def count_from_within() -> int:
        async with jobs.sign_of_life():
            return count()

    def count() -> int:
        with psycopg.connect(**connector_params()) as session:
            return jobs.count_workers(session)

    assert asyncio.run(count_from_within()) == 1
    assert count() == 0


def test_a_worker_hears_of_jobs_once_after_their_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as told:
        for number in range(3):
            jobs.enqueue(app.tasks["kernel.run_reaction"], fact_id=number, reaction="nobody")
    assert len(told) == 1
    told[0]()
    with connection.cursor() as cursor:
        cursor.execute("select tgname from pg_trigger where tgrelid = 'procrastinate_jobs'::regclass")
        triggers = {name for (name,) in cursor.fetchall()}
    assert not [name for name in triggers if "notify_queue_job_inserted" in name], "it makes all others wait"
    assert [job.args["fact_id"] for job in ProcrastinateJob.objects.order_by("id")] == [0, 1, 2]


def test_a_pulse_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[str] = []
    monkeypatch.setattr(jobs, "_PULSES", [lambda: 1 / 0, lambda: beats.append("on")])
    monkeypatch.setattr(connection, "close", lambda: None)
    jobs._pulse_once()
    jobs._pulse_once()
    assert beats == ["on", "on"]


def test_where_nothing_waits_one_statement_says_so(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        jobs._then_those_that_wait(lambda: None, None, None)  # type: ignore[arg-type]  # it asks neither for anything


def test_after_a_job_those_that_wait_are_done_and_what_they_ask_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, int]] = []

    def first(wanted: list[dict[str, int]]) -> list[bool]:
        done.extend(("first", one["number"]) for one in wanted)
        jobs.enqueue(app.tasks["kernel.run_reaction"], number=9)
        return [True] * len(wanted)

    def second(wanted: list[dict[str, int]]) -> list[bool]:
        done.extend(("second", one["number"]) for one in wanted)
        return [False] * len(wanted)

    monkeypatch.setattr(jobs, "_MANY", {"tests.ring": first, "kernel.run_reaction": second})
    jobs.enqueue_many(app.tasks["tests.ring"], [{"number": 1}, {"number": 2}])
    with pytest.raises(ZeroDivisionError):
        jobs._then_those_that_wait(lambda: 1 / 0, None, None)  # type: ignore[arg-type]  # it asks neither
    assert done == [("first", 1), ("first", 2), ("second", 9)]
    (left,) = ProcrastinateJob.objects.all()
    assert left.args == {"number": 9} and left.scheduled_at, "it is tried by itself, with pauses"
