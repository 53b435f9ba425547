"""Jobs: work that the worker does after the transaction that asked for it.

A thin coat over procrastinate, so that another queue could take its place. Enqueuing uses Django's own connection: a
job exists exactly if the transaction that enqueued it was committed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 6.0
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)
Job = Task[Any, Any, Any]
C = TypeVar("C", bound=Callable[..., Any])


def job(*, name: str, queue: str = "default", priority: int = 0) -> Callable[[Callable[..., Any]], Job]:
    """Make a function a job: it takes JSON-able keyword arguments, may run more than once, and is retried with growing
    pauses (2, 4, 8 ... seconds, 12 times). Jobs with a higher `priority` go first."""
    return app.task(name=name, queue=queue, priority=priority, retry=RETRY)


def periodic(*, name: str, cron: str) -> Callable[[Callable[[int], Any]], Job]:
    """Make a function a timer: called with the Unix time (s) it was due at, by `cron` (five fields, UTC)."""

    def decorate(work: Callable[[int], Any]) -> Job:
        task: Job = app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, pass_context=False)(work))
        return task

    return decorate


def enqueue(task: Job, **arguments: Any) -> None:
    """Have the worker run `task` with these arguments, once the running transaction is committed."""
    task.defer(**arguments)


def enqueue_many(task: Job, arguments: Sequence[dict[str, Any]]) -> None:
    """The same for many argument sets, in one statement."""
    if arguments:
        task.batch_defer(*arguments)


def lag_seconds() -> float:
    """How long the oldest job that could run has been waiting, in seconds; 0 when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(extract(epoch from now() - min(coalesce(job.scheduled_at, event.at))), 0)
                 from procrastinate_jobs job
                 join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'
                where job.status = 'todo' and (job.scheduled_at is null or job.scheduled_at <= now())"""
        )
        return max(0.0, float(cursor.fetchone()[0]))


async def rescue_stalled() -> int:
    """Put jobs whose worker died back into the queue; returns how many."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    rescued = 0
    for one in stalled:
        await app.job_manager.retry_job(one)
        rescued += 1
    return rescued
