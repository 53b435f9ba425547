"""What moderators decide, for everybody to see: the log and the figures."""

import csv
import io
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import page, render, same_for_visitors
from meydan.kernel.inputs import parse
from meydan.moderation.inputs import ReadLog
from meydan.moderation.queries import PER_PAGE, LogRow, list_log, moderation_rules, read_figures
from meydan.moderation.queries.log import MOST_ROWS

COLUMNS = ("decided_at", "kind", "outcome", "reason", "rules", "hours", "days")


@page("GET")
@same_for_visitors
def log(request: HttpRequest) -> HttpResponse:
    """Each decision, without names or words; how fast they came, and how many stood."""
    before = _moment(request)
    rows = list_log(before=before)
    older = rows[-1].at.isoformat() if len(rows) == PER_PAGE else ""
    context = {"rows": rows, "older": older, "first": before is None, "promise": moderation_rules().review_days}
    return render(request, "moderation/log.html", {**context, "figures": read_figures()})


def _moment(request: HttpRequest) -> datetime | None:
    """The moment at `?before=`. Raises `NotFound` for what is none."""
    try:
        text = parse(ReadLog, request.GET).before
        moment = datetime.fromisoformat(text.replace(" ", "+")) if text else None
    except (Invalid, ValueError) as error:
        raise NotFound from error
    if moment is None or timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment)


@page("GET")
def log_csv(request: HttpRequest) -> HttpResponse:
    """The newest decisions as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in list_log(limit=MOST_ROWS))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="moderation.csv"'
    return answer


def _cells(row: LogRow) -> tuple[object, ...]:
    return row.at.isoformat(), row.kind, row.code, row.reason_code, " ".join(row.rules), row.hours, row.days
