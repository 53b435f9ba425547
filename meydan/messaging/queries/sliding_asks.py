"""What a client asks of sliding sync (MSC4186 as it is deployed), read within bounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.live import Room, StateKey

MOST_TIMELINE = 100
MEMBER = "m.room.member"
Name = Annotated[str, msgspec.Meta(max_length=255)]
Names = Annotated[list[Name], msgspec.Meta(max_length=1_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Pairs = Annotated[list[tuple[Name, Name]], msgspec.Meta(max_length=100)]
Ranges = Annotated[list[tuple[Count, Count]], msgspec.Meta(max_length=20)]


class Filters(msgspec.Struct, frozen=True):
    """Which rooms a list holds; all of it must be true of them."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    room_types: list[Name | None] | None = None
    not_room_types: list[Name | None] | None = None
    spaces: Names | None = None
    tags: Names | None = None
    not_tags: Names | None = None


class _Details(msgspec.Struct):
    required_state: Pairs = []
    timeline_limit: Count = 0


class _List(_Details):
    ranges: Ranges = []
    filters: Filters | None = None


class Extension(msgspec.Struct, frozen=True):
    """One of the extensions: for which lists and subscribed rooms (None and `*`: for all); `since` and `limit` are for
    messages to devices."""

    enabled: bool | None = None
    lists: Names | None = None
    rooms: Names | None = None
    since: Name | None = None
    limit: Count | None = None


OFF = Extension()


class Extensions(msgspec.Struct, frozen=True):
    """Those that this server knows; others are passed over."""

    to_device: Extension | None = None
    e2ee: Extension | None = None
    account_data: Extension | None = None
    receipts: Extension | None = None
    typing: Extension | None = None

    def on(self, name: str) -> Extension | None:
        """The extension, if it is switched on."""
        found: Extension | None = getattr(self, name)
        return found if found is not None and found.enabled else None


class _Body(msgspec.Struct):
    conn_id: Name = ""
    txn_id: Name | None = None
    pos: str | None = None
    timeout: Count | None = None
    lists: Annotated[dict[Name, _List], msgspec.Meta(max_length=50)] = {}
    room_subscriptions: Annotated[dict[Name, _Details], msgspec.Meta(max_length=500)] = {}
    extensions: Extensions = Extensions()
    lean: bool = msgspec.field(default=False, name="org.meydan.lean")


class Needs(msgspec.Struct, frozen=True):
    """The state that a client wants: (type, state key), each of which may be `*`; `lazy`: members as they are met."""

    pairs: frozenset[StateKey] = frozenset()
    lazy: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        if other is self:
            return self
        return Needs(self.pairs | other.pairs, self.lazy or other.lazy)

    def without(self, other: "Needs") -> "Needs":
        """What is wanted beyond the other."""
        return Needs(self.pairs - other.pairs, self.lazy and not other.lazy)

    def has(self, kind: str, key: str) -> bool:
        """Whether this piece of state is wanted."""
        pairs = self.pairs
        if (kind, key) in pairs or (kind, "*") in pairs:
            return True
        return not (self.lazy and kind == MEMBER) and (("*", key) in pairs or ("*", "*") in pairs)

    def keys_in(self, room: Room) -> set[StateKey]:
        """The pieces of the room's state that are wanted."""
        found: set[StateKey] = set()
        for kind, key in self.pairs:
            if kind != "*" and key != "*":
                found.add((kind, key))
            else:
                found.update(self._any(room, kind, key))
        return found & room.state.keys()

    def _any(self, room: Room, kind: str, key: str) -> Iterator[StateKey]:
        if kind == MEMBER:
            return ((MEMBER, name) for name in room.members)
        kinds = (*room.keys, *(() if self.lazy else (MEMBER,))) if kind == "*" else (kind,)
        if key != "*":
            return ((one, key) for one in kinds)
        return ((one, inner) for one in kinds for inner in (room.members if one == MEMBER else room.keys.get(one, ())))


class Want(msgspec.Struct, frozen=True):
    """What is wanted of a room."""

    limit: int
    needs: Needs

    def __or__(self, other: "Want") -> "Want":
        return self if other is self else Want(max(self.limit, other.limit), self.needs | other.needs)


class ListAsk(msgspec.Struct, frozen=True):
    """A list: its windows (both ends belong to them), what its rooms are asked for, and which they are."""

    ranges: Sequence[tuple[int, int]]
    want: Want
    filters: Filters | None


class Ask(msgspec.Struct, frozen=True):
    """A request. `pos` and `timeout` (milliseconds) are here as MSC4186 writes them; what is deployed has them in the
    query, which counts first. `lean` is ours: pieces of state come without what a list of rooms does not show (ids,
    times, what was before), which is half of a first answer."""

    conn_id: str
    txn_id: str | None
    pos: str
    timeout: int
    lists: Mapping[str, ListAsk]
    rooms: Mapping[str, Want]
    extensions: Extensions
    lean: bool = False


_decode = msgspec.json.Decoder(_Body).decode


def read_ask(data: bytes, user_id: str) -> Ask:
    """A request as clients write it. `M_NOT_JSON`, `M_INVALID_PARAM`."""
    body = _read(data)
    known: dict[Any, Needs] = {}
    lists = {
        name: ListAsk(tuple(one.ranges), _want(one, user_id, known), one.filters) for name, one in body.lists.items()
    }
    rooms = {name: _want(one, user_id, known) for name, one in body.room_subscriptions.items()}
    return Ask(body.conn_id, body.txn_id, body.pos or "", body.timeout or 0, lists, rooms, body.extensions, body.lean)


def _read(data: bytes) -> _Body:
    try:
        return _decode(data or b"{}")
    except msgspec.ValidationError as error:
        raise MatrixError(400, "M_INVALID_PARAM", f"This is no request of sliding sync: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MatrixError(400, "M_NOT_JSON", "This is not valid JSON.") from error


def _want(said: _Details, user_id: str, known: dict[Any, Needs]) -> Want:
    needs = needs_of(said.required_state, user_id)
    return Want(min(said.timeline_limit, MOST_TIMELINE), known.setdefault(needs, needs))


def needs_of(said: Iterable[tuple[str, str]], user_id: str) -> Needs:
    """`required_state` with `$ME` and `$LAZY` understood."""
    lazy = (MEMBER, "$LAZY")
    pairs = frozenset((kind, user_id if key == "$ME" else key) for kind, key in said if (kind, key) != lazy)
    return Needs(pairs, lazy in said)
