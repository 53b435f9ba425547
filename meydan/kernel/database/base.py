"""The backend that `ENGINE` names: Django's for PostgreSQL, but for four things that every request pays.

- **Health.** Django asks the server `SELECT 1` at the start of each request that uses the database, to notice a server
  that was started again: a round trip. A server that went away closes its socket, and that the system can tell at once.
  Only what no socket tells (a firewall that forgot the connection) needs the question, every `ASK_AFTER` seconds.
- **Plans.** A table with thirty indexes takes the server longer to plan for than a question takes to answer (0.7 ms and
  0.2 ms for what is near a place, at ten million reports). Django writes the values into the statement, so that no two
  are alike; ours keeps them apart, and the server keeps the plans: a third off a worklist, a fifth off a new report.
- **Threads.** Django finds this thread's connection in asgiref's store, 4 µs a look. Ours is Python's own.
- **Moments.** Django reads them with psycopg's pure Python: 9 µs each. Python's own parser takes a tenth of that.
"""

import re
import select
import threading
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import CursorMixin
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.features import DatabaseFeatures
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader

ASK_AFTER = 5.0
"""Seconds after which a connection that says nothing is asked whether it still works."""
PREPARE_AFTER = 5
"""Times that a connection sends a statement before the server is asked to keep its plan."""
TAKES_VALUES = re.compile(r"\s*(select|insert|update|delete|merge|values|with)\b", re.IGNORECASE).match

connections._connections = threading.local()  # type: ignore[attr-defined]  # no public name


class MomentLoader(TimestamptzLoader):
    """`timestamptz` as the server writes it on our connections, whose time zone is always UTC."""

    timezone = UTC  # Django compares this with the connection's own

    def load(self, data: Buffer) -> datetime:
        """The moment. What Python's years cannot hold ("infinity", "BC") raises psycopg's DataError, as ever."""
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)


class PreparingCursor(CursorMixin, psycopg.Cursor[Any]):
    """Values travel beside the statement, so that the server can keep its plan; but for statements that take none."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        """As psycopg's."""
        if params is not None and isinstance(query, str) and not TAKES_VALUES(query):
            query, params = psycopg.ClientCursor(self.connection).mogrify(query, params), None
        return super().execute(query, params, **how)


class Features(DatabaseFeatures):
    """What Django should know of our cursors."""

    uses_server_side_binding = True


class DatabaseWrapper(PostgresWrapper):
    """PostgreSQL, asked `SELECT 1` only after an error, after `ASK_AFTER` seconds, or when its socket has news."""

    features_class = Features

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered_at = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our reading of moments."""
        params: dict[str, Any] = super().get_connection_params()
        adapters = AdaptersMap(params["context"])
        adapters.register_loader("timestamptz", MomentLoader)
        prepared = {"cursor_factory": PreparingCursor, "prepare_threshold": PREPARE_AFTER}
        return {**params, "context": adapters, **prepared}

    def is_usable(self) -> bool:
        """Whether the connection works; closes nothing, raises nothing."""
        if not self.errors_occurred and time.monotonic() - self._answered_at < ASK_AFTER and self._is_quiet():
            return True
        usable: bool = super().is_usable()
        if usable:
            self._answered_at = time.monotonic()
        return usable

    def _is_quiet(self) -> bool:
        """Whether the socket is open with nothing to read: neither an end nor a farewell of the server."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
