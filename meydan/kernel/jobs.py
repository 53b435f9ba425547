"""Jobs: work that the worker does after the transaction that asked for it.

A thin coat over procrastinate, so that another queue could take its place. Enqueuing uses Django's own connection: a
job exists exactly if the transaction that enqueued it was committed.
"""

import asyncio
import functools
import json
import logging
import os
import sys
from asyncio import ALL_COMPLETED, FIRST_COMPLETED
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.middleware import SyncCallNext
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.tasks import Task
from procrastinate.worker import Worker
from psycopg import AsyncConnection, Connection
from psycopg_pool import AsyncConnectionPool

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 6.0
WORKER_LOCK = (1_296_389_465, 1)
"""The advisory lock that every living worker shares."""
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)
MOST_AT_ONCE = 4
"""Jobs at a time in one process: they mostly wait for the database, or for the mail server."""
MOST_TOGETHER = 20
"""Jobs in one transaction. More gain little, lock rows for longer, and soon make 64 subtransactions, after which
PostgreSQL finds visible rows the slow way."""
PATIENT = "photos"
"""The queue of heavy work that may wait: in each worker one such job at a time, beside all others. So neither waits for
the other, however long this queue is."""
FACES = "faces"
"""Another such queue, with a lane of its own: whoever waits for a verdict does not wait for the photos of reports."""
FACES_AT_ONCE = os.cpu_count() or 1
"""One for each core: the work is done in children that give way, and take what nobody else wants."""
Job = Task[Any, Any, Any]
DATABASE_GONE = (psycopg.Error, ConnectorException)
PULSE_SECONDS = 1.0
Many = Callable[[list[dict[str, Any]]], list[bool]]
_MANY: dict[str, Many] = {}
_PULSES: list[Callable[[], Any]] = []
log = logging.getLogger(__name__)


def job(
    *, name: str, queue: str = "default", priority: int = 0, many: Many | None = None
) -> Callable[[Callable[..., Any]], Job]:
    """Make a function a job: it takes JSON-able keyword arguments, may run more than once, and is retried with growing
    pauses (2, 4, 8 ... seconds, 12 times). Jobs with a higher `priority` go first.

    A short job that only writes to the database may say how `many` are done at once: called in a transaction with the
    arguments of each, it tells of each whether it was done. Those that wait are done so after any job, whatever else
    is in the queue.
    """
    if many is not None:
        _MANY[name] = many
    return app.task(name=name, queue=queue, priority=priority, retry=RETRY, task_middleware=[_then_those_that_wait])


def _then_those_that_wait(call_next: SyncCallNext, _context: JobContext, _worker: Worker) -> Any:
    """Whether that job did well or not."""
    try:
        return call_next()
    finally:
        if _some_wait():
            for name, many in _MANY.items():
                run_waiting(name, many)


def _some_wait() -> bool:
    """Whether there are jobs that are done many at once and nobody has tried yet. After most jobs there are none: that
    is one statement, where to take none would be five for each name."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING, [list(_MANY)])
            return bool(cursor.fetchone()[0])
    except DatabaseError:  # the job before is done, and has said whether it went well
        log.exception("nobody knows which jobs wait")
        return False


def periodic(*, name: str, cron: str) -> Callable[[Callable[[int], Any]], Job]:
    """Make a function a timer: called with the Unix time (s) it was due at, by `cron` (five fields, UTC)."""

    def decorate(work: Callable[[int], Any]) -> Job:
        @functools.wraps(work)
        def on_time(*, timestamp: int) -> None:
            work(timestamp)

        task: Job = app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(on_time))
        return task

    return decorate


def pulse(work: Callable[[], Any]) -> Callable[[], Any]:
    """Have each worker call a function every PULSE_SECONDS, beside its jobs, for as long as it lives: housekeeping that
    must be cheap when there is nothing to do, and bear several workers doing it."""
    _PULSES.append(work)
    return work


def enqueue(task: Job, **arguments: Any) -> None:
    """Have the worker run `task` with these arguments, once the running transaction is committed."""
    enqueue_many(task, [arguments])


def enqueue_at(moment: datetime, task: Job, **arguments: Any) -> None:
    """The same, but not before this moment."""
    _put(task, [arguments], moment)


def enqueue_many(task: Job, arguments: Sequence[dict[str, Any]]) -> None:
    """The same for many argument sets, in one statement. Over Django's connection, also inside the worker, whose own
    is outside of our transaction."""
    if arguments:
        _put(task, arguments)
        _wake_after_commit(_waker(task.queue))


def _put(task: Job, arguments: Sequence[dict[str, Any]], moment: datetime | None = None) -> None:
    given = [json.dumps(one) for one in arguments]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [task.queue, task.name, task.priority, moment, given])


ENQUEUE = """
    insert into procrastinate_jobs (queue_name, task_name, priority, args)
    select 'default', {name}, 0, {arguments}"""
"""For who writes by plain SQL, outside Django: the statement that enqueues a job; what follows it is "from ..."."""


@functools.cache
def _waker(queue: str) -> Callable[[], None]:
    """What wakes the workers of a queue: once the jobs are committed, for a transaction that notifies makes all others
    that do so wait for its commit. A worker that hears nothing looks by itself every second."""

    def wake() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [f"procrastinate_queue_v1#{queue}", _JOB_INSERTED])

    return wake


def _wake_after_commit(wake: Callable[[], None]) -> None:
    """Once for each transaction, however many jobs it brings."""
    if not any(wake in waiting for waiting in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)


def lag_seconds() -> float:
    """How long the oldest job that could run has been waiting, in seconds; 0 when none waits. Patient jobs do not
    count: that queue is long whenever many photos come at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(extract(epoch from now() - min(coalesce(job.scheduled_at, event.at))), 0)
                 from procrastinate_jobs job
                 join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'
                where job.status = 'todo' and (job.scheduled_at is null or job.scheduled_at <= now())
                  and job.queue_name <> all(%s)""",
            [[PATIENT, FACES]],
        )
        return max(0.0, float(cursor.fetchone()[0]))


def run_waiting(name: str, many: Many) -> int:
    """Do jobs called `name` that nobody has tried yet, oldest first; returns how many were done.

    To fetch, to commit and to finish costs more than what a short job does itself, so it is paid once for many. A job's
    row goes with its effects or stays with them: when this process dies half-way they all wait on, unharmed. One that
    was not done is left to be run by itself, with the usual pauses.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE, [name, MOST_TOGETHER])
            taken = [(number, json.loads(arguments)) for number, arguments in cursor.fetchall()]
            if not taken:
                return 0
            done = many([arguments for _number, arguments in taken])
            numbers = {
                was: [one for (one, _), so in zip(taken, done, strict=True) if so is was] for was in (True, False)
            }
            cursor.execute("delete from procrastinate_jobs where id = any(%s)", [numbers[True]])
            if numbers[False]:
                cursor.execute(
                    "update procrastinate_jobs set scheduled_at = now() where id = any(%s)", [numbers[False]]
                )
        return len(numbers[True])
    except DatabaseError:  # the job before is done; these wait on
        log.exception("%s: %d could not be done at once", name, MOST_TOGETHER)
        return 0


_PUT = """
    insert into procrastinate_jobs (queue_name, task_name, priority, scheduled_at, args)
    select %s, %s, %s, %s::timestamptz, args::jsonb from unnest(%s::text[]) as args"""
_JOB_INSERTED = json.dumps({"type": "job_inserted", "job_id": 0})
_WAITING = """
    select exists (select from procrastinate_jobs
                    where task_name = any(%s) and status = 'todo' and attempts = 0 and scheduled_at is null)"""
_TAKE = """
    select id, args::text from procrastinate_jobs
     where task_name = %s and status = 'todo' and attempts = 0 and scheduled_at is null
     order by priority desc, id limit %s for update skip locked"""


def run_worker(*, concurrency: int = MOST_AT_ONCE, wait: bool = True) -> None:
    """Work through the jobs until SIGTERM or SIGINT, or with `wait=False` until none is left. Without a
    database it raises one of DATABASE_GONE; when the database goes away it ends the process."""
    with app.replace_connector(_worker_connector()):
        asyncio.run(_work(concurrency, wait))


def _worker_connector() -> BaseConnector:
    """procrastinate's own would make eight round trips to fetch and finish a job: ours makes two, for its statements
    are whole by themselves, and a connection that is lost ends the worker anyway."""
    return PsycopgConnector(pool_factory=_unchecked_pool, kwargs=connector_params(), configure=_commit_by_statement)


def _unchecked_pool(*, check: object, **arguments: Any) -> AsyncConnectionPool:
    return AsyncConnectionPool(**arguments)


async def _commit_by_statement(session: AsyncConnection[Any]) -> None:
    await session.set_autocommit(True)


async def _work(concurrency: int, wait: bool) -> None:
    async with sign_of_life() as line, app.open_async():
        quick = sorted({task.queue for task in app.tasks.values()} - {PATIENT, FACES})
        watch = asyncio.create_task(_keep_watch(line))
        beat = asyncio.create_task(_beat())
        lanes = {PATIENT: 1, FACES: FACES_AT_ONCE}
        patient = [asyncio.create_task(_take_jobs([one], most, wait, signals=False)) for one, most in lanes.items()]
        main = asyncio.create_task(_take_jobs(quick, concurrency, wait, signals=True))
        try:
            await asyncio.wait((main, *patient), return_when=FIRST_COMPLETED if wait else ALL_COMPLETED)
        finally:
            for one in (watch, beat, *patient, main):
                one.cancel()
        for ended in await asyncio.gather(main, *patient, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def _beat() -> None:
    with ThreadPoolExecutor(1, "pulse") as thread:  # always the same thread, hence the same connection
        try:
            while True:
                await asyncio.get_running_loop().run_in_executor(thread, _pulse_once)
                await asyncio.sleep(PULSE_SECONDS)
        finally:
            thread.submit(connection.close)


def _pulse_once() -> None:
    for work in _PULSES:
        try:
            work()
        except Exception:  # tried again with the next beat
            log.exception("%s failed", getattr(work, "__qualname__", work))
            connection.close()


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


@asynccontextmanager
async def sign_of_life() -> AsyncIterator[AsyncConnection[Any]]:
    """Hold WORKER_LOCK on a connection of its own. Whatever ends this process ends the connection and the lock with it;
    where a whole machine goes, the keepalives tell within about twenty seconds."""
    async with await AsyncConnection.connect(**connector_params(), autocommit=True) as line:
        await line.execute(
            """select pg_advisory_lock_shared(%s, %s), set_config('idle_session_timeout', '0', false),
                      set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_count', '3', false),
                      set_config('tcp_keepalives_interval', '3', false)""",
            WORKER_LOCK,
        )
        yield line


def count_workers(session: Connection[Any]) -> int:
    """How many workers live, by the locks that they hold. Raises `psycopg.Error`."""
    row = session.execute(
        """select count(*) from pg_locks
            where locktype = 'advisory' and granted and (classid, objid) = (%s, %s)
              and database = (select oid from pg_database where datname = current_database())""",
        WORKER_LOCK,
    ).fetchone()
    return int(row[0]) if row else 0


async def _keep_watch(line: AsyncConnection[Any]) -> None:
    """Jobs whose worker was killed go back into the queue, within about STALLED_SECONDS. And when the database goes
    away this process ends on the spot: nothing that runs now could be kept, and whoever started it starts it again."""
    try:
        while True:
            await rescue_stalled()
            async for _nothing in line.notifies(timeout=HEARTBEAT_SECONDS):  # waits, and fails as soon as the line does
                pass
    except DATABASE_GONE as error:
        print(describe_loss(error), file=sys.stderr, flush=True)
        os._exit(1)


def describe_loss(error: Exception) -> str:
    """One line of the log."""
    return "worker: no database ({})".format(str(error).strip().partition("\n")[0])


async def rescue_stalled() -> int:
    """Put jobs whose worker gave no sign of life for STALLED_SECONDS back into the queue; returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for one in stalled:
        await app.job_manager.retry_job(one)
    return len(stalled)
