"""Posting a letter, and sending it on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template import engines
from django.utils import translation

from meydan.kernel import jobs
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record, record_many
from meydan.kernel.ids import uuid7
from meydan.notifications.facts import MailPosted, MailSent
from meydan.notifications.models import BODY_LENGTH, MAIL_DAYS, SUBJECT_LENGTH, Mail
from meydan.notifications.policies import may_post, may_send
from meydan.notifications.queries import lock_letter

Draft = tuple[str, str, str, Mapping[str, str]]
"""To whom, subject, body, headers."""


@action(policy=may_post)
def post_letter(
    actor: Actor,
    *,
    sender: str,
    to: str,
    subject: str,
    body: str,
    headers: Mapping[str, str] | None = None,
    token: str = "",
) -> Mail:
    """Put a letter in the outbox; the worker sends it once the running transaction is committed.

    `to` is a bare address. Its Message-ID is made here, so that a letter that had to be sent twice is one letter;
    `token` becomes part of it, so that an answer (In-Reply-To) brings it back.
    """
    letter = _letter(sender, to, subject, body, headers, token)
    letter.save(force_insert=True)
    record(MailPosted(subject=f"mail:{letter.pk}"))
    jobs.enqueue(deliver, key=str(letter.pk))
    return letter


@action(policy=may_post)
def post_letters(actor: Actor, *, sender: str, letters: Sequence[Draft]) -> None:
    """The same for many letters at once, in a few statements."""
    made = [_letter(sender, *letter) for letter in letters]
    Mail.objects.bulk_create(made, batch_size=500)
    record_many(MailPosted(subject=f"mail:{one.pk}") for one in made)
    jobs.enqueue_many(deliver, [{"key": str(one.pk)} for one in made])


def _letter(
    sender: str, to: str, subject: str, body: str, headers: Mapping[str, str] | None = None, token: str = ""
) -> Mail:
    key = uuid7()
    host = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return Mail(
        id=key,
        sender=sender,
        to=to,
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        body=body[:BODY_LENGTH],
        message_id=f"<{key.hex}{f'.{token}' if token else ''}@{host}>",
        headers=dict(headers or {}),
    )


@action_on(lock_letter, policy=may_send)
def send_letter(actor: Actor, letter: Mail) -> None:
    """Hand the letter to MAIL_ROUTE, a Django mail backend of `plugins/`. Raises what SMTP raises.

    Once it is gone its text is emptied: codes are not to lie about. The demo's mailbox keeps it (`keeps_text`).
    """
    route = get_connection(settings.MAIL_ROUTE)
    headers = {**letter.headers, "Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    route.send_messages([EmailMessage(letter.subject, letter.body, letter.sender, [letter.to], headers=headers)])
    if not getattr(route, "keeps_text", False):
        letter.body = ""
    letter.sent_at = now()
    letter.save(update_fields=["body", "sent_at"])
    record(MailSent(subject=f"mail:{letter.pk}"))


@jobs.job(name="notifications.deliver", queue="mail")
def deliver(*, key: str) -> None:
    """Send one letter, unless it was sent. Retried by the worker when the mail server does not answer."""
    if Mail.objects.filter(pk=key, sent_at__isnull=True).exists():
        send_letter(SYSTEM, UUID(key))


def forget_mail() -> int:
    """Delete what was sent MAIL_DAYS ago, and with it whom it went to; returns how many."""
    return Mail.objects.filter(sent_at__lt=now() - timedelta(days=MAIL_DAYS)).delete()[0]


def send_mail(
    to: str,
    template: str,
    language: str,
    context: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    token: str = "",
) -> Mail:
    """Post a letter in the running transaction. `template` names `notifications/mail/<template>.txt`: its first line
    is the subject; `context` fills it, and it speaks `language`. The worker sends it, and tries again when it must.
    `headers` and `token` as for `post_letter`.
    """
    subject, body = text_of_letter(template, language, context)
    sender = settings.DEFAULT_FROM_EMAIL
    return post_letter(SYSTEM, sender=sender, to=to, subject=subject, body=body, headers=headers, token=token)


def send_mails(readers: Sequence[tuple[str, str]], template: str, contexts: Mapping[str, Mapping[str, Any]]) -> None:
    """Post one letter to each of the readers (address, language), with the template filled once for each language by
    its context. Nobody to write to: nothing happens."""
    texts = {language: text_of_letter(template, language, context) for language, context in contexts.items()}
    if readers:
        letters: list[Draft] = [(to, *texts[language], {}) for to, language in readers]
        post_letters(SYSTEM, sender=settings.DEFAULT_FROM_EMAIL, letters=letters)


def text_of_letter(template: str, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """The subject and the body."""
    plain = engines["jinja2"].env.overlay(autoescape=False)  # type: ignore[attr-defined]  # Django's Jinja2 engine
    with translation.override(language):
        text = plain.get_template(f"notifications/mail/{template}.txt").render({**context, "language": language})
    subject, _newline, body = text.strip().partition("\n")
    return subject, body.strip() + "\n"
