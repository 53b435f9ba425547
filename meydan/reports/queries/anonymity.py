"""Which reports are to lose what leads to a person."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.reports.models import CLOSED, OPEN, Photo, Report, report_rules


def list_due_for_anonymity(actor: Actor, *, limit: int) -> list[int]:
    """Numbers of reports whose last close (or confirmation) is as long ago as the city has decided, the oldest first;
    for the system alone. One that goes on in another waits for that one, and one with a sealed original for its
    deletion. None where the city keeps them for ever."""
    days = report_rules().anonymous_days
    if actor is not SYSTEM or not days:
        return []
    before = now() - timedelta(days=days)
    sealed = Photo.objects.filter(report=OuterRef("number"), original__isnull=False)
    rows = Report.objects.filter(~Exists(sealed), anonymous_at=None, state__in=CLOSED, closed_at__lt=before)
    rows = rows.exclude(confirmed_at__gte=before).exclude(joined_to__state__in=OPEN)
    return list(
        rows.exclude(joined_to__closed_at__gte=before).order_by("closed_at").values_list("pk", flat=True)[:limit]
    )
