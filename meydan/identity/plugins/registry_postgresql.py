"""A registry that is a database: one query, read-only, with a bound on its time."""

import psycopg
from psycopg.rows import dict_row

from meydan.identity.plugins.registry import QUESTION_SECONDS, Entry, RegistryDown, entry_of
from meydan.kernel.config import Registry


class PostgresRegistry:
    """A connection for each question: they are few, and the registry is another's machine."""

    seconds = QUESTION_SECONDS

    def __init__(self, settings: Registry) -> None:
        self.name = settings.name
        self._url, self._query = settings.url, settings.query

    def look_up(self, number: str) -> Entry | None:
        """As the protocol says; a column `portrait` holds the picture's bytes."""
        options = f"-c statement_timeout={int(self.seconds * 1000)} -c default_transaction_read_only=on"
        try:
            with psycopg.connect(
                self._url, connect_timeout=int(QUESTION_SECONDS), options=options, row_factory=dict_row
            ) as line:
                rows = line.execute(self._query.encode(), {"number": number}).fetchmany(2)
        except psycopg.Error as error:
            raise RegistryDown(type(error).__name__) from error
        if len(rows) > 1:
            raise RegistryDown("more than one person has this number")
        if not rows:
            return None
        return entry_of(number, rows[0], bytes(rows[0].get("portrait") or b""))
