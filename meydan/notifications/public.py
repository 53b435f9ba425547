"""The door of notifications: for site, for its own reactions, and, as Django's EMAIL_BACKEND, for whoever below sends
mail in Django's way (allauth does)."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from meydan.kernel.actor import SYSTEM
from meydan.notifications.actions import post_letter, send_mail
from meydan.notifications.models import Mail


class OutboxBackend(BaseEmailBackend):
    """Posts what it is given in the outbox: one letter per reader, so that none sees another's address."""

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


__all__ = ["Mail", "OutboxBackend", "send_mail"]
