"""What a repository remembers between two publications: each application as it stands in the index, and what it was
before, for the diffs. One SQLite file beside the public folder; it also makes publishers wait for each other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_SECONDS = 60
DIFFS = 10
"""A client that knows one of so many last indexes is given a diff."""
TABLES = """
create table if not exists app (id text primary key, v2 blob, v1 blob, packages blob) without rowid;
create table if not exists picture (path text, app text, primary key (path, app)) without rowid;
create index if not exists pictures_of_app on picture (app);
create table if not exists publication (moment integer primary key, repo blob);
create table if not exists past (moment integer, id text, v2 blob, primary key (moment, id)) without rowid;
"""
FORGET = """
delete from publication where moment not in (select moment from publication order by moment desc limit ?)
"""


class State:
    """One transaction: what is not finished did not happen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    @property
    def last(self) -> int:
        """The moment of the last publication (ms); 0 before the first."""
        return int(self._sql.execute("select coalesce(max(moment), 0) from publication").fetchone()[0])

    def put(self, name: str, forms: tuple[bytes, bytes, bytes], pictures: list[str]) -> bool:
        """Keep an application; whether it is another than before."""
        before = self._sql.execute("select v2, v1, packages from app where id = ?", [name]).fetchone()
        if before == forms:
            return False
        self._remember(name, before[0] if before else None)
        self._sql.execute("insert or replace into app values (?, ?, ?, ?)", [name, *forms])
        self._sql.execute("delete from picture where app = ?", [name])
        self._sql.executemany("insert or ignore into picture values (?, ?)", [(path, name) for path in pictures])
        return True

    def remove(self, name: str) -> bool:
        """Forget an application; whether it was there."""
        before = self._sql.execute("select v2 from app where id = ?", [name]).fetchone()
        if not before:
            return False
        self._remember(name, before[0])
        self._sql.execute("delete from app where id = ?", [name])
        self._sql.execute("delete from picture where app = ?", [name])
        return True

    def _remember(self, name: str, was: bytes | None) -> None:
        self._sql.execute("insert or ignore into past values (?, ?, ?)", [self.last, name, was])

    def names(self) -> set[str]:
        return {row[0] for row in self._sql.execute("select id from app")}

    def count(self) -> int:
        """How many applications there are."""
        return int(self._sql.execute("select count(*) from app").fetchone()[0])

    def apps(self) -> Iterator[tuple[str, bytes]]:
        """Every application: its id, and how it stands (v2), as JSON."""
        return self._sql.execute("select id, v2 from app order by id")

    def old_apps(self) -> Iterator[tuple[bytes]]:
        """Every application as old clients read it (v1)."""
        return self._sql.execute("select v1 from app order by id")

    def old_packages(self) -> Iterator[tuple[str, bytes]]:
        """Every application's id and its versions as old clients read them (v1)."""
        return self._sql.execute("select id, packages from app order by id")

    def app(self, name: str) -> bytes | None:
        """An application as it stands (v2)."""
        row = self._sql.execute("select v2 from app where id = ?", [name]).fetchone()
        return row[0] if row else None

    def pictures(self) -> set[str]:
        """The paths of all pictures that an application has."""
        return {row[0] for row in self._sql.execute("select path from picture")}

    def publish(self, moment: int, repo: bytes) -> None:
        """Note that all this is published, and forget what no diff reaches back to."""
        self._sql.execute("insert into publication values (?, ?)", [moment, repo])
        self._sql.execute(FORGET, [DIFFS + 1])
        self._sql.execute("delete from past where moment < (select min(moment) from publication)")

    def publications(self) -> list[tuple[int, bytes]]:
        """The last ones but the newest: moment, and the index's own part."""
        return self._sql.execute(
            "select moment, repo from publication order by moment desc limit ? offset 1", [DIFFS]
        ).fetchall()

    def since(self, moment: int) -> dict[str, bytes | None]:
        """What has changed since that publication, as it was in it; None for what was not there."""
        rows = self._sql.execute("select id, v2 from past where moment >= ? order by moment desc", [moment])
        return dict(rows.fetchall())  # the earliest comes last, and stays


@contextmanager
def opened(path: Path) -> Iterator[State]:
    """The state, for one publisher at a time."""
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.executescript(TABLES)
        connection.execute("begin immediate")
        try:
            yield State(connection)
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
