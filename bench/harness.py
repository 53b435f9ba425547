"""What the benchmarks share: a server under load, the CPU it used, and the size of what a browser loads first.

On a busy machine requests per second say little; CPU per request (user and system time of the server's whole process
tree, from /proc, divided by the requests it answered) is the number that holds.
"""

import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli  # type: ignore[import-untyped]  # ships no types
import urllib3

HOME = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
READY_SECONDS = 30
CONNECTIONS = 4
INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
AS_A_BROWSER = {"Accept-Language": "en", "Accept-Encoding": "gzip, br"}
NO_HEADERS: Mapping[str, str] = {}


class BenchError(Exception):
    """The benchmark cannot run; the message says why."""


@dataclass(frozen=True)
class Load:
    """What one round of load did: requests answered with 200, seconds, and the server's CPU seconds."""

    requests: int
    seconds: float
    cpu: float

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the server's CPU for one request."""
        return 1000 * self.cpu / self.requests


@dataclass(frozen=True)
class Size:
    """Bytes of a first view: HTML, CSS and JS, as they are and compressed one by one with brotli."""

    files: int
    plain: int
    compressed: int


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def serving(python: Path, application: str, port: int, *, folder: Path, env: Mapping[str, str]) -> Iterator[int]:
    """Run a WSGI application under granian, one worker as in `meydan up`; gives the pid of its process tree."""
    command = [str(python), "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--factory",
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "--no-log",
        "--working-dir",
        str(folder),
        application,
    ]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **env}, start_new_session=True)
    try:
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def logged(command: list[str], log: Path, *, folder: Path, env: Mapping[str, str]) -> Iterator[int]:
    """Run a program that writes into `log`, with this environment alone; its pid. Told to end at the end of the `with`;
    where that is a BenchError, its last words are part of it."""
    with log.open("ab") as words:
        process = subprocess.Popen(command, cwd=folder, env=dict(env), stdout=words, stderr=words)
    try:
        yield process.pid
    except BenchError as error:
        raise BenchError(f"{error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from None
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def wait_for(url: str, *, seconds: float = READY_SECONDS) -> None:
    """Wait until the address answers 200."""
    deadline = time.monotonic() + seconds
    answer: object = None
    while time.monotonic() < deadline:
        try:
            response = urllib3.request("GET", url, timeout=5, retries=False)
            if response.status == 200:
                return
            answer = response.status
        except urllib3.exceptions.HTTPError as error:
            answer = error
        time.sleep(0.1)
    raise BenchError(f"{url} did not answer 200 within {seconds:.0f} s: {answer}")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, those included that ended and were waited for, in
    seconds."""
    return sum(_own_cpu(one) for one in process_tree(pid))


def _own_cpu(pid: int) -> float:
    """What its living threads used is known to the nanosecond, what all of them did by ticks that are cut off: with the
    twenty processes of a database that is a tenth of a second and more, which a thousand polls take in half a minute.
    The larger of the two counts; neither is more than was used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        living = sum(_thread_cpu(thread) for thread in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return 0.0
    own, waited_for = (sum(map(int, fields[at : at + 2])) / TICKS for at in (11, 13))
    return max(own, living) + waited_for


def _thread_cpu(thread: Path) -> float:
    """Seconds; where the kernel does not count them, or the thread has ended, none."""
    try:
        return int((thread / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def memory_bytes(pid: int) -> int:
    """Memory of a process and all its descendants; pages that several share are counted once (PSS)."""
    return 1024 * sum(_own_memory(one) for one in process_tree(pid))


def _own_memory(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def process_tree(pid: int) -> list[int]:
    """The ids of a process and all its descendants."""
    children: list[str] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += (thread / "children").read_text().split()
    return [pid, *(one for child in children for one in process_tree(int(child)))]


def measure(
    url: str, pid: int, *, seconds: float, headers: Mapping[str, str] = NO_HEADERS, paths: Sequence[str] = ()
) -> Load:
    """Load the address for some seconds, as a browser asks (with `headers` beside), and account the CPU of `pid`'s tree
    to the requests it answered. With `paths`, these are asked for on its host, one after the other."""
    started, before = time.monotonic(), cpu_seconds(pid)
    sent = {**AS_A_BROWSER, **headers}
    ask = _wrk if shutil.which("wrk") else _clients
    requests = ask(url, seconds, sent, paths)
    load = Load(requests, time.monotonic() - started, cpu_seconds(pid) - before)
    if not load.requests:
        raise BenchError(f"{url} answered no request")
    return load


def slowness(samples: int = 200) -> float:
    """How much slower the machine is now than at its best: CPU time of the same small work, median over minimum.

    Neighbours on the same cores, or on the same host, slow a process down without its CPU clock stopping.
    """
    spent = []
    for _sample in range(samples):
        before = time.process_time()
        sum(number * number for number in range(20_000))
        spent.append(time.process_time() - before)
    return statistics.median(spent) / min(spent)


_IN_TURNS = """local paths, at = {%s}, 0
request = function() at = at %% #paths + 1; return wrk.format(nil, paths[at]) end
"""


def _wrk(url: str, seconds: float, headers: Mapping[str, str], paths: Sequence[str]) -> int:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if paths:
            script.write(_IN_TURNS % ", ".join(map(json.dumps, paths)))
            script.flush()
            command += ["-s", script.name]
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        raise BenchError(f"{url} refused {failed[1]} requests")
    found = re.search(r"(\d+) requests in", said)
    return int(found[1]) if found else 0


def _clients(url: str, seconds: float, headers: Mapping[str, str], paths: Sequence[str]) -> int:
    """Where wrk is missing: a few threads, each with its own kept-alive connection."""
    following = itertools.cycle(paths or [urlsplit(url).path])
    deadline = time.monotonic() + seconds
    counts = [0] * CONNECTIONS

    def ask(index: int) -> None:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=10)
        while time.monotonic() < deadline:
            connection.request("GET", next(following), headers=dict(headers))
            response = connection.getresponse()
            response.read()
            counts[index] += response.status == 200

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


class _Assets(HTMLParser):
    """The stylesheets and scripts that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loads = (given.get("rel") or "").split()
        if tag == "script" and given.get("src"):
            self.found.append(given["src"] or "")
        elif tag == "link" and given.get("href") and {"stylesheet", "modulepreload"} & set(loads):
            self.found.append(given["href"] or "")


def first_view(url: str) -> Size:
    """What a browser loads to show the page first: its HTML, the CSS and JS that it names, and what these import."""
    bodies, waiting, seen = [], [url], {url}
    while waiting:
        address = waiting.pop()
        body = get(address)
        bodies.append(body)
        for found in _named_in(address, body):
            if found not in seen and urlsplit(found).netloc == urlsplit(url).netloc:
                seen.add(found)
                waiting.append(found)
    return Size(len(bodies), sum(map(len, bodies)), sum(len(brotli.compress(one, quality=5)) for one in bodies))


def _named_in(address: str, body: bytes) -> list[str]:
    text = body.decode("utf-8", "replace")
    if urlsplit(address).path.endswith((".js", ".mjs")):
        found = re.findall(r"""(?:^|[;\n])\s*(?:import|export)\b[^'"();]*["'](\.{0,2}/[^"']+)["']""", text)
    elif urlsplit(address).path.endswith(".css"):
        found = re.findall(r"""@import\s+(?:url\()?["']([^"']+)["']""", text)
    else:
        parser = _Assets()
        parser.feed(text)
        found = parser.found
    return [urljoin(address, one) for one in found]


def get(url: str) -> bytes:
    """The body at an address, decompressed. BenchError when it is not there."""
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
    response = urllib3.request("GET", url, headers=headers, timeout=10, retries=False)
    if response.status != 200:
        raise BenchError(f"{url} answered {response.status}")
    return response.data


def virtual_environment(lock: Path, folder: Path) -> Path:
    """A virtual environment with exactly what the lock names, made once for each version of the lock; its Python."""
    python = folder / "bin" / "python"
    stamp = folder / "lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return python
    uv = shutil.which("uv") or _beside(sys.executable, "uv")
    if uv:
        run([uv, "venv", "-q", "--clear", str(folder)])
        run([uv, "pip", "sync", "-q", "--require-hashes", "--python", str(python), str(lock)])
    else:
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
        run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)])
    stamp.write_bytes(lock.read_bytes())
    return python


def _beside(program: str, name: str) -> str | None:
    path = Path(program).parent / name
    return str(path) if path.exists() else None


def run(command: list[str], *, folder: Path = HOME, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end; what it printed. BenchError with its last words when it fails."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"{' '.join(command[:4])} ... failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def run_in_django(module: str, *arguments: str, env: Mapping[str, str], aloud: bool = False) -> None:
    """Run one of our modules as a script, with Django set up before its imports; `aloud`: what it says is heard while
    it runs."""
    start = f"import django, runpy; django.setup(); runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", start, *arguments]
    if aloud:
        run_aloud(command, folder=HOME, env=env)
    else:
        run(command, env=env)


def run_aloud(command: list[str], *, folder: Path, env: Mapping[str, str]) -> None:
    """Run a command to its end, while what it says is heard. BenchError when it fails. Whoever interrupts us interrupts
    it: it says what it has, and ends by itself."""
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **env})
    before = {sign: signal.signal(sign, lambda sign, _frame: process.send_signal(sign)) for sign in INTERRUPTS}
    try:
        code = process.wait()
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    if code:
        raise BenchError(f"{' '.join(command[:4])} ... failed")
