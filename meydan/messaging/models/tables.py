"""The tables. Django makes them and nobody else reads them by the ORM: the gateway writes plain SQL over asyncpg.

People are written as in the protocol (`@citizen:localhost`): every client, every event and every export says them so.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

ROOM_SHARDS = 4
"""Shard 0 is the people's stream (account data, devices, messages to devices); rooms are spread over 1 to 4."""


class Server(models.Model):
    """The name that stands in every id of this city's messenger. It was chosen once: with another one, nobody would be
    who they were."""

    name = models.CharField(primary_key=True, max_length=230)


class Shard(models.Model):
    """One stream: `pos` is the last position that was given out, without a gap; `epoch` grows whenever another process
    takes the stream over, and a batch of the one before is refused by it; `owner` says where to send to."""

    number = models.SmallIntegerField(primary_key=True)
    epoch = models.BigIntegerField(default=0)
    pos = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=200, blank=True)


class GatewayProcess(models.Model):
    """A gateway that lives, or did a moment ago: how many there are says how many streams are each one's share."""

    address = models.CharField(primary_key=True, max_length=200)
    seen_at = models.DateTimeField()


class PeopleNote(models.Model):
    """What happened in the people's stream, for the gateways that do not write it; kept for a day."""

    pos = models.BigIntegerField(primary_key=True)
    note = models.BinaryField()
    at = models.DateTimeField(db_default=Now())


class Room(models.Model):
    """A room; everything else about it is its events."""

    room_id = models.CharField(max_length=255, unique=True)
    shard = models.SmallIntegerField()
    version = models.CharField(max_length=10)
    creator = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    public = models.BooleanField(default=False)  # in the directory
    hides_members = models.BooleanField(default=False, db_default=False)  # a channel: readers see no other readers


class RoomEvent(models.Model):
    """An event at its position. `body` is what clients get, as it was written: the same bytes for all of them.

    `device` and `txn` say whose sending it was: a second time is no second event.
    """

    pk = models.CompositePrimaryKey("shard", "pos")
    shard = models.SmallIntegerField()
    pos = models.BigIntegerField()
    room = models.BigIntegerField()
    event_id = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=255)
    state_key = models.CharField(max_length=255, null=True)
    sender = models.CharField(max_length=255)
    at = models.BigIntegerField()
    body = models.BinaryField()
    rel_type = models.CharField(max_length=100, null=True)
    relates_to = models.CharField(max_length=64, null=True)
    redacts = models.CharField(max_length=64, null=True)
    device = models.BigIntegerField(null=True)
    txn = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "messaging_event"
        indexes: ClassVar = [
            models.Index(fields=["room", "pos"], name="messaging_event_room"),
            models.Index(
                fields=["room", "type", "state_key", "-pos"],
                name="messaging_event_state",
                condition=Q(state_key__isnull=False),
            ),
            models.Index(
                fields=["relates_to", "pos"], name="messaging_event_relates", condition=Q(relates_to__isnull=False)
            ),
            models.Index(fields=["room", "pos"], name="messaging_event_threads", condition=Q(rel_type="m.thread")),
            models.Index(
                fields=["room", "-pos"], name="messaging_event_retention", condition=Q(type="m.room.retention")
            ),
            BrinIndex(fields=["at"], name="messaging_event_at"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device", "txn"], name="messaging_event_once", condition=Q(txn__isnull=False)
            )
        ]


class Member(models.Model):
    """What somebody is to a room now, since the event at `pos`."""

    pk = models.CompositePrimaryKey("person", "room")
    person = models.CharField(max_length=255)
    room = models.BigIntegerField()
    membership = models.CharField(max_length=10)
    pos = models.BigIntegerField()
    forgotten = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["room", "membership"], name="messaging_member_room")]


class RoomAlias(models.Model):
    """A name for a room: `#square:localhost`."""

    alias = models.CharField(primary_key=True, max_length=255)
    room = models.BigIntegerField(db_index=True)
    creator = models.CharField(max_length=255)


class Receipt(models.Model):
    """How far somebody has read; `thread` is "" for all of the room. `pos` is the receipt's own position in the stream,
    `event_pos` that of the event."""

    pk = models.CompositePrimaryKey("room", "person", "type", "thread")
    room = models.BigIntegerField()
    person = models.CharField(max_length=255)
    type = models.CharField(max_length=40)
    thread = models.CharField(max_length=64)
    event_id = models.CharField(max_length=64)
    event_pos = models.BigIntegerField()
    at = models.BigIntegerField()
    shard = models.SmallIntegerField()
    pos = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["shard", "pos"], name="messaging_receipt_stream")]


class AccountData(models.Model):
    """A person's own settings, for a room (its `room_id`) or, with "", for all."""

    pk = models.CompositePrimaryKey("person", "room_id", "type")
    person = models.CharField(max_length=255)
    room_id = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    content = models.BinaryField()
    pos = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "pos"], name="messaging_accountdata_news")]


class SyncFilter(models.Model):
    """A filter that a client has left with us, by the digest of what it says."""

    pk = models.CompositePrimaryKey("person", "digest")
    person = models.CharField(max_length=255)
    digest = models.CharField(max_length=43)
    body = models.BinaryField()


class Device(models.Model):
    """A client that somebody has signed in with. `ended_at`: its person has ended it on Meydan's pages, its tokens open
    nothing any more, and the gateway that writes the people's stream is about to take the rest of it away. `browser`:
    of the messenger in the browser, the SHA-256 of the session's key that it belongs to and ends with; else ""."""

    person = models.CharField(max_length=255)
    account = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    device_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_from = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)
    browser = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "device_id"], name="messaging_device_one")]
        indexes: ClassVar = [
            models.Index(fields=["ended_at"], name="messaging_device_ended", condition=Q(ended_at__isnull=False))
        ]


class AccessToken(models.Model):
    """A token that opens the doors for a device. Only its SHA-256 is kept. `proves`: the refresh token that came with
    it (its SHA-256): when this one is used, that one has arrived."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField(null=True)
    proves = models.BinaryField(max_length=32, null=True)


class RefreshToken(models.Model):
    """How a device gets its next access token. A refresh token is a family, which stays, and a secret, which changes
    with each use; kept are the SHA-256 of the family, of the secret that is next, and of the one before for as long as
    nothing shows that its answer has arrived. A right family with another secret was used up: somebody has stolen it.

    `client` is who may use it ("" for the messenger's own /refresh), `scope` what it was given for."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="+", primary_key=True)
    family = models.BinaryField(max_length=32, unique=True)
    current = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32, null=True)
    client = models.CharField(max_length=100, blank=True)
    scope = models.CharField(max_length=1000, blank=True)


class LoginToken(models.Model):
    """A token to sign one device in with, once (`m.login.token`). Only its SHA-256 is kept."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    account = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)


class Departure(models.Model):
    """Somebody whose account was deleted, until everything that only they could use is taken away."""

    person = models.CharField(primary_key=True, max_length=255)
    at = models.DateTimeField(db_default=Now())
