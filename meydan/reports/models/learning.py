"""What was learned from words: the model that suggests a category."""

from typing import ClassVar

from django.db import models


class Categorizer(models.Model):
    """A model that was trained, as `queries.learning.Model.dump` writes it: weights of hashed parts of words, no text.
    The newest one is used.

    `pack` says which categories' words it has learned (a digest); `reports` of how many reports it has.
    """

    made_at = models.DateTimeField()
    pack = models.CharField(max_length=64)
    reports = models.PositiveIntegerField()
    stored = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"categorizer:{self.pk}"
