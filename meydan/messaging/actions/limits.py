"""How often somebody may do what costs much.

Counted by person and by device, in the database, so that all gateways count together (`kernel.limits`). What happens
often is counted by the packet: whoever has paid for one uses it up here, and the database is asked once for all of it.
"""

import asyncio
from dataclasses import dataclass

from django.db import close_old_connections

from meydan.kernel.config import config
from meydan.kernel.errors import TooMany
from meydan.kernel.limits import check
from meydan.messaging.actions.devices import limited
from meydan.messaging.actions.messenger import Who

MOST_HELD = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times by all devices of a person, and by one of them, within so many seconds; paid by the `packet`."""

    person: int
    device: int
    seconds: int
    packet: int = 1


RATES = {
    "send": Rate(1200, 600, 60, packet=20),
    "signal": Rate(2400, 1200, 60, packet=40),  # receipts, typing
    "to_device": Rate(2400, 1200, 60, packet=20),
    "claim": Rate(600, 300, 60, packet=5),
    "query": Rate(600, 300, 60, packet=5),
    "keys": Rate(600, 300, 60, packet=5),
    "backup": Rate(1200, 600, 60, packet=10),
    "create": Rate(120, 60, 3600),
    "join": Rate(240, 120, 600),
    "invite": Rate(600, 300, 3600),
    "search": Rate(60, 30, 60),
    "settings": Rate(600, 300, 60, packet=10),
    "profile": Rate(60, 30, 600),
    "openid": Rate(240, 120, 600),
    "presence": Rate(240, 120, 600),
    "pusher": Rate(120, 60, 3600),
}
NOTIFIED_PER_MINUTE = 1200
_paid: dict[tuple[str, int], int] = {}


async def spend(what: str, who: Who, times: int = 1) -> None:
    """Count something that somebody does. `M_LIMIT_EXCEEDED`, with the time to wait."""
    if not config().rate_limits:
        return
    rate, key = RATES[what], (what, who.device)
    left = _paid.get(key, 0) - times
    while left < 0:
        await asyncio.to_thread(_pay, what, who, rate)
        left += rate.packet
    while len(_paid) >= MOST_HELD:
        del _paid[next(iter(_paid))]
    _paid[key] = left


def _pay(what: str, who: Who, rate: Rate) -> None:
    """For a thread: one packet more."""
    close_old_connections()
    try:
        check(f"messaging.{what}:{who.device}", limit=rate.device // rate.packet, seconds=rate.seconds)
        check(f"messaging.{what}:{who.user_id}", limit=rate.person // rate.packet, seconds=rate.seconds)
    except TooMany as error:
        raise limited(error) from error


async def spend_address(what: str, address: str) -> None:
    """The same of who needs no token, by their address."""
    if config().rate_limits:
        await asyncio.to_thread(_pay_address, what, address)


def _pay_address(what: str, address: str) -> None:
    close_old_connections()
    try:
        check(f"messaging.{what}:{address}", limit=NOTIFIED_PER_MINUTE, seconds=60)
    except TooMany as error:
        raise limited(error) from error
