"""What `bench messenger` prints: a table for each load, and whether the goals are reached."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

TITLES = {
    "limit": "single rows into PostgreSQL, 32 clients (mean)",
    "a": "32 write into 20 rooms of 10, nobody listens",
    "a2": "the same, all 200 listen",
    "b": "1 message/s to 100 who listen: until each has it",
    "c": "first /sync: 100 rooms of 5, 10 messages each",
    "c2": "first sliding sync: 20 of the 100 rooms",
    "d": "1,000 whose /sync waits, and times out after 30 s",
    "d2": "1,000 polls end at one moment: how long others wait",
    "e": "a key to 9 devices, 32 at a time",
    "idle20k": "20,000 whose /sync waits; 10 messages to 10,000 of them",
}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of all does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


@dataclass
class Row:
    """One server under one load: requests per second, ms that each waited, ms of CPU for each. `load`: the share of a
    core that the busiest load process took. `more`: whatever else that load shows."""

    name: str
    rate: float
    waits: Sequence[float] = ()
    server_ms: float = 0.0
    database_ms: float = 0.0
    load: float = 0.0
    more: dict[str, float] = field(default_factory=dict)
    is_peer: bool = False

    @property
    def p50(self) -> float:
        """The median wait, ms."""
        return statistics.median(self.waits or [0.0])

    @property
    def p99(self) -> float:
        """What 99 of 100 waited at most, ms."""
        return percentile(self.waits, 0.99) if self.waits else 0.0

    @property
    def longest(self) -> float:
        """The longest wait, ms."""
        return max(self.waits, default=0.0)

    @property
    def cpu_ms(self) -> float:
        """CPU of server and database for one request, ms."""
        return self.server_ms + self.database_ms


@dataclass(frozen=True)
class Goal:
    """What a load should show: a value of ours, or its ratio to the peer's."""

    table: str
    words: str
    value: Callable[[Row], float]
    limit: float
    is_ratio: bool = False
    at_least: bool = False

    def measured(self, rows: Sequence[Row]) -> float | None:
        """Ours, or ours over the peer's; None when that was not measured."""
        ours, peers = ([self.value(row) for row in rows if row.is_peer is peer] for peer in (False, True))
        if not ours or not self.is_ratio:
            return ours[0] if ours else None
        return ours[0] / peers[0] if peers and peers[0] else None

    def kept(self, measured: float) -> bool:
        """Whether that is good enough."""
        return measured >= self.limit if self.at_least else measured <= self.limit


GOALS = (
    Goal("a", "messages per second, times Synapse's", lambda row: row.rate, 50, is_ratio=True, at_least=True),
    Goal("a", "p99, times Synapse's", lambda row: row.p99, 1 / 10, is_ratio=True),
    Goal("a2", "messages per second, times Synapse's", lambda row: row.rate, 60, is_ratio=True, at_least=True),
    Goal("b", "p99 until heard, ms", lambda row: row.p99, 50),
    Goal("b", "CPU per message, times Synapse's", lambda row: row.cpu_ms, 1 / 30, is_ratio=True),
    Goal("c", "p50, ms", lambda row: row.p50, 80),
    Goal("c2", "p50, ms", lambda row: row.p50, 8),
    Goal("d", "memory, KiB per poller", lambda row: row.more["KiB/poller"], 12),
    Goal("d", "CPU, % of a core per 1,000", lambda row: row.more["CPU for 1,000, %"], 0.5),
    Goal("d2", "longest wait, ms", lambda row: row.longest, 200),
    Goal("idle20k", "delivered, %", lambda row: row.more["heard, %"], 100, at_least=True),
    Goal(
        "idle20k",
        "listeners who did not hear each once",
        lambda row: row.more["listeners who did not hear each once"],
        0,
    ),
    Goal("idle20k", "memory, KiB per poller", lambda row: row.more["KiB/poller"], 12),
    Goal("idle20k", "CPU, % of a core", lambda row: row.more["idle CPU of the gateways, % of a core"], 10),
    Goal("e", "handed over per second, times Synapse's", lambda row: row.rate, 20, is_ratio=True, at_least=True),
)


def print_rows(table: str, rows: Sequence[Row]) -> None:
    """The table of one load."""
    heads = f"{'per s':>10}{'p50 ms':>10}{'p99':>10}{'max':>10}{'CPU: server':>13}{'database':>10}{'load':>7}"
    print(f"\n{f'({table}) {TITLES[table]}':58}{heads}")
    for row in rows:
        more = "; ".join(f"{name} {value:,.1f}" for name, value in row.more.items())
        waits = f"{row.p50:10,.1f}{row.p99:10,.1f}{row.longest:10,.1f}" if row.waits else f"{'-':>10}" * 3
        cpu = f"{row.server_ms:13.3f}{row.database_ms:10.3f}{100 * row.load:6.0f}%"
        print(f"  {row.name:56}{row.rate:10,.1f}{waits}{cpu}" + (f"\n    {more}" if more else ""), flush=True)
    if len(rows) > 1:
        print(f"  {'ratio, first to second':56}{ratios(*rows[:2])}", flush=True)


def ratios(ours: Row, peers: Row) -> str:
    """Each column of ours over the peer's."""
    pairs = (
        (ours.rate, peers.rate, 10),
        (ours.p50, peers.p50, 10),
        (ours.p99, peers.p99, 10),
        (ours.longest, peers.longest, 10),
        (ours.server_ms, peers.server_ms, 13),
        (ours.database_ms, peers.database_ms, 10),
    )
    return "".join(f"{our / their:{width}.3g}" if their else f"{'-':>{width}}" for our, their, width in pairs)


def report(found: Mapping[str, Sequence[Row]], faults: Sequence[str]) -> int:
    """Print every goal that was measured; 1 when one is not reached, or something could not be measured."""
    print(f"\n{'goals':58}{'measured':>12}{'limit':>14}")
    missed = len(faults)
    for goal in GOALS:
        measured = goal.measured(found.get(goal.table, ()))
        if measured is None:
            continue
        missed += not goal.kept(measured)
        limit = f"{'>=' if goal.at_least else '<='} {goal.limit:.3g}"
        verdict = "kept" if goal.kept(measured) else "NOT KEPT"
        print(f"  {f'({goal.table}) {goal.words}':56}{measured:12.3g}{limit:>14}  {verdict}")
    print_share(found)
    for fault in faults:
        print(f"  NOT MEASURED: {fault}")
    return 1 if missed else 0


def print_share(found: Mapping[str, Sequence[Row]]) -> None:
    """How near to the database's limit our messages come."""
    ours = [row for row in found.get("a", ()) if not row.is_peer]
    if found.get("limit") and ours:
        share = ours[0].rate / found["limit"][0].rate
        print(f"  messages per second are {100 * share:.0f} % of the rows that the database alone can take")
