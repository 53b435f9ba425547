"""`bin/meydan bench messenger`: the messenger beside Synapse, Matrix's reference server, on the same PostgreSQL.

Each phase loads both servers in turn, with the same load: people who write, people whose /sync waits, first syncs of
many rooms, a thousand who only wait. What is compared is what people feel (rate, p50, p99) and what it costs: CPU for
each operation, of the server and of the database apart.
"""

import argparse
import contextlib
import math
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from bench import harness, messenger_crowd, messenger_load, synapse
from bench.harness import HOME, BenchError
from bench.messenger_client import Asker, Bystander, KeySharer, Person, Place, Writer
from bench.messenger_load import Part, Tally, Work, apart, make_people, make_rooms
from bench.messenger_report import Row, percentile, print_rows, report
from bench.pages import database, say
from bench.reports import pid_of
from meydan.kernel.config import DATABASE_NAME, stored_secret
from meydan.site.postgres import ADMIN, Server

VERSIONS = "/_matrix/client/versions"
SENDERS = 32
OURS = "Meydan"
INSERT_TABLE = """
create table bench_limit (id bigserial primary key, room int not null, content jsonb not null);
create index on bench_limit (room, id)"""
INSERT = """\\set room random(1, 1000)
insert into bench_limit (room, content) values (:room, '{"msgtype": "m.text", "body": "%s"}');
"""


@dataclass(frozen=True)
class Sizes:
    """How much of everything. `crowd`: members of the one big room; `histories`: rooms that a first sync shows."""

    rooms: int = 20
    members: int = 10
    crowd: int = 100
    histories: int = 100
    sharing: int = 5
    messages: int = 10
    idle: int = 1000
    idle_seconds: float = 30.0
    thousands: int = 20_000
    square: int = 10_000


FULL_SIZE = Sizes()
TRIAL_SIZE = Sizes(rooms=8, members=6, crowd=20, histories=10, idle=100, idle_seconds=5.0, thousands=400, square=200)


@dataclass(frozen=True)
class Spent:
    """What a server and its database had used at one moment: CPU seconds, and the server's memory in bytes."""

    server: float
    database: float
    memory: int


@dataclass
class Contender:
    """A running messenger, and the people and rooms made on it so far."""

    name: str
    url: str
    pid: int
    database_pid: int
    sizes: Sizes
    is_peer: bool = False
    is_started: bool = True
    server: Server | None = None  # our own PostgreSQL, where it is ours to fill
    prefix: str = field(default_factory=lambda: f"b{time.time_ns() // 1_000_000:x}")

    @property
    def place(self) -> Place:
        """Where it listens."""
        parts = urlsplit(self.url)
        return Place(parts.hostname or "127.0.0.1", parts.port or 80)

    def spent(self) -> Spent:
        """What it used so far."""
        cpu = harness.cpu_seconds
        return Spent(cpu(self.pid), cpu(self.database_pid), harness.memory_bytes(self.pid))

    def people(self, kind: str, count: int) -> list[Person]:
        """New accounts."""
        say(f"{self.name}: {count} accounts")
        return apart(make_people, self.place, f"{self.prefix}{kind}", count)

    @cached_property
    def groups(self) -> list[list[Person]]:
        """The members of the small rooms."""
        people = self.people("g", self.sizes.rooms * self.sizes.members)
        return [people[at :: self.sizes.rooms] for at in range(self.sizes.rooms)]

    @cached_property
    def rooms(self) -> list[str]:
        """The small rooms, one for each group."""
        groups = self.groups
        say(f"{self.name}: {len(groups)} rooms")
        return apart(make_rooms, self.place, groups)

    @cached_property
    def idle(self) -> list[Person]:
        """Those who are in no room and only wait."""
        return self.people("i", self.sizes.idle)

    @cached_property
    def sharing(self) -> list[Person]:
        """Those who share many rooms with something in them."""
        sizes, people = self.sizes, self.people("h", self.sizes.sharing)
        say(f"{self.name}: {sizes.histories} rooms with {sizes.messages} messages")
        apart(make_rooms, self.place, [people] * sizes.histories, sizes.messages)
        return people

    @property
    def writers(self) -> tuple[Writer, ...]:
        """Those who write, spread over the small rooms; owners only listen."""
        rooms, groups = self.rooms, self.groups
        seats = ((number % len(rooms), 1 + number // len(rooms)) for number in range(SENDERS))
        return tuple(Writer(groups[room][seat], rooms[room]) for room, seat in seats)

    def load(self, work: Work, part: Part) -> tuple[Tally, tuple[Spent, Spent, Spent]]:
        """Load it; a second time with two processes if one was too busy to be believed."""
        for processes in (1, 2):
            tallies, spent = messenger_load.measure([(work, one) for one in part.split(processes)], self.spent)
            tally = merged(tallies)
            if tally.busy < messenger_load.FULL:
                break
            say(f"{self.name}: the load itself was at {100 * tally.busy:.0f} % of a core")
        return tally, spent


def merged(tallies: Sequence[Tally]) -> Tally:
    """What all processes saw together."""
    whole = Tally()
    for one in tallies:
        whole.add(one)
    return whole


def row_of(one: Contender, tally: Tally, spent: Sequence[Spent], **more: float) -> Row:
    """A line of the table: waits and CPU for each request."""
    count = max(1, len(tally.waited))
    return Row(
        name=one.name,
        rate=len(tally.waited) / tally.seconds,
        waits=tuple(1000 * wait for wait in tally.waited),
        server_ms=1000 * (spent[-1].server - spent[-2].server) / count,
        database_ms=1000 * (spent[-1].database - spent[-2].database) / count,
        load=tally.busy,
        more=more,
        is_peer=one.is_peer,
    )


def send(one: Contender, seconds: float) -> Row:
    """32 write without pause into the small rooms; nobody listens."""
    tally, spent = one.load(messenger_load.talk, Part(one.place, seconds, one.writers))
    return row_of(one, tally, spent)


def send_and_listen(one: Contender, seconds: float) -> Row:
    """The same while every member's /sync waits."""
    writers, hearers = one.writers, one.sizes.members
    listeners = tuple(person for group in one.groups for person in group)
    tally, spent = one.load(messenger_load.talk, Part(one.place, seconds, writers, listeners, hearers=hearers))
    row = row_of(one, tally, spent, **_heard(tally, hearers))
    row.more["deliveries/s"] = len(tally.heard) / tally.seconds
    return row


def _heard(tally: Tally, hearers: int) -> dict[str, float]:
    times = [1000 * seconds for seconds in tally.heard] or [math.inf]
    return {
        "heard p50, ms": statistics.median(times),
        "heard p99, ms": percentile(times, 0.99),
        "heard, %": 100 * len(tally.heard) / max(1, hearers * len(tally.waited)),
        "gaps": tally.gaps,
    }


def fan_out(one: Contender, seconds: float) -> Row:
    """One message a second into a room of a hundred, who all listen; the waits are theirs, the CPU is a message's."""
    crowd = one.people("f", one.sizes.crowd)
    say(f"{one.name}: a room of {len(crowd)}")
    room = apart(make_rooms, one.place, [crowd])[0]
    part = Part(one.place, seconds, (Writer(crowd[0], room, gap=1.0),), tuple(crowd), hearers=len(crowd))
    tally, spent = one.load(messenger_load.talk, part)
    row = row_of(one, tally, spent, **_heard(tally, len(crowd)))
    row.more["sender waits p50, ms"] = row.p50
    row.waits = tuple(1000 * seconds for seconds in tally.heard)
    return row


def first_sync(one: Contender, _seconds: float) -> Row:
    """People who share many rooms come with a new client."""
    return _read_histories(one, messenger_load.first_syncs)


def sliding_sync(one: Contender, _seconds: float) -> Row:
    """The same people with a client of the newer kind, which asks for what its screen can show."""
    return _read_histories(one, messenger_load.slide)


def _read_histories(one: Contender, work: Work) -> Row:
    part = Part(one.place, listeners=tuple(one.sharing), rooms=one.sizes.histories)
    tally, spent = one.load(work, part)
    return row_of(one, tally, spent, kB=tally.bytes / 1000)


def wait_idly(one: Contender, _seconds: float) -> Row:
    """A thousand whose /sync waits for nothing.

    A database vacuums even when nobody asks it: what it takes without the thousand is measured first.
    """
    people, seconds = one.idle, one.sizes.idle_seconds
    say(f"{one.name}: {seconds:.0f} s without anybody, then {len(people)} who wait")
    alone = one.spent().database
    time.sleep(seconds)
    alone = one.spent().database - alone
    tally, (before, opened, closed) = one.load(messenger_load.idle, Part(one.place, seconds, listeners=tuple(people)))
    server, base = closed.server - opened.server, closed.database - opened.database
    thousands, polls = tally.seconds * len(people) / 1000, max(1, tally.polls)
    more = {
        "KiB/poller": (opened.memory - before.memory) / 1024 / len(people),
        "CPU for 1,000, %": 100 * (server + max(0.0, base - alone)) / thousands,
        "server's share": 100 * server / thousands,
        "database with them": 100 * base / tally.seconds,
        "without them": 100 * alone / seconds,
    }
    cpu = (1000 * server / polls, 1000 * base / polls)
    return Row(one.name, tally.polls / tally.seconds, (), *cpu, tally.busy, more, one.is_peer)


def stampede(one: Contender, _seconds: float) -> Row:
    """A thousand whose /sync ends at one moment; the waits are those of some bystanders."""
    people, writer = one.idle, one.writers[0]
    askers: tuple[Asker, ...] = (Bystander(one.groups[0][0], gap=0.02), Writer(writer.person, writer.room, gap=0.5))
    parts: list[tuple[Work, Part]] = [
        (messenger_load.stand_by, Part(one.place, askers=askers)),
        (messenger_load.herd, Part(one.place, listeners=tuple(people))),
    ]
    (tally, polls), spent = messenger_load.measure(parts, one.spent)
    late = [1000 * seconds for seconds in polls.heard]
    row = row_of(one, tally, spent, **{"polls late p50, ms": statistics.median(late), "max": max(late)})
    row.load, row.server_ms, row.database_ms = polls.busy, 0.0, 0.0
    return row


def share_keys(one: Contender, seconds: float) -> Row:
    """32 hand a key to the nine other members of a small room without pause, which is what encrypted rooms do."""
    groups, places = one.groups, [divmod(number, len(one.groups)) for number in range(SENDERS)]
    sharers = [
        KeySharer(groups[room][1 + seat], tuple(other for at, other in enumerate(groups[room]) if at != 1 + seat))
        for seat, room in places
    ]
    tally, spent = one.load(messenger_load.talk, Part(one.place, seconds, tuple(sharers)))
    return row_of(one, tally, spent)


def wait_in_thousands(one: Contender, seconds: float) -> Row:
    """Twenty thousand whose /sync waits, on two gateways; then a burst into a room of ten thousand of them, which they
    all hear. The waits are theirs."""
    if one.server is None:
        raise BenchError("this fills the database itself, and that is only done to ours")
    sizes = one.sizes
    seconds = 2 * max(seconds, sizes.idle_seconds)
    people = messenger_crowd.fill(one.server, sizes.thousands)
    say(f"{one.name}: {len(people)} accounts by SQL; {sizes.square} of them join a room")
    began = time.monotonic()
    members, others = people[: sizes.square], people[sizes.square :]
    room = apart(make_rooms, one.place, [members[:1]])[0]
    apart(messenger_crowd.enter, one.place, members[1:], room)
    joins = len(members) / (time.monotonic() - began)
    with gateway(one.server) as (url, pid):
        second = Contender("second", url, pid, one.database_pid, sizes)
        places = [replace(each.place, sources=messenger_crowd.SOURCES) for each in (one, second)]
        shares = [(members[at::2], others[at::2]) for at in range(2)]
        writers = ((Writer(members[0], room),), ())
        parts = [
            Part(place, seconds, writer, (*inside, *outside), hearers=len(inside))
            for place, writer, (inside, outside) in zip(places, writers, shares, strict=True)
        ]
        say(f"{one.name}: {len(people)} wait for {seconds:.0f} s")
        work: list[tuple[Work, Part]] = [(messenger_crowd.wait_and_hear, part) for part in parts]
        tallies, watched = messenger_load.measure(work, lambda: (one.spent(), second.spent()))
        ended = (one.spent(), second.spent())
    return _crowd_row(one, merged(tallies), [*watched, ended], joins)


def _crowd_row(one: Contender, tally: Tally, watched: Sequence[tuple[Spent, Spent]], joins: float) -> Row:
    """`watched`: both gateways before, with all who wait, at the end of the quiet time, and after the burst."""
    before, opened, closed, ended = (
        Spent(mine.server + other.server, mine.database, mine.memory + other.memory) for mine, other in watched
    )
    expected = messenger_crowd.BURST * one.sizes.square
    late = [1000 * seconds for seconds in tally.heard] or [math.inf]
    row = row_of(one, tally, (closed, ended))
    row.rate, row.waits = len(late) / max(tally.heard, default=math.inf), tuple(late)
    heard = max(1, len(tally.heard))
    row.server_ms = 1000 * (ended.server - closed.server) / heard
    row.database_ms = 1000 * (ended.database - closed.database) / heard
    row.more = {
        "gateways' memory before, MB": before.memory / 1e6,
        "with all who wait, MB": opened.memory / 1e6,
        "after the burst, MB": ended.memory / 1e6,
        "KiB/poller": (opened.memory - before.memory) / 1024 / one.sizes.thousands,
        "idle CPU of the gateways, % of a core": 100 * (closed.server - opened.server) / tally.seconds,
        "of the database": 100 * (closed.database - opened.database) / tally.seconds,
        "polls/s": tally.polls / tally.seconds,
        "joins/s": joins,
        "sender waits p50, ms": 1000 * statistics.median(tally.waited),
        "heard, %": 100 * len(tally.heard) / expected,
        "listeners who did not hear each once": tally.uneven,
        "gaps": tally.gaps,
    }
    return row


# Idle ones come first: later their memory would be taken from what earlier loads left free.
PHASES: dict[str, Callable[[Contender, float], Row]] = {
    "d": wait_idly,
    "d2": stampede,
    "a": send,
    "a2": send_and_listen,
    "b": fan_out,
    "c": first_sync,
    "c2": sliding_sync,
    "e": share_keys,
    "idle20k": wait_in_thousands,
}
ONLY_IF_ASKED = ("idle20k",)
SETTLE_SECONDS = 60
_CLEANING = "select count(*) from pg_stat_activity where backend_type = 'autovacuum worker'"


def insert_limit(server: Server, seconds: float) -> Row:
    """What the database could do if a message were one row and nothing else: pgbench, 32 clients."""
    with server.connect(DATABASE_NAME) as connection:
        connection.execute("drop table if exists bench_limit")
        connection.execute(INSERT_TABLE)
    script = server.data / "insert.sql"
    script.write_text(INSERT % ("x" * 70), "utf-8")
    command = [str(server.binaries.folder / "pgbench"), "-n", "-M", "prepared", "-c", str(SENDERS), "-j", "2"]
    command += ["-T", str(max(1, round(seconds))), "-f", str(script), "-h", str(server.socket), "-U", ADMIN]
    before = harness.cpu_seconds(pid_of(server))
    said = harness.run([*command, DATABASE_NAME], env={"PGPASSWORD": stored_secret(server.data, "database_admin")})
    cpu = harness.cpu_seconds(pid_of(server)) - before
    found, done = re.search(r"tps = ([\d.]+)", said), re.search(r"actually processed: (\d+)", said)
    latency = re.search(r"latency average = ([\d.]+) ms", said)
    if not found or not done or not latency:
        raise BenchError(f"pgbench said nothing that we understand: {said[-500:]}")
    with server.connect(DATABASE_NAME) as connection:
        connection.execute("drop table bench_limit")
    return Row("PostgreSQL", float(found[1]), (float(latency[1]),), database_ms=1000 * cpu / int(done[1]))


@contextlib.contextmanager
def contenders(options: argparse.Namespace, server: Server | None) -> Iterator[list[Contender]]:
    """Ours, or the one at `--url`, and Synapse unless it is unwanted; all running until the end of the `with`."""
    sizes, found = TRIAL_SIZE if options.trial else FULL_SIZE, []
    if options.people:
        sizes = replace(sizes, thousands=options.people, square=options.people // 2)
    with contextlib.ExitStack() as stack:
        if options.url:
            found.append(
                Contender(options.name, options.url, options.pid, options.database_pid, sizes, is_started=False)
            )
        elif server and has_gateway():
            say("starting our gateway")
            url, pid = stack.enter_context(gateway(server))
            found.append(Contender(OURS, url, pid, pid_of(server), sizes, server=server))
        if server and not options.without_synapse:
            say("preparing Synapse in its own virtual environment")
            installed, port = synapse.install(), harness.free_port()
            pid = stack.enter_context(synapse.running(installed, server, port))
            name = f"Synapse {installed.version}"
            found.append(Contender(name, f"http://127.0.0.1:{port}", pid, pid_of(server), sizes, is_peer=True))
        if not found:
            raise BenchError("there is no server to measure: this checkout has no gateway, and Synapse is unwanted")
        yield found


def has_gateway() -> bool:
    """Whether this checkout has a messenger at all."""
    return find_spec("meydan.site.commands.gateway") is not None


@contextlib.contextmanager
def gateway(server: Server) -> Iterator[tuple[str, int]]:
    """Our messenger as `meydan up` runs it; its address and its pid."""
    env = {"MEYDAN_DATA": str(server.data), "MEYDAN_RATE_LIMITS": "off"}
    harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=env)
    port = harness.free_port()
    command = [sys.executable, "-m", "meydan.site.cli", "gateway", "--gateway-port", str(port)]
    with harness.logged(command, server.data / f"gateway-{port}.log", folder=HOME, env={**os.environ, **env}) as pid:
        harness.wait_for(f"http://127.0.0.1:{port}{VERSIONS}")
        yield f"http://127.0.0.1:{port}", pid


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a goal is not reached."""
    options = parse(arguments)
    messenger_load.open_many_files()
    try:
        with contextlib.ExitStack() as stack:
            return bench(options, stack.enter_context(database_in_need(options)))
    except BenchError as error:
        print(f"meydan bench messenger: {error}", file=sys.stderr)
        return 2


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="meydan bench messenger", description=(__doc__ or "").split("\n")[0])
    known = ["limit", *PHASES]
    usual = [one for one in known if one not in ONLY_IF_ASKED]
    parser.add_argument("--phases", type=lambda said: said.split(","), default=usual, help=f"some of {','.join(known)}")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each load (15); idle ones take 30")
    parser.add_argument("--trial", action="store_true", help="few people and rooms: only to see that it runs")
    parser.add_argument("--people", type=int, help="how many wait in idle20k (20000); half of them are in the big room")
    parser.add_argument("--without-synapse", action="store_true", help="leave out the peer that must be downloaded")
    parser.add_argument("--url", help="measure the server at this address instead of starting ours")
    parser.add_argument("--pid", type=int, default=0, help="the process (with children) of the server at --url")
    parser.add_argument("--database-pid", type=int, default=0, help="the PostgreSQL of the server at --url")
    parser.add_argument("--name", default="at --url", help="what the table calls the server at --url")
    options = parser.parse_args(arguments)
    if unknown := [one for one in options.phases if one not in known]:
        parser.error(f"no such phase: {', '.join(unknown)}")
    return options


@contextlib.contextmanager
def database_in_need(options: argparse.Namespace) -> Iterator[Server | None]:
    """Our own PostgreSQL in a fresh folder, where anything here needs one."""
    if options.url and options.without_synapse and "limit" not in options.phases:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
        Path(folder).chmod(0o711)
        with database(Path(folder)) as server:
            yield server


def bench(options: argparse.Namespace, server: Server | None) -> int:
    """Every phase, each with one server after the other."""
    found: dict[str, list[Row]] = {}
    faults: list[str] = []
    if server and "limit" in options.phases:
        say("single rows into PostgreSQL")
        found["limit"] = [insert_limit(server, options.seconds)]
        print_rows("limit", found["limit"])
    with contenders(options, server) as all_of_them:
        for phase in options.phases:
            if phase != "limit":
                found[phase] = run_phase(phase, all_of_them, options.seconds, faults, server)
    if options.trial:
        print("\na trial, with few people and rooms: nothing here compares with anything")
    print(f"\nload {os.getloadavg()[0]:.1f}; the same work costs {harness.slowness():.2f} times this machine's best")
    return report(found, faults)


@contextlib.contextmanager
def paused(others: Sequence[Contender]) -> Iterator[None]:
    """Servers that are not measured now stand still: what they do by themselves would be counted for the database."""
    pids = [pid for other in others if other.is_started for pid in harness.process_tree(other.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def settle(server: Server) -> None:
    """What was written before is on the disk, and nobody cleans up after it any more: the next to be measured would pay
    for it."""
    with server.connect("postgres") as line:
        line.execute("checkpoint")
        deadline = time.monotonic() + SETTLE_SECONDS
        while line.execute(_CLEANING).fetchone() != (0,) and time.monotonic() < deadline:
            time.sleep(0.2)


def run_phase(
    phase: str, all_of_them: Sequence[Contender], seconds: float, faults: list[str], server: Server | None
) -> list[Row]:
    """Load each server in turn, print what came. One that cannot do it is left out, and that is a fault."""
    rows = []
    for one in all_of_them:
        if server:
            settle(server)
        with paused([other for other in all_of_them if other is not one]):
            try:
                rows.append(PHASES[phase](one, seconds))
            except BenchError as error:
                faults.append(f"({phase}) {one.name}: {error}")
                say(faults[-1])
    print_rows(phase, rows)
    return rows


if __name__ == "__main__":
    sys.exit(main())
