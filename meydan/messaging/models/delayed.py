"""Events that wait for their time, or for somebody's word (MSC4140)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

MOST_DELAY_MS = 24 * 3_600_000
MOST_WAITING = 100
"""Of one person."""
DELAYED = "meydan_delayed"
"""The channel by which gateways hear that there is one that may be due sooner than all they know of."""


class DelayedEvent(models.Model):
    """An event that goes into its room at `send_at` (milliseconds since 1970, like all times here), unless it is
    cancelled before; `restart` moves that to `delay` from then. `id` is a secret: who has it may do this. `pos` is
    where the room's stream stood when it was left; `sending`: it is on its way, and nobody can hold it back."""

    id = models.CharField(primary_key=True, max_length=32)
    person = models.CharField(max_length=255, db_index=True)
    device = models.BigIntegerField()
    txn = models.CharField(max_length=500, null=True)
    room = models.BigIntegerField()
    shard = models.SmallIntegerField()
    pos = models.BigIntegerField()
    type = models.CharField(max_length=255)
    state_key = models.CharField(max_length=255, null=True)
    content = models.BinaryField()
    delay = models.BigIntegerField()
    running_since = models.BigIntegerField()
    send_at = models.BigIntegerField()
    sending = models.BooleanField(db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device", "txn"], name="messaging_delayed_once", condition=Q(txn__isnull=False)
            )
        ]
        indexes: ClassVar = [models.Index(fields=["shard", "send_at"], name="messaging_delayed_due")]
