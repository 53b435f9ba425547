"""The ledger of imports: every row of a file is taken over or refused exactly once, however often the import runs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.reports.actions.importing import ImportedReport, import_reports
from meydan.reports.facts import RowsTaken
from meydan.reports.models import ImportedRow
from meydan.reports.policies import may_import

MAX_REASON = 300


@dataclass(frozen=True)
class Row:
    """One row of a file: `report` when it can be taken over, else `refusal` says why not. `line` counts from 1;
    `key` is unique within the source."""

    key: str
    line: int
    report: ImportedReport | None = None
    refusal: str = ""


def known_rows(source: str, keys: Collection[str]) -> dict[str, str]:
    """Which of the keys the ledger holds already, each with its refusal ("" for those that became reports)."""
    rows = ImportedRow.objects.filter(source=source, key__in=list(keys))
    return dict(rows.values_list("key", "refusal"))


@action(policy=may_import)
def take_rows(actor: Actor, *, source: str, rows: Sequence[Row]) -> None:
    """Take over rows that the ledger does not know yet: reports and ledger in one transaction, so that an import
    which is killed goes on where the last batch ended. At least one row, some hundreds at most."""
    moment = now()
    ImportedRow.objects.bulk_create(
        ImportedRow(source=source, key=row.key, line=row.line, refusal=row.refusal[:MAX_REASON], at=moment)
        for row in rows
    )
    imported = import_reports(actor, source, [row.report for row in rows if row.report is not None])
    record(
        RowsTaken(
            subject=f"import:{source}",
            imported=imported,
            refused=sum(1 for row in rows if row.report is None),
            first_line=rows[0].line,
            last_line=rows[-1].line,
        )
    )
