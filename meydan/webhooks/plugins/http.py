"""The way out of a webhook: Standard Webhooks' signed POST, and CloudEvents' question whether it is welcome."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from meydan.kernel.config import config
from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import Answer, call

TIMEOUT = 10.0
MAX_BYTES = 4_000
"""Of an answer, whose words only the delivery's line shows."""
RATE_ASKED = 600  # a minute
MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "whsec_"


def ask(url: str) -> tuple[bool, int, str]:
    """Ask an address whether it wants to be written to (CloudEvents HTTP 1.1 web hooks, section 4): whether it does,
    how often a minute (0: as we like), and what was wrong when it does not."""
    origin = urlsplit(config().base_url).hostname or "localhost"
    headers = {"WebHook-Request-Origin": origin, "WebHook-Request-Rate": str(RATE_ASKED)}
    try:
        answer = call("OPTIONS", url, headers=headers, max_bytes=MAX_BYTES, timeout=TIMEOUT)
    except MeydanError as error:
        return False, 0, error.code
    allowed = answer.headers.get("webhook-allowed-origin", "").strip().lower()
    if not 200 <= answer.status < 300 or allowed not in ("*", origin.lower()):
        return False, 0, f"{answer.status}, WebHook-Allowed-Origin: {allowed[:100] or '–'}"
    return True, _rate(answer), ""


def _rate(answer: Answer) -> int:
    given = answer.headers.get("webhook-allowed-rate", "*").strip()
    return min(int(given), 100_000) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def send(url: str, key: str, body: str, *, secrets: Sequence[str], moment: int) -> Answer:
    """POST one event, signed with each of the secrets. Raises as `kernel.fetch.call` does."""
    headers = {
        "Content-Type": MEDIA_TYPE,
        "webhook-id": key,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(sign(secret, key, moment, body) for secret in secrets),
    }
    return call("POST", url, body=body.encode(), headers=headers, max_bytes=MAX_BYTES, timeout=TIMEOUT)


def sign(secret: str, key: str, moment: int, body: str) -> str:
    """Standard Webhooks' symmetric signature, version 1, over id, time (s) and body."""
    raw = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(raw, f"{key}.{moment}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
