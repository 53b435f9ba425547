"""Twenty thousand whose /sync waits, on two gateways, and a burst of messages into a room of ten thousand of them.

Their accounts and the big room are written by SQL, as years would have left them: passwords alone would take an hour.
Each load process speaks to one gateway, from some addresses of the loopback: one address has not enough ports.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from bench.harness import BenchError
from bench.messenger_client import Asker, Line, Person, Place, Refused, in_lanes, join, request_number
from bench.messenger_load import LANES, Gate, Listener, Part, Tally, Window, hear_out, in_turn
from meydan.kernel.config import DATABASE_NAME
from meydan.site.postgres import Server

SOURCES = tuple(f"127.0.0.{number}" for number in range(2, 8))
SETTLE_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
"""Without hearing anything: each message wakes thousands, and until all have polled again the next one waits."""
BUSY = 503
LAZY = '{"room":{"state":{"lazy_load_members":true}}}'
"""As clients of large rooms ask: all members of all would be 35 GB here."""
BURST = 10
"""Messages."""

PEOPLE = """
insert into accounts_person (id, password, username, name, language, assurance, is_active, joined_at)
select gen_random_uuid(), '!', 'crowd' || n, 'Crowd ' || n, 'en', 0, true, now() from generate_series(1, %(count)s) n"""
DEVICES = """
insert into messaging_device (person, account_id, device_id, name, made_at, seen_from)
select '@' || username || ':' || (select name from messaging_server), id, 'CROWD', '', now(), ''
  from accounts_person where username like 'crowd%%'"""
TOKENS = """
insert into messaging_accesstoken (digest, device_id)
select sha256(convert_to('token of ' || person, 'utf8')), id from messaging_device where device_id = 'CROWD'"""


def fill(server: Server, count: int) -> list[Person]:
    """So many people with a device each."""
    with server.connect(DATABASE_NAME) as session:
        for statement in (PEOPLE, DEVICES, TOKENS):
            session.execute(statement, {"count": count})
        session.execute("analyze accounts_person")
        rows = session.execute("select person from messaging_device where device_id = 'CROWD' order by id").fetchall()
    if len(rows) != count:
        raise BenchError(f"{len(rows)} people were made, and not {count}")
    return [Person(name, f"token of {name}", "CROWD") for (name,) in rows]


async def enter(place: Place, people: Sequence[Person], room: str) -> None:
    """All of them join; who is told that the server is busy tries again, as the spec says."""

    async def insist(person: Person, line: Line) -> None:
        while True:
            try:
                return await join(line, person, room)
            except Refused as error:
                if error.status != BUSY:
                    raise
            await asyncio.sleep(1)

    await in_lanes(place, LANES, (partial(insist, person) for person in people))


async def wait_and_hear(part: Part, gate: Gate) -> Tally:
    """Wait between the gates; then whoever has something to write writes a burst, and all hear it out.

    The first `hearers` of the listeners are in the room. `waited` is until each piece was acknowledged, `heard` until
    each came; `uneven` are the listeners who did not hear each piece once."""
    tally, ears = Tally(), [Listener(part.place, person, LAZY) for person in part.listeners]
    await in_turn(ears, Listener.begin)
    await asyncio.sleep(SETTLE_SECONDS)
    for ear in ears:
        ear.count_into(tally)
    await gate.passed()
    with Window(tally):
        await asyncio.sleep(part.seconds)
    await gate.passed()
    idle, line = tally.polls, Line(part.place)
    for asker in part.askers:
        await write_burst(asker, line, tally)
    await hear_out(tally, True, part.hearers * BURST, PATIENCE_SECONDS)
    for ear in ears:
        await ear.end()
    tally.polls = idle
    tally.uneven = sum(ear.heard != BURST * (number < part.hearers) for number, ear in enumerate(ears))
    return tally


async def write_burst(asker: Asker, line: Line, tally: Tally) -> None:
    """Messages without a pause."""
    for _number in range(BURST):
        began = time.monotonic()
        await line.ask(asker.request(request_number()))
        tally.waited.append(time.monotonic() - began)
