"""Django's EMAIL_BACKEND: whoever below sends mail in Django's way (allauth does) posts it in our outbox."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from meydan.kernel.actor import SYSTEM
from meydan.notifications.actions import post_letter


class OutboxBackend(BaseEmailBackend):
    """One letter per reader: no reader sees another's address."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        letters = [(message, address) for message in email_messages for address in message.recipients()]
        with transaction.atomic():
            for message, address in letters:
                post_letter(
                    SYSTEM,
                    sender=message.from_email,
                    to=address,
                    subject=str(message.subject),
                    body=str(message.body),
                )
        return len(email_messages)
