"""`meydan up`: one process that starts the database, the pages and the worker, and keeps them alive until stopped."""

import fcntl
import http.client
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import TextIO
from urllib.parse import urlsplit

import psycopg

from meydan import __version__
from meydan.kernel.config import Config, bracketed
from meydan.site import bundle, frontend, seal, stamps
from meydan.site.binaries import DatabaseError
from meydan.site.postgres import Server
from meydan.site.processes import Child, Spare, adopt_orphans, bind_to_parent, bury_orphans
from meydan.site.progress import Progress

READY_SECONDS = 60.0
PORT_SECONDS = 5.0  # what is left of a killed `up` may hold the port for a moment
LOOK_SECONDS = 0.2
PROBE_SECONDS = 5.0
PROBES_MISSED = 3


class Stop(Exception):
    """Somebody asked us to end."""


class CannotStart(Exception):
    """The one line that says why, and what to do."""


class Supervisor:
    """Owns the processes of one data folder."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.progress = Progress()
        self.database = None if config.database_url else Server(config.data)
        self.spare = Spare(_command("spare"))
        self.web = Child("web", _command("web"), self.spare)
        self.worker = Child("worker", _command("worker"), self.spare)
        self.gateways = [Child("gateway", _command("gateway"), self.spare) for _number in range(config.gateways)]
        self.frontend = Child("front-end libraries", _command("frontend"))
        self.held: list[socket.socket] = []
        self.missed = 0
        self.next_probe = 0.0

    def run(self) -> None:
        """Start, tell, keep alive; always stop. Ends with `Stop`, or with what went wrong."""
        print(f"Meydan {__version__}, {self.config.city}; everything it keeps is under {self.config.data}", flush=True)
        try:
            self._start()
            self._keep_alive()
        finally:
            self._stop()

    def _start(self) -> None:
        adopt_orphans()
        if seconds := float(os.environ.get("MEYDAN_INSTALL_SECONDS", "0")):
            self.progress.seconds["install"] = seconds
        self.held = [hold_port(self.config.bind, port) for port in (self.config.port, self.config.gateway_port)]
        with self.progress.step("database"):
            if self.database:
                self.database.start()
            known = self._wait_for_stamps()
        self._prepare(known)
        with self.progress.step("web"):
            self.web.start()
            self._wait_for_page()
        self.worker.start()
        for gateway in self.gateways:
            gateway.start()
        self._tell()

    def _wait_for_stamps(self) -> dict[str, str]:
        """A database of somebody else's may still be starting, as after a power cut."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                return stamps.read_stamps()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise CannotStart(f"the database does not answer: {error}") from None
                time.sleep(0.5)

    def _prepare(self, known: dict[str, str]) -> None:
        """What changed since the last start, in one child process, so that Django's memory goes with it."""
        wanted = {
            "migrate": known.get("schema") != stamps.schema_stamp(),
            "seed": known.get("city") != stamps.city_stamp(),
            "files": not stamps.is_static_laid_out(),
            "doors": self.config.beyond_loopback,
        }
        due = [name for name, is_due in wanted.items() if is_due]
        if not due:
            return
        bond = (signal.SIGKILL, os.getpid())
        with ProcessPoolExecutor(1, get_context("spawn"), initializer=bind_to_parent, initargs=bond) as pool:
            for name in due:
                with self.progress.step(name):
                    _prepared(pool.submit(run_preparation, name))

    def _wait_for_page(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not page_answers(self.config):
            if self.web.process and self.web.process.poll() is not None:
                raise CannotStart("the pages' process ended; its last words are above")
            if time.monotonic() > deadline:
                raise CannotStart("the first page does not answer; `meydan doctor` may say why")
            time.sleep(0.05)

    def _tell(self) -> None:
        print(f"Meydan is ready: http://{bracketed(self.config.bind)}:{self.config.port}")
        print(f"  {sum(self.progress.seconds.values()):.1f} s: {self.progress.split()}")
        if self.config.demo:
            print("  The demo's sign-ins (citizen, officer, admin ...) and their password are in README.md.")
        print("  Ctrl-C stops everything.", flush=True)

    def _keep_alive(self) -> None:
        if self.config.frontend and not all(part.is_installed() for part in (frontend, seal, bundle)):
            self.frontend.start()
        while True:
            self._look_after_database()
            for child in (self.web, self.worker, *self.gateways):
                say(child.look_after())
            self.spare.look_after()
            self._look_at_frontend()
            bury_orphans(self._ours())
            time.sleep(LOOK_SECONDS)

    def _ours(self) -> set[int]:
        parts = (self.web, self.worker, *self.gateways, self.frontend, self.spare, self.database)
        return {part.process.pid for part in parts if part and part.process}

    def _look_after_database(self) -> None:
        """A server that ended is started again at once; so is one that lives and takes no connections."""
        if self.database is None:
            return
        if (end := self.database.ended()) is not None:
            say(f"database ended ({end}); it is started again")
            self._revive_database(self.database)
        elif time.monotonic() >= self.next_probe:
            self.missed = self.missed + 1 if self.database.hangs() else 0
            if self.missed >= PROBES_MISSED:
                say("database takes no connections; it is started again")
                self.database.kill()
            self.next_probe = time.monotonic() + PROBE_SECONDS

    def _revive_database(self, database: Server) -> None:
        try:
            database.launch()
            database.wait()
        except DatabaseError as error:
            say(str(error))
        else:
            say("database is back")

    def _look_at_frontend(self) -> None:
        """New libraries came in: the pages' children are renewed one by one, so that none is refused meanwhile."""
        process = self.frontend.process
        if process is None or process.poll() is None:
            return
        self.frontend.process = None
        if process.returncode in (0, seal.UNSEALED):
            self.web.signal(signal.SIGHUP)
        if process.returncode == seal.UNSEALED:
            say("Messages cannot be encrypted in the browser yet; this waits for `bin/meydan frontend`.")
        elif process.returncode:
            say("Front-end libraries could not be installed; maps wait for `bin/meydan frontend`.")

    def _stop(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.spare.stop()
        children = (self.frontend, self.worker, *self.gateways, self.web)
        for child in children:
            child.signal(signal.SIGTERM)
        for child in children:
            child.wait_for_end()
        if self.database:
            self.database.stop()
        for held in self.held:
            held.close()


def run_preparation(name: str) -> None:
    """Runs in a process of its own, which loads Django; this one never does. What goes wrong is told in words: another
    process cannot always take an error as it is."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "meydan.site.settings"
    try:
        importlib.import_module("meydan.site.prepare").run(name)
    except Exception as error:
        raise RuntimeError(f"{type(error).__name__}: {error}") from None


def _prepared(part: "Future[None]") -> None:
    try:
        part.result()
    except (RuntimeError, OSError) as error:
        raise CannotStart(str(error)) from error


def _command(verb: str) -> list[str]:
    return [sys.executable, "-m", "meydan.site.cli", verb]


def run(config: Config) -> int:
    """The exit code of `meydan up`."""
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, _ask_to_stop)
    try:
        with hold_lock(config.data):
            Supervisor(config).run()
    except Stop:
        print("Meydan has stopped.", flush=True)
        return 0
    except CannotStart as error:
        print(f"meydan: {error}", file=sys.stderr)
    return 1


def _ask_to_stop(_sign: int, _frame: FrameType | None) -> None:
    raise Stop


@contextmanager
def hold_lock(data: Path) -> Iterator[TextIO]:
    """One `up` per data folder. The kernel gives the lock back whatever ends us. Raises `CannotStart`."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "?"
            raise CannotStart(
                f"Meydan already runs on {data} (process {pid}). Stop that one first, or give --data another folder."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file


def hold_port(host: str, port: int) -> socket.socket:
    """Take a port before the long work begins, so that nobody else has it when the pages come to share it with us.
    Raises `CannotStart` when it is taken."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        try:
            _bind(host, port, shared=False).close()
            return _bind(host, port, shared=True)
        except OSError as error:
            if time.monotonic() > deadline:
                why = error.strerror or str(error)
                raise CannotStart(f"port {port} on {host} cannot be used: {why}. Give --port another.") from None
            time.sleep(0.25)


def _bind(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket that does not listen. `shared` lets other sockets of this account listen there (as granian's do)."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    held = socket.socket(family, kind, protocol)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if shared else socket.SO_REUSEADDR, 1)
        held.bind(address)
    except OSError:
        held.close()
        raise
    return held


def page_answers(config: Config) -> bool:
    """Whether the home page comes, asked for by the public name."""
    line = http.client.HTTPConnection(bracketed(config.bind).strip("[]"), config.port, timeout=20)
    try:
        line.request("GET", "/", headers={"Host": urlsplit(config.base_url).netloc})
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def say(line: str) -> None:
    """A line of the log, with its moment; nothing for nothing."""
    if line:
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
