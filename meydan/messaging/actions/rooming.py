"""Rooms are made, entered and left (client-server API, "Creation", "Room membership")."""

from collections.abc import Sequence
from typing import Any

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden
from meydan.messaging.models.events import Content
from meydan.messaging.policies.channels import CHANNEL
from meydan.messaging.policies.joining import joined_rooms_needed, prepare_join
from meydan.messaging.queries.live import INVITED, JOINED, KNOCKED, Note, Room

PRESETS = {  # preset -> join rule, history visibility, guests, whether those invited have the creator's power
    "private_chat": ("invite", "shared", "can_join", False),
    "trusted_private_chat": ("invite", "shared", "can_join", True),
    "public_chat": ("public", "shared", "forbidden", False),
}
MOST_INVITED = 100
MOST_ROOMS = 2_000
"""That one person is in, or is invited to."""
POWER = {
    "ban": 50,
    "events": {
        "m.room.avatar": 50,
        "m.room.canonical_alias": 50,
        "m.room.encryption": 100,
        "m.room.history_visibility": 100,
        "m.room.name": 50,
        "m.room.power_levels": 100,
        "m.room.server_acl": 100,
        "m.room.tombstone": 100,
    },
    "events_default": 0,
    "historical": 100,
    "invite": 0,
    "kick": 50,
    "redact": 50,
    "state_default": 50,
    "users_default": 0,
}


async def create_room(messenger: Messenger, who: Who, body: dict[str, Any]) -> Room:
    """A room as the request describes it, with its creator in it."""
    await _demand_place(messenger, who.user_id)
    visibility = body.get("visibility", "private")
    preset = body.get("preset") or ("public_chat" if visibility == "public" else "private_chat")
    if preset not in PRESETS:
        raise bad_param("There is no such preset.")
    version = str(body.get("room_version") or "11")
    if version not in ("10", "11"):
        raise MatrixError(400, "M_UNSUPPORTED_ROOM_VERSION", "This server knows the room versions 10 and 11.")
    invited = _invited(body, messenger.server_name)
    drafts = _first_events(who, body, preset, version, invited)
    alias = await _reserve_alias(messenger, who, body)
    hides = drafts[0].content.get("type") == CHANNEL
    room = await messenger.make_room(who.user_id, version, public=visibility == "public", hides_members=hides)
    if alias:
        drafts.append(Draft("m.room.canonical_alias", {"alias": alias}, ""))
        await messenger.pool.execute("update messaging_roomalias set room = $2 where alias = $1", alias, room.number)
    direct = {"is_direct": True} if body.get("is_direct") is True else {}
    names = await profiles(messenger, [who.user_id, *invited])
    drafts += [_member(name, INVITED, {**names.get(name, {}), **direct}) for name in invited]
    drafts[1] = _member(who.user_id, JOINED, names.get(who.user_id, {}))
    await messenger.append(room, who.user_id, drafts)
    return room


def _first_events(who: Who, body: dict[str, Any], preset: str, version: str, invited: Sequence[str]) -> list[Draft]:
    """In the order of the spec: creation, the creator, power, preset, initial state, name and topic."""
    join_rule, history, guests, equal = PRESETS[preset]
    creation = {**_object(body, "creation_content"), "room_version": version}
    if version == "10":
        creation["creator"] = who.user_id
    users = dict.fromkeys([who.user_id, *invited] if equal else [who.user_id], 100)
    power = {**POWER, "users": users, **_object(body, "power_level_content_override")}
    drafts = [
        Draft("m.room.create", creation, ""),
        _member(who.user_id, JOINED, {}),
        Draft("m.room.power_levels", power, ""),
        Draft("m.room.join_rules", {"join_rule": join_rule}, ""),
        Draft("m.room.history_visibility", {"history_visibility": history}, ""),
        Draft("m.room.guest_access", {"guest_access": guests}, ""),
    ]
    given = _initial_state(body)
    said = {(draft.type, draft.state_key) for draft in given}
    drafts = drafts[:3] + [one for one in drafts[3:] if (one.type, one.state_key) not in said]
    drafts += given
    for name in ("name", "topic"):
        if isinstance(body.get(name), str):
            drafts.append(Draft(f"m.room.{name}", {name: body[name]}, ""))
    return drafts


def _initial_state(body: dict[str, Any]) -> list[Draft]:
    events = body.get("initial_state", [])
    if not isinstance(events, list) or len(events) > 100:
        raise MatrixError(400, "M_BAD_JSON", "initial_state is a list of at most 100 events.")
    drafts = []
    for event in events:
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise MatrixError(400, "M_BAD_JSON", "Each of initial_state has a type.")
        key, content = event.get("state_key", ""), event.get("content")
        if not isinstance(key, str) or not isinstance(content, dict):
            raise MatrixError(400, "M_BAD_JSON", "Each of initial_state has a content and a state_key.")
        drafts.append(Draft(event["type"], content, key))
    return drafts


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise MatrixError(400, "M_BAD_JSON", f"{name} is an object.")
    return value


def _invited(body: dict[str, Any], server_name: str) -> list[str]:
    names = body.get("invite", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise MatrixError(400, "M_BAD_JSON", "invite is a list of user ids.")
    if len(names) > MOST_INVITED:
        raise bad_param(f"Invite at most {MOST_INVITED} people at once.")
    for name in names:
        need_local(name, server_name)
    return list(dict.fromkeys(names))


def need_local(user_id: str, server_name: str) -> str:
    """A user id of this server. `M_INVALID_PARAM`, `M_FORBIDDEN`."""
    if not user_id.startswith("@") or ":" not in user_id or len(user_id) > 255 or "\0" in user_id:
        raise bad_param("This is not a user id.")
    if user_id.partition(":")[2] != server_name:
        raise forbidden("Only people of this server can be invited: nothing leaves it.")
    return user_id


async def _reserve_alias(messenger: Messenger, who: Who, body: dict[str, Any]) -> str:
    local = body.get("room_alias_name")
    if local is None:
        return ""
    if not isinstance(local, str) or not 0 < len(local) <= 200 or set(local) & set("#: \0"):
        raise bad_param("This cannot be the name of a room.")
    alias = f"#{local}:{messenger.server_name}"
    said = await messenger.pool.execute(
        "insert into messaging_roomalias (alias, room, creator) values ($1, 0, $2) on conflict do nothing",
        alias,
        who.user_id,
    )
    if said.endswith(" 0"):
        raise MatrixError(400, "M_ROOM_IN_USE", "This alias is taken.")
    return alias


def _member(user_id: str, membership: str, more: Content) -> Draft:
    return Draft("m.room.member", {"membership": membership, **more}, user_id)


async def profiles(messenger: Messenger, user_ids: Sequence[str]) -> dict[str, Content]:
    """What member events say of people: their shown names, and their pictures."""
    localparts = [name[1:].partition(":")[0] for name in user_ids]
    rows = await messenger.pool.fetch(_PROFILES, localparts, messenger.server_name)
    return {
        person: {"displayname": name or username, **({"avatar_url": url} if url else {})}
        for username, name, person, url in rows
    }


_PROFILES = """
select p.username, p.name, '@' || p.username || ':' || $2::text, profile.avatar_url
  from accounts_person p
  left join messaging_profile profile on profile.person = '@' || p.username || ':' || $2::text
 where p.username = any($1::text[]) and p.is_active"""


async def change_membership(
    messenger: Messenger, room: Room, sender: str, target: str, membership: str, reason: str = ""
) -> None:
    """Somebody becomes something to a room; the rules say who may."""
    more: Content = {"reason": reason} if reason else {}
    if membership in (JOINED, INVITED):
        known = await profiles(messenger, [target])
        if target not in known:
            raise MatrixError(404, "M_NOT_FOUND", "There is nobody with this name.")
        more |= known[target]
    if membership in (JOINED, INVITED, KNOCKED) and room.members.get(target) not in (JOINED, INVITED, KNOCKED):
        await _demand_place(messenger, target)
    if membership == JOINED:
        if target in room.joined:
            return
        more = prepare_join(room.state, target, more, await _rooms_asked_for(messenger, room, target))
    draft = Draft("m.room.member", {"membership": membership, **more}, target, vouched=membership == JOINED)
    await messenger.append(room, sender, [draft])


async def _demand_place(messenger: Messenger, user_id: str) -> None:
    """`M_LIMIT_EXCEEDED` for who has as many rooms as one person can have."""
    person = await messenger.reader.person(user_id)
    if len(person.rooms) >= MOST_ROOMS:
        there = sum(membership in (JOINED, INVITED, KNOCKED) for membership, _pos in person.rooms.values())
        if there >= MOST_ROOMS:
            raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_ROOMS} rooms for one person; leave one first.")


async def _rooms_asked_for(messenger: Messenger, room: Room, target: str) -> frozenset[str]:
    """Those of the rooms that a restricted room names in which somebody is (spec, "Restricted rooms")."""
    rooms = [await messenger.reader.room(room_id) for room_id in joined_rooms_needed(room.state)]
    return frozenset(one.room_id for one in rooms if one is not None and target in one.joined)


async def forget_room(messenger: Messenger, room: Room, user_id: str) -> None:
    """Take a room that somebody has left off all their lists, in every gateway."""
    await messenger.note(Note(0, "forgotten", user_id), (_FORGET, (user_id, room.number)))


_FORGET = "update messaging_member set forgotten = true where $1::bigint > 0 and person = $2 and room = $3"
