"""The worker's way with forwarded cases: send each once, find it again after an unclear answer, ask how it stands.

No transaction is open while the other server is asked. Before each try it is written down that it may arrive
(`doubtful`), so that a worker which dies half-way leaves no second request behind.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import Unreached
from meydan.kernel.jobs import job
from meydan.reports.actions.forwarding import note_failure, note_sent
from meydan.reports.actions.returning import note_standing
from meydan.reports.models import MAX_DESCRIPTION, Forward, Sending, State
from meydan.reports.plugins import open311_client as client
from meydan.reports.queries import outgoing, takes

explain_fault = client.explain_fault
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 180, 360, 720))
"""Between tries; after the last one it has failed: nearly a day."""
LOOKS = 2
"""How often we look for a request that may have arrived, before it is sent again."""
ASK_DAYS = 365


@job(name="reports.carry_forward", queue="outside")
def carry(*, forward: int) -> None:
    """Send a forward, or ask about it, if that is due now. It tells no one of faults: the next time stands in the row,
    and a timer brings it."""
    row = _begin(forward)
    if row is None:
        return
    if row.state == Sending.WAITING:
        _send(row)
    else:
        _ask(row)


def _begin(key: int) -> Forward | None:
    """The row, if it is due and nobody else has it; the next time is set before anything leaves."""
    with transaction.atomic():
        rows = Forward.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key, next_at__lte=now())
        row = rows.select_related("authority", "report__category", "report__district").first()
        if row is None:
            return None
        if row.state == Sending.WAITING:
            row.tries += 1
            row.next_at = now() + PAUSES[min(row.tries, len(PAUSES)) - 1]
        else:
            row.next_at, row.asked_at = _ask_next(row), now()
        row.save(update_fields=["tries", "next_at", "asked_at"])
        return row


def _send(row: Forward) -> None:
    """One try. Whatever goes wrong is said on the row."""
    if row.report.state != State.FORWARDED:
        note_failure(SYSTEM, row.pk, said="")
        return
    try:
        receipt = _look(row) if row.doubtful else None
        if row.doubtful and receipt is None and row.looks < LOOKS:
            return
        receipt = receipt or _post(row)
        note_sent(SYSTEM, row.pk, external_id=receipt.request_id, token=receipt.token)
    except client.Declined as error:
        _note(row, doubtful=False)
        note_failure(SYSTEM, row.pk, said=str(error))
    except MeydanError as error:
        if row.tries > len(PAUSES):
            note_failure(SYSTEM, row.pk, said=error.code)
        else:
            _note(row, said=error.code)


def _look(row: Forward) -> client.Receipt | None:
    """Whether the other side has it. Raises when it cannot say: then nothing is sent either."""
    found = client.find_by_mark(row.authority, row.mark, row.at)
    if found is None:
        row.looks += 1
        _note(row, looks=row.looks)
    return found


def _post(row: Forward) -> client.Receipt:
    _note(row, doubtful=True, looks=0)
    try:
        return client.send_request(row.authority, fields_of(row))
    except (Unreached, client.NotNow):
        _note(row, doubtful=False)
        raise


def _note(row: Forward, **values: Any) -> None:
    """Bookkeeping of the worker: what everybody sees of it is written by an action."""
    Forward.objects.filter(pk=row.pk).update(**values)


def fields_of(row: Forward) -> dict[str, str]:
    """The request as GeoReport v2 wants it; our mark ends the description."""
    case = outgoing(row)
    link = f"{config().base_url}/reports/{row.report_id}" if row.report.public else ""
    end = f"\n\n[{row.mark}]" + (f" {link}" if link else "")
    words = "\n\n".join(part for part in (case.description, case.words) if part)
    point = row.report.point
    place = {"lat": f"{point.lat:.6f}", "long": f"{point.lon:.6f}"} if point else {}
    district = next(iter(case.district.values()), "")
    photo = reverse("reports:photo", kwargs={"photo_id": case.photos[0], "variant": "full"}) if case.photos else ""
    return {
        "service_code": takes(row.authority, row.report.category_id),
        **place,
        "address_string": case.address or ("" if place else district),
        "description": words[: MAX_DESCRIPTION - len(end)] + end,
        "media_url": f"{config().base_url}{photo}" if photo else "",
    }


def _ask_next(row: Forward) -> datetime | None:
    """Often on the first day, then hourly; daily once it is closed there; not for ever."""
    age = now() - (row.sent_at or row.at)
    if age > timedelta(days=ASK_DAYS) or row.report.state != State.FORWARDED:
        return None
    if row.state == Sending.ANSWERED:
        return now() + timedelta(days=1)
    return now() + (timedelta(minutes=10) if age < timedelta(days=1) else timedelta(hours=1))


def _ask(row: Forward) -> None:
    """Ask the other side; what it cannot tell us now is asked again later."""
    try:
        if not row.external_id:
            number = client.ask_token(row.authority, row.token)
            if number:
                note_sent(SYSTEM, row.pk, external_id=number, token=row.token)
            return
        standing = client.ask_standing(row.authority, row.external_id)
    except MeydanError:
        return
    is_news = standing.status != (row.their_state or "open") or (standing.notes and standing.notes != row.said)
    if is_news and row.report.state == State.FORWARDED:
        note_standing(SYSTEM, row.pk, status=standing.status, notes=standing.notes)
