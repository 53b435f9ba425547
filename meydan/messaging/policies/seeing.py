"""Who may see which event of a room (client-server API, Room history visibility, Server behaviour)."""


def may_see_event(visibility: str, membership: str, after: str) -> bool:
    """Whether a person may see an event. `visibility` is the room's history visibility at the event, `membership` the
    person's at the event, `after` is "join" where they joined at any time after it (and may have left since).

    | visibility     | membership at the event: join | invite        | any other     |
    |----------------|-------------------------------|---------------|---------------|
    | world_readable | yes                           | yes           | yes           |
    | shared         | yes                           | joined after  | joined after  |
    | invited        | yes                           | yes           | no            |
    | joined         | yes                           | no            | no            |
    """
    if visibility == "world_readable" or membership == "join":
        return True
    if visibility == "shared":
        return after == "join"
    return visibility == "invited" and membership == "invite"


def may_see_change(visibilities: tuple[str, str], memberships: tuple[str, str], after: str) -> bool:
    """The same for a change of the history visibility, or of the person's own membership: what was before the event or
    what was after it suffices. Each pair is (before, after), twice the same where the event does not change it."""
    return any(may_see_event(one, other, after) for one in visibilities for other in memberships)
