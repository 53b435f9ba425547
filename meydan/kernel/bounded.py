"""Children that read what strangers sent: how they are started, and how they bind themselves. Only the standard library
is used, for both sides import it; children that run as a single file (`imaging_child.py`) bind themselves alike.
Where to load takes longer than the work, a nursery has it loaded.
"""

import atexit
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Sequence
from typing import IO

LOWEST_PRIORITY = 19


def run_child(command: Sequence[str], source: IO[bytes], result: IO[bytes], *, seconds: float) -> None:
    """Have a child read `source` and write to `result`, with nothing of ours around it. It bounds itself; `seconds` are
    for one that cannot. Raises `subprocess.SubprocessError`."""
    subprocess.run(
        command,
        stdin=source,
        stdout=result,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        timeout=seconds,
        check=True,
    )


class Nursery:
    """Processes that have loaded what a child needs, and read nothing of anybody's: for each errand one of them forks a
    fresh child, which binds itself, reads one file, writes the other and ends. So many of them as work at a time.

    Their command finds a socket where its standard input should be, and serves (`imaging_child.serve`). They end with
    the process that started them.
    """

    def __init__(self) -> None:
        self._idle: deque[Nurse] = deque()
        atexit.register(self.end)

    def run(
        self, command: Sequence[str], arguments: Sequence[str], source: IO[bytes], result: IO[bytes], *, seconds: float
    ) -> None:
        """As `run_child` does, and with its errors."""
        nurse = self._take(command)
        try:
            nurse.have_done(arguments, (source.fileno(), result.fileno()), seconds)
        finally:
            if nurse.is_idle:
                self._idle.append(nurse)
            else:
                nurse.end()

    def end(self) -> None:
        """Of those that have nothing to do."""
        while self._idle:
            self._idle.pop().end()

    def _take(self, command: Sequence[str]) -> "Nurse":
        while True:
            try:
                nurse = self._idle.pop()
            except IndexError:
                return Nurse(command)
            if nurse.command == command and nurse.process.poll() is None:
                return nurse
            nurse.end()


class Nurse:
    """One of them: a process, and our end of the line to it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command, self.is_idle = command, True
        self.line, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                process_group=0,
            )

    def have_done(self, arguments: Sequence[str], files: Sequence[int], seconds: float) -> None:
        """One errand. Raises `subprocess.SubprocessError`."""
        self.is_idle = False
        self.line.settimeout(seconds)
        try:
            socket.send_fds(self.line, [json.dumps(arguments).encode() + b"\n"], files)
            said = self.line.recv(16)
        except TimeoutError as error:
            raise subprocess.TimeoutExpired(list(self.command), seconds) from error
        except OSError:
            said = b""
        code = int(said) if said else self.process.wait(seconds)
        self.is_idle = bool(said)
        if code or not said:
            raise subprocess.CalledProcessError(code or 1, list(self.command))

    def end(self) -> None:
        """At once, with the child that it may have."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.line.close()


def bind(*, memory: int, written: int) -> None:
    """Bind this process: so many bytes of address space and in a file, no other processes, no core. Limits that the
    system does not know, or will not set, are passed over."""
    bounds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: written,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))


def give_way(process: int = 0) -> None:
    """A process that was just started, or this thread (0), runs from now on only while nobody else wants the processor
    (Linux' SCHED_IDLE): whoever wakes goes before it at once. One of the lowest niceness would end its turn first, of
    up to 3 ms, longer than most pages take. Where the system does not know the one, it is the other."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, LOWEST_PRIORITY)
        os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))


def give_time(cpu: int, clock: int, *, at_most: int = 0) -> None:
    """From now on the process has so many seconds altogether, of CPU time and by the clock; then the system ends it.
    `at_most`: how much CPU time it may be given later."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, at_most or cpu))
    signal.alarm(clock)
