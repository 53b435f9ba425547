"""Every read of webhooks."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.webhooks.models import Delivery, Hook, Step
from meydan.webhooks.policies import may_arrange

SHOWN = 50


def list_hooks(actor: Actor) -> list[Hook]:
    """All addresses, in the order in which they were added."""
    demand(may_arrange(actor), actor)
    return list(Hook.objects.all())


def show_hook(actor: Actor, key: UUID) -> Hook:
    """One of them. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    return _only(Hook.objects.filter(pk=key))


def lock_hook(actor: Actor, key: UUID) -> Hook:
    """The row, locked, for an action."""
    demand(may_arrange(actor), actor)
    return _only(Hook.objects.select_for_update(of=("self",)).select_related("made_by").filter(pk=key))


def _only(rows: QuerySet[Hook]) -> Hook:
    hook = rows.first()
    if hook is None:
        raise NotFound
    return hook


def list_deliveries(actor: Actor, hook: Hook) -> list[Delivery]:
    """The last events for an address, the newest first."""
    demand(may_arrange(actor), actor)
    return list(Delivery.objects.filter(hook=hook).defer("body").order_by("-fact")[:SHOWN])


def lock_delivery(actor: Actor, key: UUID) -> Delivery:
    """One delivery, locked, with its hook. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    found = Delivery.objects.select_for_update(of=("self",)).select_related("hook").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def list_told(kind: str) -> list[UUID]:
    """The addresses that are told of this kind of fact."""
    return list(Hook.objects.filter(active=True, stopped_at=None, kinds__contains=[kind]).values_list("pk", flat=True))


def list_due_hooks() -> list[UUID]:
    """The addresses for which something waits that may be sent now."""
    moment = now()
    waiting = Delivery.objects.filter(hook=OuterRef("pk"), step=Step.WAITING, next_at__lte=moment)
    rows = _deliverable(moment).filter(Exists(waiting))
    return list(rows.values_list("pk", flat=True))


def _deliverable(moment: datetime) -> QuerySet[Hook]:
    quiet = Q(quiet_until=None) | Q(quiet_until__lte=moment)
    return Hook.objects.filter(quiet, active=True, stopped_at=None, agreed_at__isnull=False)


def may_be_sent(hook: UUID) -> bool:
    """Whether the address may be written to now."""
    return _deliverable(now()).filter(pk=hook).exists()


def next_delivery(hook: UUID) -> Delivery | None:
    """The oldest event that is due and does not wait for an earlier one about the same report."""
    earlier = Delivery.objects.filter(
        hook=hook, subject=OuterRef("subject"), step=Step.WAITING, fact__lt=OuterRef("fact")
    )
    due = Delivery.objects.filter(~Exists(earlier), hook=hook, step=Step.WAITING, next_at__lte=now())
    return due.select_related("hook").order_by("fact").first()
