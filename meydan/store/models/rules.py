"""What a city decides about its store: `[rules.store]` of its pack's city.toml."""

from typing import Literal

from pydantic import Field

from meydan.kernel.city import PackPart, rules_of


class StoreRules(PackPart):
    """`about_city`: whether an app must be about the city alone, or may be closely related to it. `largest_mb`: of an
    uploaded package, in MB. `screenshots`: how many an entry needs at least."""

    about_city: Literal["exclusively", "closely"] = "closely"
    largest_mb: int = Field(60, ge=1, le=60)
    screenshots: int = Field(1, ge=0, le=8)


def store_rules() -> StoreRules:
    """This city's. ValueError when its pack is wrong."""
    rules: StoreRules = rules_of("store", StoreRules)
    return rules
