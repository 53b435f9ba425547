"""Forms that a device without a line sends again and again: each is done once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.reports.models import SentForm

KEPT_FOR = timedelta(days=60)


def do_once(actor: Actor, token: UUID | None, work: Callable[[], object]) -> bool:
    """Do this, an action, unless the form with this token was taken before; whether it was done now. What fails is not
    taken, and may be sent again. Without a token it is done each time."""
    if token is None:
        work()
        return True
    with transaction.atomic():
        if not _is_new(SentForm(token=token, person_id=actor.person_id, at=now())):
            return False
        work()
    return True


def _is_new(sent: SentForm) -> bool:
    """Waits for another that is sending the same form just now, and then knows whether it was taken."""
    try:
        with transaction.atomic():
            sent.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def forget_forms() -> int:
    """Forget those that no device can still be sending; returns how many."""
    deleted, _kinds = SentForm.objects.filter(at__lt=now() - KEPT_FOR).delete()
    return deleted
