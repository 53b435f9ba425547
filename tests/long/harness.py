"""A whole `meydan up` in a folder of its own, to be killed and watched from outside; `test_kills.py` shows its use."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from meydan.kernel.config import GATEWAY_STEP, load_config

CHECKOUT = Path(__file__).resolve().parents[2]
READY_SECONDS = 180.0
SETTLED_SECONDS = 120.0
HEAL_SECONDS = 10.0
BORN_SECONDS = 30.0
CHILDREN = {"meydan-web": "pages", "meydan-worker": "jobs", "meydan-gateway": ""}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A running `meydan up`."""

    data: Path
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def lines(self) -> list[str]:
        """What it has said so far."""
        return self.log.read_text("utf-8").splitlines(keepends=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def named(self) -> str:
        """The same by a name: browsers keep passkeys for names alone."""
        return f"http://localhost:{self.port}"

    @property
    def gateway(self) -> str:
        """Where the messenger is served."""
        return f"http://127.0.0.1:{self.port + GATEWAY_STEP}"

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body. Raises `OSError` while nobody listens."""
        status, body, _headers = self.fetch(path)
        return status, body

    def fetch(self, path: str, timeout: float = 5.0) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers (names in small letters). Raises `OSError` while nobody listens."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.headers.items()}
        except http.client.HTTPException as error:  # the server died in the middle of its answer
            raise OSError(str(error)) from error
        finally:
            line.close()

    def can_talk(self) -> bool:
        """Whether a gateway takes connections."""
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port + GATEWAY_STEP)) == 0

    def health(self) -> dict[str, Any]:
        """What `/health` says, `{}` while it says nothing."""
        try:
            answer: dict[str, Any] = json.loads(self.get("/health")[1])
        except (OSError, ValueError):
            return {}
        return answer

    def is_idle(self) -> bool:
        """Whether the worker has done all that there was to do."""
        worker = self.health().get("worker", {})
        return bool(worker.get("state") == "up" and worker.get("lag_seconds") == 0)

    def database(self) -> dict[str, Any]:
        """Django's description of this house's database."""
        return load_config({"MEYDAN_DATA": str(self.data)}).database()

    def find(self, part: str) -> list[psutil.Process]:
        """The processes of `database`, `web`, `worker` and `gateway`, and of `pages` and `jobs` (children of two)."""
        ours = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in ours if _part_of(process, self.process.pid) == part]

    def kill(self, part: str) -> int:
        """`kill -9` one process of that part; its pid. `TimeoutError` if none is there.

        The child of a killed worker works on until it is buried, so a house is well before the new one has a child.
        """
        wait_for(lambda: bool(self.find(part)), BORN_SECONDS, f"a process of {part}")
        victim = self.find(part)[0]
        victim.kill()
        return int(victim.pid)

    def wait_until_well(self, part: str, old: int, seconds: float = HEAL_SECONDS) -> float:
        """Seconds until `part` runs under a new pid and the house answers again. `TimeoutError` says what it saw."""
        began = time.monotonic()
        while (spent := time.monotonic() - began) < seconds:
            if any(process.pid != old for process in self.find(part)) and self.health().get("status") == "ok":
                return spent
            time.sleep(0.05)
        raise TimeoutError(f"{part} is not well after {seconds} s: {self.health()}\n" + "".join(self.lines[-20:]))

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask the supervisor to end; its exit code."""
        self.process.send_signal(sign)
        return self.process.wait(60)


def _part_of(process: psutil.Process, supervisor: int) -> str:
    """Which part a process is, by its name and its parent."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        name, is_child = process.name(), process.ppid() == supervisor
        if name == "postgres" and is_child:  # what a killed server leaves behind calls itself "postgres: ..."
            return "database" if "-D" in process.cmdline() else ""
        if name in CHILDREN:
            return name.removeprefix("meydan-") if is_child else CHILDREN[name]
    return ""


def start(data: Path, *flags: str, port: int | None = None) -> House:
    """`meydan up` on `data`, without waiting."""
    port = port or free_port()
    command = [sys.executable, "-m", "meydan.site.cli", "up", "--data", str(data), "--port", str(port), *flags]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MEYDAN_", "DJANGO_"))}
    environment |= {"MEYDAN_FRONTEND": "off", "PYTHONUNBUFFERED": "1"}  # lines as they come
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):  # as bin/meydan does: or every start compiles a thousand modules
        environment.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "meydan-bytecode"))
    log = data.with_name(f"{data.name}-{port}.log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=file, stderr=subprocess.STDOUT, process_group=0
        )  # a terminal's Ctrl-C is for who watches it
    return House(data, port, process, log)


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look until it is so. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


@contextmanager
def running(data: Path, *flags: str, port: int | None = None) -> Iterator[House]:
    """A house that said it is ready; stopped at the end, whatever happened."""
    house = start(data, *flags, port=port)
    try:
        wait_for(lambda: _is_ready(house), READY_SECONDS, "ready")
        wait_for(lambda: house.health().get("status") == "ok", 30, "well")
        wait_for(house.can_talk, 30, "the messenger answers")
        yield house
    finally:
        if house.process.poll() is None:
            house.stop()


@dataclass(frozen=True)
class FirstStart:
    """The first start of a demo city: where it was, what it said, and the folder that it left when it had ended."""

    port: int
    """The demo's letters and rooms name it: at another one, their links lead nowhere."""
    lines: list[str]
    data: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def copy_to(self, data: Path) -> None:
        """The folder of another house. Owners stay: the database may have an account of its own."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.data, data], check=True)


def start_once(folder: Path) -> FirstStart:
    """Start a demo city in `folder`, let its worker do what the demo's people caused, and end it; or what was said when
    that was done before."""
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        with running(draft / "city") as house:
            wait_for(house.is_idle, SETTLED_SECONDS, "the worker has done what the demo's people caused")
        draft.rename(folder)
    (log,) = folder.glob("city-*.log")
    port = int(log.stem.rpartition("-")[2])
    return FirstStart(port, log.read_text("utf-8").splitlines(keepends=True), folder / "city")


def _is_ready(house: House) -> bool:
    if house.process.poll() is not None:
        raise RuntimeError("up ended:\n" + "".join(house.lines))
    return any(line.startswith("Meydan is ready") for line in house.lines)
