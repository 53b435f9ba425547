"""`GET /health`: is everything that the city needs alive? For load balancers, monitors and `meydan doctor`."""

import time
from typing import Any

import psycopg
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meydan import __version__
from meydan.kernel import jobs
from meydan.site.stamps import connection_arguments

PATIENCE_SECONDS = 2
SILENT_SECONDS = 20.0
"""A worker writes a sign of life every two seconds; one that lives and has not for this long hangs."""
STARTING_SECONDS = 30.0
"""The pages come first: the worker starts after them, and its jobs wait."""
LOADED = time.monotonic()


@require_safe
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503 with the part that is down. Bounded: a database that hangs costs two seconds."""
    database, worker = "down", _worker_state(None, 0, None)
    try:
        worker = _ask()
        database = "up"
    except (psycopg.Error, DatabaseFailure):
        pass
    is_well = database == "up" and worker["state"] != "down"
    body = {"status": "ok" if is_well else "down", "version": __version__, "database": database, "worker": worker}
    answer = JsonResponse(body, status=200 if is_well else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django's mark: monitors ask often, the log knows why
    return answer


def _ask() -> dict[str, Any]:
    """On a connection of its own: those of the pages may be the very thing that hangs."""
    arguments = connection_arguments(connection.settings_dict) | {
        "connect_timeout": PATIENCE_SECONDS,
        "options": f"-c statement_timeout={PATIENCE_SECONDS}s",
    }
    with psycopg.connect(**arguments) as session:
        row = session.execute(
            "select extract(epoch from now() - max(last_heartbeat))::float from procrastinate_workers"
        ).fetchone()
        workers = jobs.count_workers(session)
    return _worker_state(row[0] if row else None, workers, jobs.lag_seconds())


def _worker_state(silent: float | None, workers: int, lag: float | None) -> dict[str, Any]:
    return {"state": _state(silent, workers), "lag_seconds": None if lag is None else round(lag, 1)}


def _state(silent: float | None, workers: int) -> str:
    """`silent`: seconds since a worker's last sign of life. A worker that ends in good order takes its row with it; one
    that was killed leaves the row, and lives no more."""
    if silent is not None and silent < SILENT_SECONDS:
        return "up" if workers else "down"
    return "starting" if time.monotonic() - LOADED < STARTING_SECONDS else "down"
