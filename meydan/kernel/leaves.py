"""What a seal seals of a fact, to the byte (docs/security/seals.md). Knows no database, so that anybody can check.

Who did it, whom it concerns and what its fields say stand in the leaf as salted digests: a leaf can be shown to one
person without showing these. The leaf itself is salted too: its hash is public, and must not be guessable.
"""

import hmac
import json
import re
from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import Any

import rfc8785

from meydan.kernel.merkle import leaf_hash

HIDDEN = ("actor", "persons", "data")
SALT_BYTES = 16
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
# Where Python's encoder may differ from RFC 8785: numbers like 1.0, 1e-07, or longer than 15 digits; letters beyond the
# basic plane, which sort otherwise; infinity.
_PERHAPS_OTHERWISE = re.compile(r"\.0[,}\]]|\.0$|\de[+-]?\d|\d{16}|[\U00010000-\U0010ffff]|Infinity|NaN")


@dataclass(frozen=True)
class FactRow:
    """A fact as the database tells it: `at` in UTC as RFC 3339 with microseconds, `data` as JSON text."""

    id: int
    name: str
    subject: str
    persons: list[str]
    actor: str | None
    roles: list[str]
    departments: list[str]
    channel: str
    data: str
    at: str


@dataclass(frozen=True)
class Leaf:
    """A leaf's text, and the openings of its hidden fields: the text that each digest is of."""

    text: bytes
    openings: dict[str, bytes]

    @property
    def hash(self) -> bytes:
        """As it stands in the tree."""
        return leaf_hash(self.text)


def canonical(value: Any) -> bytes:
    """JSON by RFC 8785. Whole numbers beyond 2^53 and what is no number of JSON are written as texts."""
    text = _encode(value)
    if not _PERHAPS_OTHERWISE.search(text):
        return text.encode()  # the same bytes, ten times as fast
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return rfc8785.dumps(_as_safe(value))


def _as_safe(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_safe(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_safe(one) for one in value]
    if isinstance(value, float) and value - value != 0:  # infinity, or no number
        return repr(value)
    is_unsafe = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53
    return str(value) if is_unsafe else value


def make_leaf(row: FactRow, salt_key: bytes) -> Leaf:
    """The leaf of one fact; `salt_key` is its day's."""
    salts = hmac.digest(salt_key, row.id.to_bytes(8, "big"), sha512).hex()
    salt, *others = (salts[start : start + 2 * SALT_BYTES] for start in range(0, 128, 2 * SALT_BYTES))
    values = (row.actor, row.persons, _read(row.data))
    openings = {
        name: canonical([its_salt, name, value]) for name, its_salt, value in zip(HIDDEN, others, values, strict=True)
    }
    leaf = {
        "at": row.at,
        "channel": row.channel,
        "departments": row.departments,
        "hidden": {name: digest_of(opening) for name, opening in openings.items()},
        "id": row.id,
        "name": row.name,
        "roles": row.roles,
        "salt": salt,
        "subject": row.subject,
    }
    return Leaf(canonical(leaf), openings)


def digest_of(opening: bytes) -> str:
    """What stands in the leaf for a hidden field."""
    return sha256(opening).hexdigest()


def _read(text: str) -> Any:
    """The fields; as one text where Python can make nothing of them, so that no row can stop a seal."""
    try:
        value = json.loads(text)
        _encode(value)
    except (ValueError, RecursionError):
        return text
    return value
