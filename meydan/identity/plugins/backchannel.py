"""The way out to a relying party's program, which is told that a sign-in there has ended (OpenID Connect Back-Channel
Logout 1.0, 2.5)."""

from enum import StrEnum
from urllib.parse import urlencode

from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import Forbidden, call

TIMEOUT = 10.0
MAX_BYTES = 4_000
"""Of an answer, whose words nobody reads."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = (408, 429)


class Outcome(StrEnum):
    """What came of telling: it knows now, it will not hear of it, or it was not there."""

    TOLD = "told"
    REFUSED = "refused"
    LATER = "later"


def tell(uri: str, token: str) -> Outcome:
    """POST a logout token, under the guard of `kernel.fetch`. A redirect is not followed: it is a refusal."""
    body = urlencode({"logout_token": token}).encode()
    try:
        answer = call("POST", uri, body=body, headers=FORM, max_bytes=MAX_BYTES, timeout=TIMEOUT)
    except MeydanError as error:
        return Outcome.REFUSED if error.code == Forbidden.code else Outcome.LATER
    if answer.status in (200, 204):
        return Outcome.TOLD
    return Outcome.LATER if answer.status >= 500 or answer.status in PATIENCE else Outcome.REFUSED
