"""Taking away what has ended: devices that their person has signed out on Meydan's pages, and people who have left.

The pages write down what has ended, and its tokens are dead from that moment on. The rest is the work of the gateway
that writes the people's stream, for others must be told: it looks when it hears of an end, and now and then besides, so
that nothing stays behind when a word is lost or no gateway is there.
"""

import asyncio
import contextlib
import logging
from itertools import groupby
from operator import itemgetter

import msgspec

from meydan.messaging.actions.devices import close_devices
from meydan.messaging.actions.keys import note_list
from meydan.messaging.actions.messenger import PEOPLE, Messenger
from meydan.messaging.actions.rooming import change_membership
from meydan.messaging.actions.tending import tend
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.live import INVITED, JOINED, KNOCKED, LEFT
from meydan.messaging.queries.reading import DATABASE_FAULTS

LOOK_SECONDS = 10.0
AT_ONCE = 200
log = logging.getLogger(__name__)


class _Ended(msgspec.Struct):
    ended: list[int]


ended_of = msgspec.json.Decoder(_Ended).decode
"""The word of `actions.tokens.tell_ended`."""


class Undertaker:
    """One for each gateway; it works in the one that writes the people's stream."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self.task = tend(self._work, "undertaker")

    async def stop(self) -> None:
        """End; what is left is there after the next start."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def look(self) -> None:
        """Something has ended."""
        self.news.set()

    async def _work(self) -> None:
        while True:
            if self.messenger.writes(PEOPLE):
                try:
                    await take_away(self.messenger)
                except (*DATABASE_FAULTS, MatrixError) as error:
                    log.warning("what has ended waits: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), LOOK_SECONDS)
            self.news.clear()


async def take_away(messenger: Messenger) -> None:
    """Everything that has ended so far."""
    while rows := await messenger.pool.fetch(_ENDED, AT_ONCE):
        for person, devices in groupby(rows, key=itemgetter(0)):
            await close_devices(messenger, person, [device_id for _person, device_id in devices])
    for (person,) in await messenger.pool.fetch("select person from messaging_departure order by at"):
        await _see_off(messenger, person)


_ENDED = """
select person, device_id from messaging_device where ended_at is not null order by person limit $1"""


async def _see_off(messenger: Messenger, person: str) -> None:
    """Somebody has left for good: out of the rooms, and away with what only they could use. What they wrote belongs to
    the rooms. The row goes last, so that a break in the middle begins anew."""
    known = await messenger.reader.person(person)
    for number, (membership, _pos) in list(known.rooms.items()):
        room = await messenger.reader.room_number(number) if membership in (JOINED, INVITED, KNOCKED) else None
        if room is not None:
            await change_membership(messenger, room, person, person, LEFT)
    await note_list(messenger, person, *((statement, (person,)) for statement in _LEFT_BEHIND))


_LEFT_BEHIND = [
    f"delete from {table} where $1::bigint > 0 and {column} = $2"
    for table, column in (
        ("messaging_crosssigningkey", "person"),
        ("messaging_identityreset", "person"),
        ("messaging_keysignature", "target"),
        ("messaging_keysignature", "signer"),
        ("messaging_backupkey", "person"),
        ("messaging_backupversion", "person"),
        ("messaging_accountdata", "person"),
        ("messaging_syncfilter", "person"),
        ("messaging_profile", "person"),
        ("messaging_receipt", "person"),
        ("messaging_profilefield", "person"),
        ("messaging_presence", "person"),
        ("messaging_delayedevent", "person"),
        ("messaging_joinlink", "maker"),
        ("messaging_departure", "person"),
    )
] + ["update messaging_media set unused_at = now() where $1::bigint > 0 and owner = $2"]
