"""What a device is told at every poll: the messages that wait for it, and how many of its keys are left."""

import time

from meydan.messaging.queries.boxes import Box, Counts
from meydan.messaging.queries.live import Live
from meydan.messaging.queries.reading import Pool

MOST_MESSAGES = 100
TRUST_SECONDS = 300.0
"""After which keys are counted again, should a word of another gateway have been lost."""
CURVE = "signed_curve25519"
_WAITING = """
select pos, body from messaging_todevicemessage where device_id = $1 and pos > $2 and pos <= $3 order by pos limit $4"""
_COUNTS = """
select algorithm, count(*) from messaging_onetimekey where device_id = $1 and taken_at is null group by algorithm
 union all select algorithm, -1 from messaging_fallbackkey where device_id = $1 and not used"""


class Inbox:
    """Reads for devices, and holds in memory what it found (`queries.boxes`)."""

    def __init__(self, pool: Pool, live: Live) -> None:
        self.pool = pool
        self.live = live

    def box(self, device: int) -> Box:
        """The device's box."""
        return self.live.boxes.of(device, self.live.positions[0])

    async def forget_seen(self, device: int, seen: int) -> None:
        """A token proves that the device has everything up to a position (spec, "Send-to-Device messaging")."""
        box = self.box(device)
        told = box.told
        if not told:
            return
        await self.pool.execute(
            "delete from messaging_todevicemessage where device_id = $1 and pos <= $2", device, seen
        )
        if box.told == told <= seen:
            box.told = 0

    async def waiting(self, device: int, after: int, upto: int) -> tuple[list[bytes], int]:
        """The oldest messages after a position, at most `MOST_MESSAGES`; and the position up to which these are all."""
        box = self.box(device)
        newest = box.newest
        if newest <= after:
            return [], upto
        rows = await self.pool.fetch(_WAITING, device, after, upto, MOST_MESSAGES + 1)
        if not rows and newest <= upto and box.newest == newest:
            box.newest = after
        kept = rows[:MOST_MESSAGES]
        if kept:
            box.told = max(box.told, kept[-1][0])
        return [body for _pos, body in kept], kept[-1][0] if len(rows) > MOST_MESSAGES else upto

    async def counts(self, device: int) -> Counts:
        """One-time keys by algorithm (spec, "device_one_time_keys_count"), and the algorithms whose fallback key is
        unused."""
        if (held := self.held_counts(device)) is not None:
            return held
        box, now = self.box(device), time.monotonic()
        serial = box.serial
        rows = await self.pool.fetch(_COUNTS, device)
        counts = {CURVE: 0} | {name: count for name, count in rows if count >= 0}
        found = (counts, [name for name, count in rows if count < 0])
        if box.serial == serial:
            box.counts, box.counted_at = found, now
        return found

    def held_counts(self, device: int) -> Counts | None:
        """The same from memory alone; None where they must be counted."""
        box = self.live.boxes.held.get(device)
        fresh = box is not None and time.monotonic() - box.counted_at < TRUST_SECONDS
        return box.counts if box is not None and fresh else None
