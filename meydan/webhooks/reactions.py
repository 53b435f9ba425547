"""What happens to public reports, for those who have asked to be told."""

import json
from collections.abc import Mapping
from typing import Any

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.facts import Fact, StoredFact
from meydan.kernel.jobs import enqueue, periodic
from meydan.kernel.reactions import reacts_to_stored
from meydan.reports.facts import (
    CategoryRepicked,
    QuestionAsked,
    ReportAccepted,
    ReportCompleted,
    ReportDeclined,
    ReportFiled,
    ReportForwarded,
    ReportHidden,
    ReportMoved,
    ReportReopened,
    ReportRouted,
    ReportShown,
    ReportSolved,
    ReportWithdrawn,
    SolutionConfirmed,
)
from meydan.reports.public import PublicReport, find_public
from meydan.webhooks.actions import ask_address, deliver, forget_deliveries
from meydan.webhooks.models import Delivery, Kind
from meydan.webhooks.queries import list_due_hooks, list_told

__all__ = ["ask_address", "deliver", "tell_programs"]

TOLD: Mapping[type[Fact], Kind] = {
    ReportFiled: Kind.FILED,
    ReportCompleted: Kind.FILED,
    ReportShown: Kind.FILED,
    ReportRouted: Kind.ROUTED,
    ReportAccepted: Kind.ACCEPTED,
    QuestionAsked: Kind.ASKED,
    ReportMoved: Kind.MOVED,
    ReportForwarded: Kind.FORWARDED,
    ReportSolved: Kind.SOLVED,
    SolutionConfirmed: Kind.CONFIRMED,
    ReportDeclined: Kind.DECLINED,
    ReportReopened: Kind.REOPENED,
    ReportWithdrawn: Kind.WITHDRAWN,
    CategoryRepicked: Kind.RECATEGORISED,
    ReportHidden: Kind.HIDDEN,
}


@reacts_to_stored(*TOLD)
def tell_programs(stored: StoredFact) -> None:
    """Write down what each address is to be told; jobs deliver it. Of a report that is not public nothing is told, but
    that it is not public any more: its number and nothing else."""
    kind = TOLD[type(stored.fact)]
    hooks = list_told(kind)
    number = stored.fact.subject.removeprefix("report:")
    report = find_public(int(number)) if hooks else None
    if not hooks or (report is None and kind is not Kind.HIDDEN):
        return
    moment = now()
    for hook in hooks:
        delivery = Delivery(hook_id=hook, fact=stored.id, kind=kind, subject=number, next_at=moment, made_at=moment)
        delivery.body = json.dumps(event(delivery, stored, report), ensure_ascii=False, separators=(",", ":"))
        Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
        enqueue(deliver, hook=str(hook))


def event(delivery: Delivery, stored: StoredFact, report: PublicReport | None) -> dict[str, Any]:
    """The CloudEvent, in structured mode. `sequence` (an extension of the specification's) grows with time: by it a
    receiver sees what overtook what."""
    return {
        "specversion": "1.0",
        "id": str(delivery.pk),
        "source": f"{config().base_url}/reports/",
        "type": f"meydan.{delivery.kind}",
        "subject": delivery.subject,
        "time": stored.recorded_at.isoformat(),
        "sequence": f"{stored.id:020}",
        "datacontenttype": "application/json",
        "data": data_of(report) if report else {"number": int(delivery.subject)},
    }


def data_of(report: PublicReport) -> dict[str, Any]:
    """What everybody may know of the report, by its codes; places are WGS 84 degrees, of coarse categories coarse."""
    return {
        "number": report.number,
        "address": f"{config().base_url}/reports/{report.number}",
        "state": report.state,
        "open": report.open,
        "category": report.category,
        "department": report.department or None,
        "district": report.district or None,
        "place": report.address or None,
        "lat": round(report.point.lat, 6) if report.point else None,
        "lon": round(report.point.lon, 6) if report.point else None,
        "summary": report.summary,
        "filed_at": report.filed_at.isoformat(),
        "updated_at": report.updated_at.isoformat(),
    }


@periodic(name="webhooks.deliver_due", cron="* * * * *")
def deliver_what_is_due(_due: int) -> None:
    """Every minute: what is to be tried again."""
    for hook in list_due_hooks():
        enqueue(deliver, hook=str(hook))


@periodic(name="webhooks.forget", cron="50 1 * * *")
def forget_old(_due: int) -> None:
    """Every night: what was told some weeks ago."""
    forget_deliveries()
