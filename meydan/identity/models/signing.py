"""Papers that people sign with their ID."""

from base64 import b32encode
from datetime import timedelta
from typing import ClassVar

from django.db import models

from meydan.identity.models.credentials import keyed
from meydan.identity.models.sealing import seal, unseal
from meydan.kernel.ids import uuid7
from meydan.kernel.vault import lock_away, take_out

DRAFT_LIVES = timedelta(hours=1)
"""How long a paper waits here for its signature."""
FILE_LIVES = timedelta(days=7)
"""How long a signed paper can be fetched; then the city has its digest alone."""
MOST_WAITING = 5
MAX_TITLE = 120
CODE_LETTERS = 16
"""80 bits, to be typed from paper."""


class Signature(models.Model):
    """A paper that its person signs, or has signed: then `signed_at` is set.

    `code` is the digest of what the paper's address ends in, `before` and `after` are the SHA-256 of the file as it
    came and as it was signed. `locked_body` is the file, sealed, while it is kept. `locked_name` is what the person
    shows of themselves to whoever holds the paper, "" for nothing. `level` is what their identity was worth then.
    `disowned_at`: when they said that it was not them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    code = models.BinaryField(max_length=32, unique=True)
    locked_title = models.TextField(blank=True)
    locked_name = models.TextField(blank=True)
    locked_body = models.BinaryField(null=True)
    shows_name = models.BooleanField()
    pages = models.PositiveSmallIntegerField()
    before = models.BinaryField(max_length=32)
    after = models.BinaryField(max_length=32, null=True, unique=True)
    level = models.CharField(max_length=10, blank=True)
    made_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    disowned_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-made_at"], name="identity_signatures_of"),
            models.Index(fields=["made_at"], condition=models.Q(locked_body__isnull=False), name="identity_files_kept"),
        ]

    def __str__(self) -> str:
        return f"signature:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this signature."""
        return f"signature:{self.pk}"

    @property
    def said_code(self) -> str:
        """What the paper's address ends in: only this city can compute it."""
        letters = b32encode(keyed("signature", str(self.pk)))[:CODE_LETTERS].decode("ascii")
        return "-".join(letters[part : part + 4] for part in range(0, CODE_LETTERS, 4))

    @property
    def body(self) -> bytes:
        """The file; b"" when it is kept no more."""
        return unseal(self.locked_body, f"paper:{self.pk}") if self.locked_body is not None else b""

    @body.setter
    def body(self, body: bytes) -> None:
        self.locked_body = seal(body, f"paper:{self.pk}")

    @property
    def title(self) -> str:
        """The file's name; for its person alone."""
        return take_out(self.locked_title)

    @title.setter
    def title(self, title: str) -> None:
        self.locked_title = lock_away(title)

    @property
    def name(self) -> str:
        """What whoever holds the paper learns of the person."""
        return take_out(self.locked_name)

    @name.setter
    def name(self, name: str) -> None:
        self.locked_name = lock_away(name)
