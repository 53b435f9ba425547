"""Signing one's own devices out, those of browsers too."""

from collections.abc import Collection
from uuid import UUID

from meydan.accounts.public import Person, actor_for, end_sessions, list_own_sessions
from meydan.kernel.actor import Actor, Channel
from meydan.kernel.errors import NotFound
from meydan.messaging.actions.tokens import browser_of
from meydan.messaging.models.tables import Device


def end_device(actor: Actor, device_id: str) -> None:
    """Sign one of the actor's devices out. `NotFound` where they have none of this name."""
    device = Device.objects.filter(account=actor.person_id, device_id=device_id, ended_at__isnull=True).first()
    if actor.person_id is None or device is None:
        raise NotFound
    if device.browser:
        _end_browsers(actor, [device.browser])
    else:
        end_sessions(actor, keys=(), elsewhere=[device_id])


def end_pages(account: UUID, device_ids: Collection[str], address: str) -> None:
    """For a thread: those of the devices that are browsers' end with the session of the browser, for its page would
    open them again at once."""
    rows = Device.objects.filter(account=account, device_id__in=device_ids).exclude(browser="")
    if marks := list(rows.values_list("browser", flat=True)):
        _end_browsers(actor_for(Person.objects.get(pk=account), channel=Channel.API, address=address), marks)


def _end_browsers(actor: Actor, marks: Collection[str]) -> None:
    keys = [row.session_key for row in list_own_sessions(actor) if browser_of(row.session_key) in marks]
    end_sessions(actor, keys=keys)
