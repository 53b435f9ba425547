"""The tables of end-to-end encryption (client-server API, "End-to-End Encryption", "Send-to-Device messaging").

A device is our number of it (`messaging_device.id`), without a constraint in the database: a message to a device that
is just signing out must not make the batch fail that it is written in. Keys are kept as the bytes that were uploaded.
"""

from typing import ClassVar

from django.db import models

from meydan.messaging.models.tables import Device


def _device_key() -> "models.ForeignKey[Device, Device]":
    """Of which device. Django removes the row with it; the database knows nothing of it."""
    return models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)


class DeviceKeys(models.Model):
    """A device's identity keys, as the device has signed them (spec, "DeviceKeys")."""

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    body = models.BinaryField()


class OneTimeKey(models.Model):
    """A key that one session is begun with, once. One that was claimed stays for a while without its body: an upload
    that is repeated must not bring it back."""

    device = _device_key()
    algorithm = models.CharField(max_length=100)
    key_id = models.CharField(max_length=255)
    body = models.BinaryField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "algorithm", "key_id"], name="messaging_onetimekey_one")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["device", "algorithm", "id"],
                name="messaging_onetimekey_free",
                condition=models.Q(taken_at__isnull=True),
            )
        ]


class FallbackKey(models.Model):
    """The key that sessions are begun with when there are no one-time keys; `used`: it was, and a new one is due."""

    pk = models.CompositePrimaryKey("device", "algorithm")
    device = _device_key()
    algorithm = models.CharField(max_length=100)
    key_id = models.CharField(max_length=255)
    body = models.BinaryField()
    used = models.BooleanField(default=False)


class CrossSigningKey(models.Model):
    """One of the three keys by which a person vouches for devices and for others (spec, "Cross-signing"). `usage` is
    master, self_signing or user_signing; `public` is the key, in base64."""

    pk = models.CompositePrimaryKey("person", "usage")
    person = models.CharField(max_length=255)
    usage = models.CharField(max_length=20)
    public = models.CharField(max_length=64)
    body = models.BinaryField()


class IdentityReset(models.Model):
    """That somebody has said on Meydan's pages that their cross-signing keys may be replaced, once, by `until`."""

    person = models.CharField(primary_key=True, max_length=255)
    until = models.DateTimeField()


class KeySignature(models.Model):
    """A signature that was uploaded after the key: `signer` with their key `signer_key` ("ed25519:...") has signed the
    key of `target` that is called `target_key` (a device id, or a public cross-signing key)."""

    pk = models.CompositePrimaryKey("target", "target_key", "signer", "signer_key")
    target = models.CharField(max_length=255)
    target_key = models.CharField(max_length=255)
    signer = models.CharField(max_length=255)
    signer_key = models.CharField(max_length=300)
    signature = models.CharField(max_length=128)


class DeviceListChange(models.Model):
    """Where in the people's stream the keys of `person` last changed. `viewer` is "" for what everybody sees who shares
    a room with them, else whose own signature it is."""

    pk = models.CompositePrimaryKey("viewer", "person")
    viewer = models.CharField(max_length=255)
    person = models.CharField(max_length=255)
    pos = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["viewer", "pos"], name="messaging_listchange_news")]


class ToDeviceMessage(models.Model):
    """A message that waits for a device, until a token proves that it was seen."""

    pk = models.CompositePrimaryKey("device", "pos")
    device = _device_key()
    pos = models.BigIntegerField()
    body = models.BinaryField()


class ToDeviceSending(models.Model):
    """A transaction id under which a device has sent messages to devices: a second time sends nothing."""

    pk = models.CompositePrimaryKey("device", "txn")
    device = _device_key()
    txn = models.CharField(max_length=255)
    at = models.DateTimeField(db_index=True)


class BackupVersion(models.Model):
    """A backup of a person's room keys (spec, "Server-side key backups"). `etag` counts its changes, `count` its keys;
    the number of one that was deleted is never used again."""

    pk = models.CompositePrimaryKey("person", "version")
    person = models.CharField(max_length=255)
    version = models.BigIntegerField()
    algorithm = models.CharField(max_length=255)
    auth_data = models.BinaryField()
    etag = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    deleted = models.BooleanField(default=False)


class BackupKey(models.Model):
    """A room key in a backup, which only the person can read."""

    pk = models.CompositePrimaryKey("person", "version", "room_id", "session_id")
    person = models.CharField(max_length=255)
    version = models.BigIntegerField()
    room_id = models.CharField(max_length=255)
    session_id = models.CharField(max_length=255)
    first_message_index = models.BigIntegerField()
    forwarded_count = models.BigIntegerField()
    is_verified = models.BooleanField()
    session_data = models.BinaryField()
