"""The outbox: every letter that the city sends waits here until the mail server has taken it."""

from typing import ClassVar

from django.db import models

from meydan.kernel.clock import now
from meydan.kernel.ids import uuid7

SUBJECT_LENGTH = 200
BODY_LENGTH = 100_000


class Mail(models.Model):
    """One letter to one reader. The text is emptied once it is sent (it may hold codes), save in the demo."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sender = models.CharField(max_length=254)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField(max_length=BODY_LENGTH)
    message_id = models.CharField(max_length=160, unique=True)
    posted_at = models.DateTimeField(default=now, editable=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-posted_at"], name="notifications_mail_posted")]

    def __str__(self) -> str:
        return str(self.pk)
