"""The door of notifications. (Nobody stands above it but site: this is for site's commands and for its own reactions.)"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
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
    return post_letter(
        SYSTEM, sender=settings.DEFAULT_FROM_EMAIL, to=to, subject=subject, body=body.strip() + "\n"
    )


__all__ = ["Mail", "send_mail"]
