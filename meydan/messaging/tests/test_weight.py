"""What the parts of the messenger's page weigh that are loaded when they are needed."""

from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types

STATIC = Path(__file__).resolve().parent.parent / "static" / "messaging"
CALL = ("chat/call.js", "chat/calls.js", "chat/ring.js", "chat/sdp.js", "calls.css")
CALL_BYTES = 35_000


def test_a_call_is_small() -> None:
    """As they are served where nothing puts them together; each file by itself, as browsers get them."""
    weights = [len(brotli.compress((STATIC / name).read_bytes(), quality=6)) for name in CALL]
    assert sum(weights) <= CALL_BYTES, dict(zip(CALL, weights, strict=True))
