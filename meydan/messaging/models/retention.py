"""How long a room keeps what is said in it: the room's own wish (MSC1763, `m.room.retention`), else the city's."""

from typing import Any

from pydantic import Field

from meydan.kernel.city import PackPart, rules_of

DAY_MS = 86_400_000
LONGEST_MS = 100 * 366 * DAY_MS


class MessengerRules(PackPart):
    """`message_days`: how long messages are kept in rooms that say nothing of it; 0 for ever."""

    message_days: int = Field(0, ge=0, le=36_500)


def city_lifetime() -> int | None:
    """For how long the city keeps messages, in milliseconds; None for ever."""
    rules: MessengerRules = rules_of("messaging", MessengerRules)
    return rules.message_days * DAY_MS or None


def lifetime_in(content: Any, *, at_once: bool = False) -> int | None:
    """What a `m.room.retention` event says, in milliseconds: a day at least, but nothing where it may be `at_once`;
    None where it says nothing that can be understood."""
    said = content.get("max_lifetime") if isinstance(content, dict) else None
    if type(said) is not int or not 0 <= said <= LONGEST_MS or (said == 0 and not at_once):
        return None
    return said and max(said, DAY_MS)
