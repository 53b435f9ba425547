"""Tables of the kernel: the facts, and which reaction has run on which fact."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


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
