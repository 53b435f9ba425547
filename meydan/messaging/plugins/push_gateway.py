"""Any push gateway (Push Gateway API): ntfy, UnifiedPush, Sygnal. Asked through the guarded fetcher, in a thread."""

from dataclasses import dataclass
from typing import Any

import msgspec

from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import call

PATH = "/_matrix/push/v1/notify"
MOST_BYTES = 32 * 1024
SECONDS = 10.0
BAD_MESSAGES = (400, 413, 422)
"""What a gateway answers to a notification that it will never take: the next one may fare better."""
MOST_PAUSE = 3600


class _Said(msgspec.Struct):
    rejected: list[str] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one try. `rejected`: the pushkey is worth nothing any more; `wait`: the seconds that the other side asks for,
    0 when it says none; `host`: the fault is the gateway's, and others fare no better there."""

    done: bool
    rejected: bool = False
    wait: int = 0
    host: bool = False


DONE, REJECTED, FAILED, DOWN = Outcome(True), Outcome(True, rejected=True), Outcome(False), Outcome(False, host=True)


def notify(url: str, notification: dict[str, Any]) -> Outcome:
    """For a thread: one try to tell one device."""
    sent = {"Content-Type": "application/json"}
    body = msgspec.json.encode({"notification": notification})
    try:
        answer = call("POST", url, body=body, headers=sent, max_bytes=MOST_BYTES, timeout=SECONDS)
    except MeydanError:
        return DOWN
    if answer.status != 200:
        return outcome_of(answer.status, answer.headers.get("retry-after", ""))
    pushkey = notification["devices"][0]["pushkey"]
    try:
        said = msgspec.json.decode(answer.body, type=_Said)
    except (msgspec.DecodeError, RecursionError):
        return FAILED  # it is no push gateway, or not today
    return REJECTED if pushkey in said.rejected else DONE


def outcome_of(status: int, retry_after: str) -> Outcome:
    """Of an answer that is not good."""
    if status in BAD_MESSAGES:
        return DONE
    wait = min(int(retry_after), MOST_PAUSE) if retry_after.isdigit() and len(retry_after) < 9 else 0
    return Outcome(False, wait=wait, host=status == 429 or status >= 500)
