"""The backend that `ENGINE` names. Only `is_usable` differs from Django's.

Django asks the server `SELECT 1` at the start of each request that uses the database, to notice a server that was
started again: a round trip, which costs the web process as much as a small query. A server that went away closes its
socket, and that the system can tell at once. Only what no socket tells (a firewall that forgot the connection) needs
the question, every `ASK_AFTER` seconds.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper

ASK_AFTER = 5.0
"""Seconds after which a connection that says nothing is asked whether it still works."""


class DatabaseWrapper(PostgresWrapper):
    """PostgreSQL, asked `SELECT 1` only after an error, after `ASK_AFTER` seconds, or when its socket has news."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered_at = 0.0

    def is_usable(self) -> bool:
        """Whether the connection works; closes nothing, raises nothing."""
        if not self.errors_occurred and time.monotonic() - self._answered_at < ASK_AFTER and self._is_quiet():
            return True
        usable = super().is_usable()
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
