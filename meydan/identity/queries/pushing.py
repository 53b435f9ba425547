"""Authorization requests between their asking and their answer (RFC 9126), of relying parties and of wallets alike.

The `request_uri` holds the request itself, locked: nobody can fill our tables by asking, and nothing can be changed on
the way. Each belongs to the door that it was made at, and opens nothing at another.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from meydan.identity.models.credentials import REQUEST_LIVES
from meydan.kernel.clock import now
from meydan.kernel.errors import Unavailable
from meydan.kernel.vault import lock_away, take_out

URN = "urn:ietf:params:oauth:request_uri:"
MOST_REQUEST = 3000
"""Letters of a whole request. It goes along with the browser, locked, as a part of an address."""
CONNECT, WALLETS = "connect", "wallets"
"""The doors: where people sign in at relying parties, and where they let wallets in."""


@dataclass(frozen=True)
class Kept:
    """A request between its asking and its answer: its query, when it came, and a number that counts once."""

    query: str
    at: datetime
    number: str


def keep_request(query: str, *, door: str) -> str:
    """The `request_uri` of a request that was found in order at this door."""
    kept = {"door": door, "query": query, "at": int(now().timestamp()), "number": secrets.token_urlsafe(16)}
    return URN + lock_away(json.dumps(kept))


def open_request(uri: str, *, door: str) -> Kept | None:
    """The request that was kept so; None for another, for one of another door, and for one that is too old."""
    if not uri.startswith(URN) or len(uri) > 3 * MOST_REQUEST or not uri.isascii():
        return None
    try:
        said = json.loads(take_out(uri.removeprefix(URN)))
    except Unavailable:
        return None
    at = datetime.fromtimestamp(said["at"], UTC)
    return Kept(said["query"], at, said["number"]) if said.get("door") == door and now() < at + REQUEST_LIVES else None


def pushed(uri: str) -> dict[str, object]:
    """What the door of pushed requests answers (RFC 9126, 2.2)."""
    return {"request_uri": uri, "expires_in": int(REQUEST_LIVES.total_seconds())}
