"""Jobs: work that the worker does after the transaction that asked for it.

A thin coat over procrastinate, so that another queue could take its place. Enqueuing uses Django's own connection: a
job exists exactly if the transaction that enqueued it was committed.
"""

import asyncio
import functools
from asyncio import ALL_COMPLETED, FIRST_COMPLETED
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager
from procrastinate.tasks import Task, configure_task

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 6.0
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)
PATIENT = "photos"
"""The queue of heavy work that may wait: in each worker one such job at a time, beside all others. So neither waits for
the other, however long this queue is."""
Job = Task[Any, Any, Any]


def job(*, name: str, queue: str = "default", priority: int = 0) -> Callable[[Callable[..., Any]], Job]:
    """Make a function a job: it takes JSON-able keyword arguments, may run more than once, and is retried with growing
    pauses (2, 4, 8 ... seconds, 12 times). Jobs with a higher `priority` go first."""
    return app.task(name=name, queue=queue, priority=priority, retry=RETRY)


def periodic(*, name: str, cron: str) -> Callable[[Callable[[int], Any]], Job]:
    """Make a function a timer: called with the Unix time (s) it was due at, by `cron` (five fields, UTC)."""

    def decorate(work: Callable[[int], Any]) -> Job:
        @functools.wraps(work)
        def on_time(*, timestamp: int) -> None:
            work(timestamp)

        task: Job = app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(on_time))
        return task

    return decorate


def enqueue(task: Job, **arguments: Any) -> None:
    """Have the worker run `task` with these arguments, once the running transaction is committed."""
    _deferrer(task).defer(**arguments)


def enqueue_many(task: Job, arguments: Sequence[dict[str, Any]]) -> None:
    """The same for many argument sets, in one statement."""
    if arguments:
        _deferrer(task).batch_defer(*arguments)


def _deferrer(task: Job) -> JobDeferrer:
    """Always over Django's connection: inside the worker the app itself has another one, outside our transaction."""
    manager = JobManager(DjangoConnector())
    return configure_task(
        name=task.name, job_manager=manager, queue=task.queue, priority=task.priority, queueing_lock=task.queueing_lock
    )


def lag_seconds() -> float:
    """How long the oldest job that could run has been waiting, in seconds; 0 when none waits. Patient jobs do not
    count: that queue is long whenever many photos come at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(extract(epoch from now() - min(coalesce(job.scheduled_at, event.at))), 0)
                 from procrastinate_jobs job
                 join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'
                where job.status = 'todo' and (job.scheduled_at is null or job.scheduled_at <= now())
                  and job.queue_name <> %s""",
            [PATIENT],
        )
        return max(0.0, float(cursor.fetchone()[0]))


def run_worker(*, concurrency: int = 2, wait: bool = True) -> None:
    """Work through the jobs until SIGTERM or SIGINT, or with `wait=False` until none is left. Ends with an exception
    when the database goes away: the supervisor starts it again."""
    with app.replace_connector(_worker_connector()):
        asyncio.run(_work(concurrency, wait))


def _worker_connector() -> BaseConnector:
    return DjangoConnector().get_worker_connector()


async def _work(concurrency: int, wait: bool) -> None:
    async with app.open_async():
        quick = sorted({task.queue for task in app.tasks.values()} - {PATIENT})
        rescuer = asyncio.create_task(_rescue_forever())
        patient = asyncio.create_task(_take_jobs([PATIENT], 1, wait, signals=False))
        main = asyncio.create_task(_take_jobs(quick, concurrency, wait, signals=True))
        try:
            await asyncio.wait((main, patient), return_when=FIRST_COMPLETED if wait else ALL_COMPLETED)
        finally:
            for one in (rescuer, patient, main):
                one.cancel()
        for ended in await asyncio.gather(main, patient, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def _take_jobs(queues: Sequence[str], concurrency: int, wait: bool, *, signals: bool) -> None:
    await app.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        wait=wait,
        install_signal_handlers=signals,
        listen_notify=wait,
        fetch_job_polling_interval=1.0,
        delete_jobs="successful",
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        shutdown_graceful_timeout=5.0,
    )


async def _rescue_forever() -> None:
    """Jobs whose worker was killed go back into the queue, within about STALLED_SECONDS."""
    while True:
        await rescue_stalled()
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def rescue_stalled() -> int:
    """Put jobs whose worker gave no sign of life for STALLED_SECONDS back into the queue; returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for one in stalled:
        await app.job_manager.retry_job(one)
    return len(stalled)
