"""What a city decides about its moderation: `[rules.moderation]` of its pack's city.toml."""

from pydantic import Field

from meydan.kernel.city import PackPart, rules_of


class ModerationRules(PackPart):
    """`review_days`: within how many working days a moderator has looked at what was handed in, as its author is told.
    `four_eyes`: the kinds ("article") that two moderators must approve. `department`: in whose name authors are
    written to in the messenger, "" for nobody."""

    review_days: int = Field(2, ge=1, le=60)
    four_eyes: tuple[str, ...] = Field((), max_length=20)
    department: str = Field("citizens", max_length=60)


def moderation_rules() -> ModerationRules:
    """This city's. ValueError when its pack is wrong."""
    rules: ModerationRules = rules_of("moderation", ModerationRules)
    return rules
