"""The shapes of what the protocol writes: ids, canonical JSON, sizes, and what redaction leaves of an event.

Pure, and the same for every room. Sources: Matrix spec, appendices; room version 11.
"""

import re
import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.events import Content, Event

MOST_BYTES = 65_536
"""An event in canonical JSON (client-server API, Size limits)."""
MOST_NAME_BYTES = 255
"""A type, state key or id (client-server API, Size limits)."""
MOST_DEPTH = 100
"""How deep values may nest. The spec leaves this open; every JSON reader has some such bound."""
LARGEST = 2**53 - 1
"""The largest whole number of canonical JSON, and with a minus the smallest (appendices, Canonical JSON)."""

_LETTERS = string.ascii_letters + string.digits
_encode = msgspec.json.Encoder(order="sorted").encode  # sorts by UTF-8, which is by codepoint

# Appendices, Server name. A dotted quad is a DNS name by its letters.
_SERVER = r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,255})(?::[0-9]{1,5})?"
_is_server = re.compile(_SERVER).fullmatch
_is_user = re.compile(rf"@[^:\0]*:{_SERVER}").fullmatch
_is_room = re.compile(rf"![^:\0]+:{_SERVER}").fullmatch
_is_alias = re.compile(rf"#[^:\0]+:{_SERVER}").fullmatch
_is_localpart = re.compile(r"[a-z0-9._=/+-]+").fullmatch
_is_event = re.compile(r"\$[A-Za-z0-9_-]{43}").fullmatch


# Ids


def is_whole(text: str) -> bool:
    """From 1 to 18 of the digits 0 to 9: a number that a database holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def is_server_name(text: str) -> bool:
    """A host with or without a port; at most 230 bytes, so that ids have room (appendices, Server name)."""
    return len(text) <= 230 and _is_server(text) is not None


def is_localpart(text: str) -> bool:
    """A name that a new account may have (appendices, User identifiers)."""
    return _is_localpart(text) is not None


def is_user_id(text: str) -> bool:
    """`@name:server`, historical names as well (appendices, Historical user IDs)."""
    return _is_user(text) is not None and is_short(text)


def is_room_id(text: str) -> bool:
    """`!opaque:server` (appendices, Room IDs; room versions before 12)."""
    return _is_room(text) is not None and is_short(text)


def is_room_alias(text: str) -> bool:
    """`#name:server` (appendices, Room aliases)."""
    return _is_alias(text) is not None and is_short(text)


def is_event_id(text: str) -> bool:
    """`$` and 43 letters (room version 4, Event IDs)."""
    return _is_event(text) is not None


def is_event_type(text: str) -> bool:
    """Any text of 1 to 255 bytes: clients have types of their own (client-server API, Size limits)."""
    return text != "" and is_short(text)


def is_short(text: str) -> bool:
    """Whether these are at most 255 bytes of UTF-8 (client-server API, Size limits)."""
    if len(text) * 4 <= MOST_NAME_BYTES:
        return True
    return len(text.encode("utf-8", "surrogatepass")) <= MOST_NAME_BYTES


def domain_of(matrix_id: str) -> str:
    """The server's name in a user id, room id or alias (appendices, Common identifier format)."""
    return matrix_id.partition(":")[2]


def make_event_id() -> str:
    """`$` and 43 letters, as a hash would have (room version 4, Event IDs); here 256 random bits."""
    return "$" + secrets.token_urlsafe(32)


def make_room_id(server_name: str) -> str:
    """`!` and 22 letters and digits, 131 random bits, of this server (appendices, Room IDs)."""
    return f"!{''.join(secrets.choice(_LETTERS) for _ in range(22))}:{server_name}"


# Canonical JSON


def canonical_json(value: Any) -> bytes:
    """The one way to write a value (appendices, Canonical JSON). MatrixError M_BAD_JSON for what has no such way: see
    `check_json`."""
    check_json(value)
    try:
        return _encode(value)
    except UnicodeEncodeError:
        raise _bad_json("Text must be valid Unicode.") from None


def check_json(value: Any) -> None:
    """Refuse with M_BAD_JSON fractions, numbers beyond 2^53 - 1, what is no JSON, and more than 100 levels (appendices,
    Canonical JSON; room version 6)."""
    level: list[Any] = [value]
    for _ in range(MOST_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise _bad_json(f"Values may nest {MOST_DEPTH} levels deep.")


def check_depth(value: Any) -> None:
    """Refuse with M_BAD_JSON more than 100 levels, in values that are read from JSON."""
    level: list[Any] = [value]
    for _ in range(MOST_DEPTH):
        level = [child for node in level for child in _inside(node)]
        if not level:
            return
    raise _bad_json(f"Values may nest {MOST_DEPTH} levels deep.")


def _inside(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _children(node: Any) -> Iterable[Any]:
    """What is inside, once the node itself is found good."""
    kind = type(node)
    if kind is str or kind is bool or node is None:
        return ()
    if isinstance(node, dict):
        return node.values()
    if isinstance(node, list):
        return node
    if kind is int and -LARGEST <= node <= LARGEST:
        return ()
    raise _bad_json(f"Numbers must be whole, and at most {LARGEST}.")


def check_event(event: Event) -> bytes:
    """The event in canonical JSON, without `unsigned`, once its sizes are found good; else M_TOO_LARGE or M_BAD_JSON
    (client-server API, Size limits)."""
    for text in (event.type, event.sender, event.room_id, event.event_id, event.state_key or ""):
        if not is_short(text):
            raise _too_large(f"Types, state keys and ids take at most {MOST_NAME_BYTES} bytes.")
        if "\0" in text:
            raise _bad_json("Types, state keys and ids hold no zero.")
    if not event.type:
        raise _bad_json("An event needs a type.")
    written = canonical_json(as_json(event))
    if len(written) > MOST_BYTES:
        raise _too_large(f"An event takes at most {MOST_BYTES} bytes.")
    return written


def as_json(event: Event) -> dict[str, Any]:
    """The event as clients get it, without `unsigned` (client-server API, Room event format)."""
    fields: dict[str, Any] = {
        "content": event.content,
        "event_id": event.event_id,
        "origin_server_ts": event.origin_server_ts,
        "room_id": event.room_id,
        "sender": event.sender,
        "type": event.type,
    }
    if event.redacts is not None:
        fields["redacts"] = event.redacts
    if event.state_key is not None:
        fields["state_key"] = event.state_key
    return fields


def _bad_json(message: str) -> MatrixError:
    return MatrixError(400, "M_BAD_JSON", message)


def _too_large(message: str) -> MatrixError:
    return MatrixError(413, "M_TOO_LARGE", message)


def media_in(content: Content, server_name: str, most: int = 50) -> list[str]:
    """The media ids of this server's files that a content shows, wherever in it; at most so many."""
    start, found = f"mxc://{server_name}/", dict[str, None]()
    level: list[Any] = [content]
    while level:
        texts = (node for node in level if isinstance(node, str) and node.startswith(start))
        found.update(dict.fromkeys(text.removeprefix(start)[:64] for text in texts))
        level = [child for node in level for child in _inside(node)]
    return [one for one in found if "\0" not in one][:most]


# Redaction

EVERY = frozenset(("*",))
_POWERS = frozenset(
    ("ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"),
)

KEPT_KEYS = frozenset(
    (
        "event_id",
        "type",
        "room_id",
        "sender",
        "state_key",
        "content",
        "hashes",
        "signatures",
        "depth",
        "prev_events",
        "auth_events",
        "origin_server_ts",
    )
)
"""What redaction leaves of an event (room version 11, Redactions)."""

KEPT_CONTENT: dict[str, frozenset[str]] = {
    "m.room.member": frozenset(("membership", "join_authorised_via_users_server", "third_party_invite")),
    "m.room.create": EVERY,
    "m.room.join_rules": frozenset(("join_rule", "allow")),
    "m.room.power_levels": _POWERS | {"invite"},
    "m.room.history_visibility": frozenset(("history_visibility",)),
    "m.room.redaction": frozenset(("redacts",)),
}
"""What redaction leaves of the content, by type; nothing of any other type (room version 11, Redactions)."""

KEPT_IN_VERSION_10: dict[str, frozenset[str]] = KEPT_CONTENT | {
    "m.room.member": frozenset(("membership", "join_authorised_via_users_server")),
    "m.room.create": frozenset(("creator",)),
    "m.room.power_levels": _POWERS,
    "m.room.redaction": frozenset(),
}
"""The same in rooms of version 10 (room version 9, Redactions)."""


def redact_content(event_type: str, content: Content, version: str = "11") -> Content:
    """What redaction leaves of a content, as a new dict (room version 11, Redactions; 10 is known as well)."""
    kept = (KEPT_IN_VERSION_10 if version == "10" else KEPT_CONTENT).get(event_type, frozenset())
    if kept is EVERY:
        return dict(content)
    left = {key: value for key, value in content.items() if key in kept}
    if "third_party_invite" in left:
        _redact_invitation(left)
    return left


def _redact_invitation(content: Content) -> None:
    """Of `third_party_invite` only `signed` is left."""
    invitation = content.pop("third_party_invite")
    if isinstance(invitation, dict):
        content["third_party_invite"] = {key: invitation[key] for key in ("signed",) if key in invitation}


def redact_keys(event: Mapping[str, Any], version: str = "11") -> dict[str, Any]:
    """What redaction leaves of an event that is written as JSON, its content included (room version 11, Redactions)."""
    left = {key: value for key, value in event.items() if key in KEPT_KEYS}
    left["content"] = redact_content(event["type"], event["content"], version)
    return left


def redact(event: Event, version: str = "11") -> Event:
    """What redaction leaves of an event (room version 11, Redactions)."""
    content = redact_content(event.type, event.content, version)
    return msgspec.structs.replace(event, content=content, redacts=None)


def is_redacted(body: bytes) -> bool:
    """Whether the event that these bytes say was redacted (client-server API, Redactions)."""
    return b'"redacted_because"' in body and "redacted_because" in msgspec.json.decode(body).get("unsigned", {})


def redacts_of(event: Event) -> str | None:
    """The id of the event that a redaction is about: in the content since room version 11, beside it before."""
    named = event.content.get("redacts", event.redacts)
    return named if isinstance(named, str) else None
