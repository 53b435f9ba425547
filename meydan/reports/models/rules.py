"""What a city decides about its reports: `[rules.reports]` of its pack's city.toml."""

from typing import Self

from pydantic import Field, model_validator

from meydan.kernel.city import PackPart, rules_of


class ReportRules(PackPart):
    """`sealed_days`: how long after a case's close the originals of its photos are kept, in days. `anonymous_days`: how
    long what leads to a person is kept, 0 for ever. `unsorted_category`: the code under which a letter waits whose kind
    nobody knows yet."""

    sealed_days: int = Field(90, ge=0, le=3650)
    anonymous_days: int = Field(730, ge=0, le=36_500)
    unsorted_category: str = Field("other", max_length=60)

    @model_validator(mode="after")
    def _originals_go_first(self) -> Self:
        if 0 < self.anonymous_days < self.sealed_days:
            raise ValueError("anonymous_days must be 0 (never), or at least sealed_days")
        return self


def report_rules() -> ReportRules:
    """This city's. ValueError when its pack is wrong."""
    rules: ReportRules = rules_of("reports", ReportRules)
    return rules
