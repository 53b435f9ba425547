"""A letter waits in the outbox, leaves once, and can be read in the demo."""

import smtplib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.clock import now
from meydan.kernel.config import Smtp, config
from meydan.kernel.errors import NotFound, Refused
from meydan.notifications import actions, policies
from meydan.notifications.models import MAIL_DAYS, Mail
from meydan.notifications.plugins import smtp
from meydan.notifications.queries import list_mailbox

pytestmark = pytest.mark.django_db
LETTER: Any = {
    "sender": "City <city@example.org>",
    "to": "amina@example.org",
    "subject": "A\nsubject",
    "body": "Hello.",
}


class SmtpSession(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over a letter."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, SmtpServer)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().strip().upper():
            if line == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            if line == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it takes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SmtpSession)
        self.letters: list[bytes] = []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        port = running.server_address[1]
        route = Smtp(host="127.0.0.1", port=port, security="none", sender="city@example.org")
        monkeypatch.setattr(smtp, "config", lambda: config().model_copy(update={"smtp": route}))
        settings.MAIL_ROUTE = "meydan.notifications.plugins.smtp.Smtp"
        yield running
        running.shutdown()


def test_a_letter_leaves_once_and_its_text_is_emptied(server: SmtpServer) -> None:
    letter = actions.post_letter(SYSTEM, **LETTER)
    actions.deliver(key=str(letter.pk))
    actions.deliver(key=str(letter.pk))
    letter.refresh_from_db()
    assert len(server.letters) == 1
    assert letter.message_id.encode() in server.letters[0]
    assert b"Subject: A subject" in server.letters[0]
    assert letter.sent_at and not letter.body


def test_a_server_that_is_away_leaves_the_letter_waiting(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = busy.getsockname()[1]
    route = Smtp(host="127.0.0.1", port=port, security="none", sender="city@example.org")
    monkeypatch.setattr(smtp, "config", lambda: config().model_copy(update={"smtp": route}))
    settings.MAIL_ROUTE = "meydan.notifications.plugins.smtp.Smtp"
    letter = actions.post_letter(SYSTEM, **LETTER)
    with pytest.raises((OSError, smtplib.SMTPException)):
        actions.deliver(key=str(letter.pk))
    letter.refresh_from_db()
    assert letter.sent_at is None and letter.body


def test_posting_enqueues_in_the_same_transaction() -> None:
    before = ProcrastinateJob.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.post_letter(SYSTEM, **LETTER)
        raise ZeroDivisionError
    assert ProcrastinateJob.objects.count() == before and not Mail.objects.exists()
    actions.post_letter(SYSTEM, **LETTER)
    assert ProcrastinateJob.objects.filter(task_name="notifications.deliver").exists()


def test_each_reader_gets_a_letter_of_their_own() -> None:
    backend = get_connection("meydan.notifications.public.OutboxBackend")
    backend.send_messages([EmailMessage("Hi", "Text", "city@example.org", ["a@example.org", "b@example.org"])])
    assert sorted(Mail.objects.values_list("to", flat=True)) == ["a@example.org", "b@example.org"]


def test_whom_the_city_wrote_to_is_forgotten() -> None:
    old, new, waiting = (actions.post_letter(SYSTEM, **LETTER) for _letter in range(3))
    Mail.objects.filter(pk=old.pk).update(sent_at=now() - timedelta(days=MAIL_DAYS, hours=1))
    Mail.objects.filter(pk=new.pk).update(sent_at=now())
    assert actions.forget_mail() == 1
    assert set(Mail.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}


def test_nobody_posts_but_the_city() -> None:
    with pytest.raises(Refused):
        actions.post_letter(VISITOR, **LETTER)


def test_the_demo_shows_its_letters(client: Client) -> None:
    letter = actions.post_letter(SYSTEM, **{**LETTER, "body": "See http://127.0.0.1/me\n\n<b>bold</b>"})
    assert "A subject" in client.get("/dev/mail").content.decode()
    page = client.get(f"/dev/mail/{letter.pk}").content.decode()
    assert 'href="http://127.0.0.1/me"' in page and "<b>bold" not in page
    assert "No letters" in client.get("/dev/mail?q=nobody").content.decode()


def test_a_real_city_has_no_mailbox_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "config", lambda: config().model_copy(update={"demo": False}))
    with pytest.raises(NotFound):
        list_mailbox(VISITOR)
