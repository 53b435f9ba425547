"""The door of notifications: for site, for its own reactions, and, as Django's EMAIL_BACKEND, for whoever below sends
mail in Django's way (allauth does)."""

from collections.abc import Iterator, Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from meydan.accounts.public import ExportedFile, as_json, contributes_to_export
from meydan.kernel.actor import SYSTEM, Actor
from meydan.notifications.actions import post_letter, send_mail
from meydan.notifications.models import Mail, News, Notice, Watch
from meydan.notifications.queries import count_news


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


def export_areas(actor: Actor) -> Iterator[ExportedFile]:
    """The areas that a person watches, and what was new in them, for the export of their data."""
    columns = ("lat", "lon", "radius", "district", "category", "daily", "made_at")
    yield as_json("areas.json", list(Watch.objects.filter(person=actor.person_id).values(*columns)))
    news = News.objects.filter(person=actor.person_id).order_by("id")
    yield as_json("news.json", list(news.values("report", "at", "read_at")))
    told = Notice.objects.filter(person=actor.person_id).order_by("id")
    yield as_json("notices.json", list(told.values("kind", "title", "path", "moment", "at", "read_at")))


contributes_to_export("news", export_areas)

__all__ = ["Mail", "OutboxBackend", "count_news", "send_mail"]
