"""What a seal seals of a fact, to the byte (docs/security/seals.md). Knows no database, so that anybody can check.

Who did it, whom it concerns and what its fields say stand in the leaf as salted digests: a leaf can be shown to one
person without showing these. The leaf itself is salted too: its hash is public, and must not be guessable.
"""

import hmac
import json
import re
from hashlib import sha256, sha512
from typing import Any, NamedTuple

import rfc8785

from meydan.kernel.merkle import leaf_hash

_text = json.encoder.encode_basestring
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
# Where Python's encoder may differ from RFC 8785: numbers like 1.0, 1e-07, infinity, or of 16 digits and more (a number
# follows on a comma, colon or bracket, a text on a quote); and letters beyond the basic plane, which sort otherwise.
_ODD_NUMBER = re.compile(r"[\[,:]-?(?:\d{16}|\d+(?:\.0[,}\]]|(?:\.\d+)?e)|Infinity|NaN)")
_FAR_LETTER = re.compile("[\U00010000-\U0010ffff]")


class FactRow(NamedTuple):
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


class Leaf(NamedTuple):
    """A leaf's text, and the openings of its hidden fields: the text that each digest is of."""

    text: bytes
    openings: dict[str, bytes]

    @property
    def hash(self) -> bytes:
        """As it stands in the tree."""
        return leaf_hash(self.text)


def canonical(value: list[Any] | dict[str, Any]) -> bytes:
    """JSON by RFC 8785. Whole numbers beyond 2^53 and what is no number of JSON are written as texts."""
    text = _encode(value)
    if not (_ODD_NUMBER.search(text) or _FAR_LETTER.search(text)):
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
    """The leaf of one fact; `salt_key` is its day's. Its shape never changes, so it is written down, not encoded: that
    a million take half the time is worth the test that compares it with RFC 8785."""
    salts = hmac.digest(salt_key, row.id.to_bytes(8, "big"), sha512).hex()
    actor = _text(row.actor) if row.actor else "null"
    opened = {
        "actor": f'["{salts[32:64]}","actor",{actor}]'.encode(),
        "persons": f'["{salts[64:96]}","persons",{_texts(row.persons)}]'.encode(),
        "data": _open_data(salts[96:], row.data),
    }
    text = (
        f'{{"at":{_text(row.at)},"channel":{_text(row.channel)},"departments":{_texts(row.departments)},'
        f'"hidden":{{"actor":"{digest_of(opened["actor"])}","data":"{digest_of(opened["data"])}",'
        f'"persons":"{digest_of(opened["persons"])}"}},"id":{row.id},"name":{_text(row.name)},'
        f'"roles":{_texts(row.roles)},"salt":"{salts[:32]}","subject":{_text(row.subject)}}}'
    )
    return Leaf(text.encode(), opened)


def _texts(values: list[str]) -> str:
    return f"[{','.join(map(_text, values))}]"


def _open_data(salt: str, text: str) -> bytes:
    """The fields; as one text where Python can make nothing of them, so that no row can stop a seal."""
    try:
        return canonical([salt, "data", json.loads(text)])
    except (ValueError, RecursionError):
        return canonical([salt, "data", text])


def digest_of(opening: bytes) -> str:
    """What stands in the leaf for a hidden field."""
    return sha256(opening).hexdigest()
