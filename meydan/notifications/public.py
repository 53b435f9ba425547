"""The door of notifications: for site, for its own reactions, and, as Django's EMAIL_BACKEND, for whoever below sends
mail in Django's way (allauth does)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template import engines
from django.utils import translation

from meydan.kernel.actor import SYSTEM
from meydan.notifications.actions import post_letter
from meydan.notifications.models import Mail


def send_mail(to: str, template: str, language: str, context: Mapping[str, Any]) -> Mail:
    """Post a letter in the running transaction. `template` names `notifications/mail/<template>.txt`: its first line
    is the subject; `context` fills it, and it speaks `language`. The worker sends it, and tries again when it must.
    """
    plain = engines["jinja2"].env.overlay(autoescape=False)  # type: ignore[attr-defined]  # Django's Jinja2 engine
    with translation.override(language):
        text = plain.get_template(f"notifications/mail/{template}.txt").render({**context, "language": language})
    subject, _newline, body = text.strip().partition("\n")
    return post_letter(SYSTEM, sender=settings.DEFAULT_FROM_EMAIL, to=to, subject=subject, body=body.strip() + "\n")


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
