"""Token Status List (draft-ietf-oauth-status-list): a bit for each credential, packed, the least significant bit of a
byte first."""

import zlib
from collections.abc import Iterable
from typing import Any

from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import b64url, from_b64url

TYP = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
LEVEL = 9
MOST_BYTES = 4 * 1024 * 1024
"""Of an unpacked list: 2^25 bits. A list that claims more is refused, not unpacked."""


def pack(size: int, revoked: Iterable[int]) -> str:
    """`lst` of a list of `size` entries in which these are revoked."""
    bits = bytearray(size // 8)
    for index in revoked:
        bits[index >> 3] |= 1 << (index & 7)
    return b64url(zlib.compress(bytes(bits), LEVEL))


def is_revoked(payload: Any, index: int) -> bool:
    """Whether the list says of an entry that it is revoked. Raises `Broken`, also for an entry outside of the list."""
    said = payload.get("status_list") if isinstance(payload, dict) else None
    if not isinstance(said, dict) or said.get("bits") != 1 or not isinstance(said.get("lst"), str):
        raise Broken("it is no status list of one bit")
    bits = _unpack(from_b64url(said["lst"]))
    if not 0 <= index < 8 * len(bits):
        raise Broken("the entry is not in the list")
    return bool(bits[index >> 3] >> (index & 7) & 1)


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        bits = unpacker.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise Broken("the status list cannot be unpacked") from error
    if not unpacker.eof:
        raise Broken("the status list is not whole, or too large")
    return bits
