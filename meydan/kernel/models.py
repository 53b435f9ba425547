"""Tables of the kernel: the facts, and which reaction has run on which fact."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.fields.json import KT


class FactRecord(models.Model):
    """One thing that happened. Rows are only ever inserted: a trigger refuses anything else (migration 0001).

    `subject` is a reference like "report:123"; `persons` are those whom it concerns; `data` holds the fields of the
    fact's own dataclass.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    persons = ArrayField(models.UUIDField(), default=list)
    actor = models.UUIDField(null=True)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    departments = ArrayField(models.CharField(max_length=60), default=list)
    channel = models.CharField(max_length=10)
    data = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_fact"
        indexes: ClassVar = [
            models.Index(fields=["subject", "id"], name="kernel_fact_subject"),
            models.Index(fields=["actor", "id"], name="kernel_fact_actor", condition=models.Q(actor__isnull=False)),
            models.Index(fields=["name", "id"], name="kernel_fact_name"),
            GinIndex(fields=["persons"], name="kernel_fact_persons"),
            BrinIndex(fields=["recorded_at"], name="kernel_fact_recorded", autosummarize=True),
        ]


class ReactionRun(models.Model):
    """A reaction that has run on a fact: written in the reaction's own transaction, so that it takes effect once."""

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey(FactRecord, on_delete=models.PROTECT, related_name="+")
    reaction = models.CharField(max_length=120)
    ran_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_reaction_run"
        constraints: ClassVar = [models.UniqueConstraint(fields=["fact", "reaction"], name="kernel_reaction_once")]


class Seal(models.Model):
    """One day of the city's facts, sealed (kernel/seals.py): what kernel.statement.Statement says, and the signature.

    `salt_key` is secret: from it come the salts that keep a published hash from being guessed.
    """

    day = models.DateField(primary_key=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveBigIntegerField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    key = models.CharField(max_length=44)  # the public one
    signature = models.CharField(max_length=88)
    salt_key = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_seal"


class SealPart(models.Model):
    """A block of a seal's tree: the facts' ids (8 bytes each, big-endian) and the hashes of their leaves."""

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    first = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=32)
    ids = models.BinaryField()
    leaves = models.BinaryField()

    class Meta:
        db_table = "kernel_seal_part"
        constraints: ClassVar = [models.UniqueConstraint(fields=["seal", "number"], name="kernel_seal_part_once")]


# Places, files and limits


class District(models.Model):
    """A part of the city. `outline` is a GeoJSON MultiPolygon, checked when it was stored (kernel/places.py)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.JSONField(default=dict)  # by language
    outline = models.JSONField()
    approximate = models.BooleanField(default=False)  # not the official outline
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kernel_district"
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.code


THUMB = KT("variants__thumb__sha256")


class StoredFile(models.Model):
    """A picture that was decoded and encoded again by us, or a file as it came (0 pixels wide); its bytes lie in the
    store under their own sha256.

    `variants` names the store's key, the media type and the measures of each form: `full` (this row's own) and `thumb`.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()  # bytes
    width = models.PositiveIntegerField()  # pixels
    height = models.PositiveIntegerField()
    variants = models.JSONField(default=dict)
    purpose = models.CharField(max_length=40)
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_stored_file"
        indexes: ClassVar = [
            models.Index(THUMB, name="kernel_file_thumb"),
            models.Index(fields=["stored_at"], name="kernel_file_stored"),
        ]


class RateLimit(models.Model):
    """How often a key was used in this window and the one before (kernel/limits.py). The table is UNLOGGED: it may
    be lost in a crash, and costs no write-ahead log. Keys are keyed hashes, so that no address stands here."""

    key = models.BinaryField(max_length=32, primary_key=True)
    slot = models.BigIntegerField()
    used = models.PositiveIntegerField()
    used_before = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kernel_rate_limit"
