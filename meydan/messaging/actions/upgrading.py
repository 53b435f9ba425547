"""A room is replaced by a new one of another version (client-server API, "Room Upgrades")."""

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError, forbidden
from meydan.messaging.models.events import Content
from meydan.messaging.policies.channels import is_channel
from meydan.messaging.policies.reading import CREATE, POWER_LEVELS, power_needed, power_of
from meydan.messaging.queries.live import BANNED, JOINED, Room

VERSIONS = ("10", "11")
COPIED = (
    *("m.room.join_rules", "m.room.history_visibility", "m.room.guest_access", "m.room.name", "m.room.topic"),
    *("m.room.avatar", "m.room.encryption", "m.room.server_acl"),
)
MOST_COPIED = 500
"""Bans, and children of a space, that are copied."""
TOMBSTONE = "m.room.tombstone"


async def upgrade_room(messenger: Messenger, who: Who, old: Room, version: str) -> Room:
    """The new room, with the old one's state and power; nobody but the asker is in it yet. The old one says where it
    is, and is closed to those without power. `M_UNSUPPORTED_ROOM_VERSION`, `M_FORBIDDEN`."""
    if version not in VERSIONS:
        raise MatrixError(400, "M_UNSUPPORTED_ROOM_VERSION", "This server knows the room versions 10 and 11.")
    if power_of(old.state, who.user_id) < power_needed(old.state, TOMBSTONE, True):
        raise forbidden("You have not the power to upgrade this room.")
    public = await messenger.pool.fetchval("select public from messaging_room where id = $1", old.number)
    new = await messenger.make_room(who.user_id, version, public=bool(public), hides_members=is_channel(old.state))
    before = old.tail[-1].event.event_id if old.tail else ""
    await messenger.append(new, who.user_id, _state_of(old, who.user_id, version, before))
    said = {"body": "This room has been replaced", "replacement_room": new.room_id}
    await messenger.append(old, who.user_id, [Draft(TOMBSTONE, said, "")])
    await _move_names(messenger, who, old, new)
    await _close(messenger, who, old)
    return new


def _state_of(old: Room, creator: str, version: str, before: str) -> list[Draft]:
    """What the new room begins with: power last, so that its creator may set all that comes before."""
    creation = {key: value for key, value in old.state[CREATE].content.items() if key not in ("creator", "predecessor")}
    creation |= {"room_version": version, "predecessor": {"room_id": old.room_id, "event_id": before}}
    if version == "10":
        creation["creator"] = creator
    levels = _levels(old)
    member = _only(_member(old, creator), "displayname", "avatar_url")
    drafts = [
        Draft("m.room.create", creation, ""),
        Draft("m.room.member", {**member, "membership": JOINED}, creator),
        Draft("m.room.power_levels", _with_power(levels, creator), ""),
        *(Draft(kind, old.state[kind, ""].content, "") for kind in COPIED if (kind, "") in old.state),
        *_many_of(old),
    ]
    if levels != drafts[2].content:
        drafts.append(Draft("m.room.power_levels", levels, ""))
    return drafts


def _member(room: Room, user_id: str) -> Content:
    event = room.state.get(("m.room.member", user_id))
    return event.content if event is not None else {}


def _only(content: Content, *keys: str) -> Content:
    return {key: content[key] for key in keys if key in content}


def _levels(old: Room) -> Content:
    event = old.state.get(POWER_LEVELS)
    return event.content if event is not None else {"users": {old.state[CREATE].sender: 100}}


def _with_power(levels: Content, creator: str) -> Content:
    """The same, but the creator may do all until the room is set up."""
    named = [level for level in (*levels.get("events", {}).values(), levels.get("state_default", 50)) if level > 100]
    most = max([100, levels.get("ban", 50), *named, *levels.get("users", {}).values()])
    return {**levels, "users": {**levels.get("users", {}), creator: most}}


def _many_of(old: Room) -> list[Draft]:
    """Who is banned, and a space's children."""
    bans = [name for name, membership in old.members.items() if membership == BANNED][:MOST_COPIED]
    children = [event for (kind, _key), event in old.state.items() if kind == "m.space.child"][:MOST_COPIED]
    return [
        *(Draft("m.room.member", _only(_member(old, one), "membership", "reason"), one) for one in bans),
        *(Draft(one.type, one.content, one.state_key) for one in children if one.content),
    ]


async def _move_names(messenger: Messenger, who: Who, old: Room, new: Room) -> None:
    """The old room's addresses lead to the new one, and the directory as well."""
    await messenger.pool.execute("update messaging_roomalias set room = $2 where room = $1", old.number, new.number)
    await messenger.pool.execute("update messaging_room set public = false where id = $1", old.number)
    named = old.state.get(("m.room.canonical_alias", ""))
    if named is not None and named.content:
        await _try(messenger, new, who, Draft("m.room.canonical_alias", named.content, ""))
        await _try(messenger, old, who, Draft("m.room.canonical_alias", {}, ""))


async def _close(messenger: Messenger, who: Who, old: Room) -> None:
    """Only who has power may still speak or invite in the old room."""
    levels = _levels(old)
    least = max(50, levels.get("users_default", 0) + 1)
    closed = {
        "events_default": max(least, levels.get("events_default", 0)),
        "invite": max(least, levels.get("invite", 0)),
    }
    await _try(messenger, old, who, Draft("m.room.power_levels", {**levels, **closed}, ""))


async def _try(messenger: Messenger, room: Room, who: Who, draft: Draft) -> None:
    """What the asker has not the power to do is left: the upgrade stands without it."""
    try:
        await messenger.append(room, who.user_id, [draft])
    except MatrixError as error:
        if error.status >= 500:
            raise
