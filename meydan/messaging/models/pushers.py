"""Where people are told of messages while their clients sleep (client-server API, "Push Notifications")."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Pusher(models.Model):
    """A push gateway that a client named for its person. `body` is what the client said of it, as JSON; `due_at` is
    when something is sent to it next, empty when nothing waits; `busy_until`: a gateway process is at it until then;
    `badge` is the number of unread messages that it was told last, -1 for none."""

    person = models.CharField(max_length=255, db_index=True)
    device = models.BigIntegerField()
    app_id = models.CharField(max_length=64)
    pushkey = models.CharField(max_length=512)
    url = models.CharField(max_length=2000)
    body = models.BinaryField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    badge = models.IntegerField(default=-1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="messaging_pusher_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["device"], name="messaging_pusher_device"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["app_id", "pushkey", "person"], name="messaging_pusher_one")
        ]


class PushWaiting(models.Model):
    """A notification on its way to a pusher: of the event, or (`event_id` "") of the number of unread messages alone.
    `tweaks` are the push rules' (JSON)."""

    id = models.BigAutoField(primary_key=True)
    pusher = models.ForeignKey(
        Pusher, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )  # the database has it, and deletes with it: the gateway writes plain SQL
    event_id = models.CharField(max_length=64)
    tweaks = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["pusher", "id"], name="messaging_pushwaiting_next")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pusher", "event_id"], name="messaging_pushwaiting_once")
        ]


class PushMark(models.Model):
    """The position of a stream up to which all notifications have been made. It moves in the transaction that makes
    them, so that none is lost and none is made twice."""

    shard = models.SmallIntegerField(primary_key=True)
    pos = models.BigIntegerField()
