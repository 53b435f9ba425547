"""Taking over reports, with their history, from another system."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.facts import record_many
from meydan.kernel.places import Point, h3_cell
from meydan.reports.actions.steps import ANSWERS, ENDS, about, search_text_of, term_of
from meydan.reports.facts import ReportImported
from meydan.reports.models import Category, Entry, EntryKind, Origin, Report, Side, State
from meydan.reports.policies import may_import


@dataclass(frozen=True)
class ImportedReport:
    """One report of another system. Codes of category, department and district must exist here; `external_id` is
    unique within the source; `external` is what else the source said."""

    external_id: str
    category: str
    description: str
    state: State
    filed_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    department: str | None = None
    district: str | None = None
    point: Point | None = None
    address: str = ""
    language: str = "en"
    external: dict[str, Any] = field(default_factory=dict)


def import_reports(actor: Actor, source: str, rows: Sequence[ImportedReport]) -> int:
    """Take over those of the rows that are not here yet, in one transaction; returns how many were new.

    A row is known by `source` and its `external_id`. Some hundreds of rows at a time keep the transaction short.
    """
    known = set(
        Report.objects.filter(source=source, external_id__in=[row.external_id for row in rows]).values_list(
            "external_id", flat=True
        )
    )
    fresh = {row.external_id: row for row in rows if row.external_id not in known}
    return _import(actor, source, list(fresh.values())) if fresh else 0


@action(policy=may_import)
def _import(actor: Actor, source: str, rows: Sequence[ImportedReport]) -> int:
    categories = Category.objects.in_bulk({row.category for row in rows})
    reports = Report.objects.bulk_create(
        [_report(source, row, categories[row.category]) for row in rows], batch_size=500
    )
    Entry.objects.bulk_create([entry for report in reports for entry in _history(report)], batch_size=1000)
    record_many(ReportImported(**about(report), source=source, state=report.state) for report in reports)
    return len(reports)


def _report(source: str, row: ImportedReport, category: Category) -> Report:
    report = Report(
        state=row.state,
        category=category,
        department_id=row.department,
        district_id=row.district,
        lat=row.point.lat if row.point else None,
        lon=row.point.lon if row.point else None,
        h3_9=h3_cell(row.point) if row.point else None,
        address=row.address,
        description=row.description,
        language=row.language,
        origin=Origin.IMPORT,
        source=source,
        external_id=row.external_id,
        external=row.external,
        public=not category.private,
        filed_at=row.filed_at,
        updated_at=row.updated_at,
        due_on=term_of(category, row.filed_at),
        answered_at=row.closed_at if row.state in ANSWERS else None,
        closed_at=row.closed_at,
        confirmed_at=row.closed_at if row.state is State.CONFIRMED else None,
    )
    report.search_text = search_text_of(report, category)
    return report


def _history(report: Report) -> list[Entry]:
    filed = Entry(
        report=report,
        kind=EntryKind.FILED,
        state_after=State.SUBMITTED,
        side=Side.REPORTER,
        at=report.filed_at,
    )
    if report.state == State.SUBMITTED:
        return [filed]
    last = Entry(
        report=report,
        kind=EntryKind(report.state),
        state_after=report.state,
        side=Side.REPORTER if report.state == State.WITHDRAWN else Side.CITY,
        department=report.department_id or "",
        at=report.closed_at if report.closed_at and report.state in ENDS else report.updated_at,
    )
    return [filed, last]
