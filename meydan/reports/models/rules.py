"""What a city decides about its reports: `[rules.reports]` of its pack's city.toml."""

from pydantic import Field

from meydan.kernel.city import PackPart, rules_of


class ReportRules(PackPart):
    """`sealed_days`: how long after a case's close the originals of its photos are kept, in days. `unsorted_category`:
    the code under which a letter waits whose kind nobody knows yet."""

    sealed_days: int = Field(90, ge=0, le=3650)
    unsorted_category: str = Field("other", max_length=60)


def report_rules() -> ReportRules:
    """This city's. ValueError when its pack is wrong."""
    rules: ReportRules = rules_of("reports", ReportRules)
    return rules
