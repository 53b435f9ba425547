"""Reports that belong together: joined, or split."""

from dataclasses import dataclass

from django.db.models import Q

from meydan.kernel.actor import Actor
from meydan.reports.models import Report
from meydan.reports.queries.one import visible_to

MOST_KIN = 50


@dataclass(frozen=True)
class Kin:
    """The numbers of those that the reader may see. `goes_on_in`: the report that this one was joined with."""

    goes_on_in: int | None
    joined: list[int]
    split_from: int | None
    parts: list[int]


def list_kin(actor: Actor, report: Report) -> Kin:
    """The reports that were joined with this one or split from it, and the other way round."""
    mine = Q(joined_to=report) | Q(split_from=report) | Q(pk__in=[report.joined_to_id, report.split_from_id])
    rows = Report.objects.filter(visible_to(actor), mine).order_by("number")
    found = list(rows.values_list("number", "joined_to", "split_from")[:MOST_KIN])
    seen = {number for number, _joined, _split in found}
    return Kin(
        goes_on_in=report.joined_to_id if report.joined_to_id in seen else None,
        joined=[number for number, joined, _split in found if joined == report.pk],
        split_from=report.split_from_id if report.split_from_id in seen else None,
        parts=[number for number, _joined, split in found if split == report.pk],
    )
