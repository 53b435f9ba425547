"""What a gateway does all the time, beside its doors: it must never end without a word.

A task that nobody waits for ends silently when it meets what it did not foresee (a fault of the database's driver, of
the event loop), and the gateway goes on without it: deaf to the others, or the keeper of streams that nobody writes.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from meydan.messaging.queries.reading import DATABASE_FAULTS

AGAIN_SECONDS, LATER_SECONDS = 0.2, 1.0
"""After which it begins anew: while the database is away, and after what was not foreseen."""
SAID_SECONDS = 10.0
"""For so long it is not said again that the database is away."""
log = logging.getLogger(__name__)


def tend(work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
    """A task that does `work` until it is cancelled; when it breaks, that is logged, and it begins anew."""
    return asyncio.create_task(_tend(work, name), name=name)


async def _tend(work: Callable[[], Awaitable[None]], name: str) -> None:
    said_at = -SAID_SECONDS
    while True:
        try:
            await work()
        except DATABASE_FAULTS as error:
            if (now := time.monotonic()) - said_at >= SAID_SECONDS:
                said_at = now
                log.warning("%s: the database does not answer: %s", name, error)
            await asyncio.sleep(AGAIN_SECONDS)
        except Exception:
            log.exception("%s", name)
            await asyncio.sleep(LATER_SECONDS)
