"""What can happen to a city's roll-out. The subject is "district:<code>"."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("rollout.opening_set")
@dataclass(frozen=True, kw_only=True)
class OpeningSet(Fact):
    """It was decided from which day on a district is open (ISO 8601); "": not open, and no day is set."""

    district: str
    opens_on: str


@fact("rollout.district_opened")
@dataclass(frozen=True, kw_only=True)
class DistrictOpened(Fact):
    """Its day is here: a district that was closed is open, and so are its parts that have no day of their own."""
