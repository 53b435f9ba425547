"""Programs that file reports, and rows of other systems that became reports."""

from typing import ClassVar

from django.db import models


class ApiKey(models.Model):
    """What a program shows to file reports by Open311. The key itself is not kept: it is long and random, so that its
    sha256 does not give it away."""

    name = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    hourly_limit = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ImportedRow(models.Model):
    """The ledger of imports: each row of a source was taken over or refused, once, and it stands here which.

    `key` is the row's own number in the source, else made from what it says (plugins know how).
    """

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    line = models.PositiveBigIntegerField()  # of the file, from 1
    refusal = models.CharField(max_length=300, blank=True)  # why; empty when the row became a report
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "key"], name="reports_imported_row_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
