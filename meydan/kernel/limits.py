"""Rate limits, kept in the database so that all processes and machines count together.

Call `check` at the door, before the action opens its transaction: a count inside a transaction that is rolled back
is forgotten, and the row stays locked until the transaction ends.
"""

import hashlib
import hmac
import math
from datetime import UTC, datetime, timedelta

from django.db import connection

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import TooMany
from meydan.kernel.models import RateLimit

_COUNT = """
INSERT INTO kernel_rate_limit AS kept (key, slot, used, used_before, expires_at)
VALUES (%(key)s, %(slot)s, 1, 0, %(end)s)
ON CONFLICT (key) DO UPDATE SET
    used = 1 + CASE WHEN kept.slot >= EXCLUDED.slot THEN kept.used ELSE 0 END,
    used_before = CASE WHEN kept.slot >= EXCLUDED.slot THEN kept.used_before
                       WHEN kept.slot = EXCLUDED.slot - 1 THEN kept.used ELSE 0 END,
    slot = GREATEST(kept.slot, EXCLUDED.slot),
    expires_at = EXCLUDED.expires_at
WHERE %(limit)s >= 1
    + CASE WHEN kept.slot >= EXCLUDED.slot THEN kept.used ELSE 0 END
    + CASE WHEN kept.slot >= EXCLUDED.slot THEN kept.used_before
           WHEN kept.slot = EXCLUDED.slot - 1 THEN kept.used ELSE 0 END * %(overlap)s
"""


def check(key: str, *, limit: int, seconds: int) -> None:
    """Count one use of `key`; TooMany, with the seconds to wait, beyond `limit` uses in any `seconds`.

    The window slides: the uses of the window before count by the part of it that still overlaps, as if they had been
    even. Uses that were refused do not count. The key, for example "login:192.0.2.1", is stored as a keyed hash only.
    Does nothing when the operator has switched limits off (`MEYDAN_RATE_LIMITS=off`, loopback only).
    """
    if limit < 1 or seconds < 1:
        raise ValueError("a limit is at least one use in one second")
    if not config().rate_limits:
        return
    slot, passed = divmod(now().timestamp(), seconds)
    hashed = _hashed(key, seconds)
    values: dict[str, bytes | int | float | datetime] = {
        "key": hashed,
        "slot": int(slot),
        "end": datetime.fromtimestamp((slot + 2) * seconds, UTC),
        "overlap": 1 - passed / seconds,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        if cursor.rowcount == 0:
            raise TooMany(retry_after=_wait(hashed, int(slot), limit, seconds, passed))


def _hashed(key: str, seconds: int) -> bytes:
    secret = f"limits:{config().secret_key}".encode()
    return hmac.digest(secret, f"{seconds}:{key}".encode(), hashlib.sha256)


def _wait(key: bytes, slot: int, limit: int, seconds: int, passed: float) -> int:
    """Seconds until one more use would pass, when nobody else uses one in between."""
    row = RateLimit.objects.filter(key=key).first()
    if row is None:  # swept this very moment
        return 1
    used, before = (row.used, row.used_before) if row.slot >= slot else (0, row.used)
    rest = seconds - passed
    if used < limit and before:  # in this window, as the one before slides out
        return max(1, math.ceil(rest - seconds * (limit - used - 1) / before))
    return max(1, math.ceil(rest + seconds * (1 - (limit - 1) / used)))


def forget_old_limits() -> int:
    """Delete the rows whose windows are over; returns how many. The worker does it every few minutes."""
    deleted, _by_table = RateLimit.objects.filter(expires_at__lt=now() - timedelta(seconds=1)).delete()
    return deleted
