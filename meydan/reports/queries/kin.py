"""Reports that belong together: joined, or split."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from meydan.kernel.actor import Actor
from meydan.reports.models import Report
from meydan.reports.queries.one import visible_to

MOST_KIN = 50
_Row = tuple[int, int | None, int | None]  # number, joined to, split from


@dataclass(frozen=True)
class Kin:
    """The numbers of those that the reader may see. `goes_on_in`: the report that this one was joined with."""

    goes_on_in: int | None
    joined: list[int]
    split_from: int | None
    parts: list[int]


def list_kin(actor: Actor, report: Report) -> Kin:
    """The reports that were joined with this one or split from it, and the other way round."""
    found = _read_public(report) if actor.is_visitor and not actor.case_keys else _read_visible(actor, report)
    seen = {number for number, _joined, _split in found}
    return Kin(
        goes_on_in=report.joined_to_id if report.joined_to_id in seen else None,
        joined=[number for number, joined, _split in found if joined == report.pk],
        split_from=report.split_from_id if report.split_from_id in seen else None,
        parts=[number for number, _joined, split in found if split == report.pk],
    )


def _read_visible(actor: Actor, report: Report) -> Sequence[_Row]:
    mine = Q(joined_to=report) | Q(split_from=report) | Q(pk__in=[report.joined_to_id, report.split_from_id, MOST_KIN])
    rows = Report.objects.filter(visible_to(actor), mine).order_by("number")
    return list(rows.values_list("number", "joined_to", "split_from")[:MOST_KIN])


_PUBLIC = """
select number, joined_to_id, split_from_id from reports_report
 where public and (joined_to_id = %s or split_from_id = %s or number in (%s, %s))
 order by number limit %s"""  # figures, not a list: so the server guesses right, and keeps its plan


def _read_public(report: Report) -> Sequence[_Row]:
    """The same for visitors, who are most readers, in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC, [report.pk, report.pk, report.joined_to_id, report.split_from_id, MOST_KIN])
        return [(number, joined, split) for number, joined, split in cursor.fetchall()]
