"""What a room's state says: who is in it, who has which power, who may read it. Nothing here copies the state."""

from meydan.messaging.models.events import Event, State

CREATE = ("m.room.create", "")
POWER_LEVELS = ("m.room.power_levels", "")
JOIN_RULES = ("m.room.join_rules", "")
HISTORY_VISIBILITY = ("m.room.history_visibility", "")

LEVELS = {
    "users_default": 0,
    "events_default": 0,
    "state_default": 50,
    "invite": 0,
    "kick": 50,
    "ban": 50,
    "redact": 50,
}
"""The levels that `m.room.power_levels` names, and what they are where it does not (client-server API,
m.room.power_levels)."""

VISIBILITIES = frozenset(("world_readable", "shared", "invited", "joined"))


def membership_of(state: State, user: str) -> str:
    """join, invite, knock, leave or ban; who has never been here has left (client-server API, Room membership)."""
    event = state.get(("m.room.member", user))
    if event is None:
        return "leave"
    membership: str = event.content.get("membership", "leave")
    return membership


def power_of(state: State, user: str) -> int:
    """A person's power level. Without `m.room.power_levels` the room's creator has 100 and everybody else 0
    (client-server API, m.room.power_levels)."""
    levels = state.get(POWER_LEVELS)
    if levels is None:
        return 100 if user == creator_of(state) else 0
    content = levels.content
    level: int | None = content.get("users", {}).get(user)
    if level is None:
        level = content.get("users_default", 0)
    return level


def power_needed(state: State, event_type: str, is_state: bool) -> int:
    """The power level that sending such an event takes (client-server API, m.room.power_levels)."""
    levels = state.get(POWER_LEVELS)
    if levels is None:
        return 50 if is_state else 0
    content = levels.content
    level: int | None = content.get("events", {}).get(event_type)
    if level is None:
        level = content.get("state_default", 50) if is_state else content.get("events_default", 0)
    return level


def power_to(state: State, action: str) -> int:
    """The power level that it takes to `invite`, `kick`, `ban` or `redact` (client-server API, m.room.power_levels)."""
    levels = state.get(POWER_LEVELS)
    default = LEVELS[action]
    if levels is None:
        return default
    level: int = levels.content.get(action, default)
    return level


def creator_of(state: State) -> str:
    """Who made the room: the sender of `m.room.create` (room version 11, "Remove the creator property"); nobody where
    there is no room."""
    create = state.get(CREATE)
    return "" if create is None else create.sender


def version_of(create: Event) -> str:
    """The room's version, "1" where `m.room.create` does not say (client-server API, m.room.create)."""
    version: str = create.content.get("room_version", "1")
    return version


def join_rule_of(state: State) -> str:
    """Who may come in: public, invite, knock, restricted, knock_restricted, private; invite where nothing is said
    (client-server API, m.room.join_rules)."""
    event = state.get(JOIN_RULES)
    if event is None:
        return "invite"
    rule: str = event.content.get("join_rule", "invite")
    return rule


def history_visibility(state: State) -> str:
    """world_readable, shared, invited or joined; shared where nothing is said or nothing that we understand
    (client-server API, Room history visibility)."""
    event = state.get(HISTORY_VISIBILITY)
    said = None if event is None else event.content.get("history_visibility")
    return said if isinstance(said, str) and said in VISIBILITIES else "shared"
