"""Letters become reports and answers, once each, whatever the mail server does; machines get nothing."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.config import Imap, config
from meydan.kernel.facts import facts_about
from meydan.kernel.tests.pictures import make_phone_photo, make_picture
from meydan.moderation.actions import block_sender
from meydan.moderation.models import Whom
from meydan.reports import actions
from meydan.reports.actions import letters as taking
from meydan.reports.models import Entry, EntryKind, Forward, Letter, Origin, Photo, Refusal, Report, State
from meydan.reports.plugins import imap
from meydan.reports.plugins import letters as reading
from meydan.reports.plugins.imap import read_mailbox
from meydan.reports.plugins.letters import read_letter, text_of_html
from meydan.reports.queries import answer_address, forward_token, letter_token
from meydan.reports.queries import letters as knowing
from meydan.reports.tests.cast import make_actor, make_city, make_report, route
from meydan.reports.tests.imap_server import ImapServer, imap_server
from meydan.reports.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as running:
        yield running


@pytest.fixture
def box(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The city has set its mailbox; calling it changes the settings."""
    settings = {"host": "127.0.0.1", "port": server.port, "user": "u", "password": "p", "security": "none"}

    def set_box(**more: Any) -> None:
        mailbox = Imap.model_validate({**settings, "address": "report@city.example", **more})
        made = config().model_copy(update={"imap": mailbox})
        for module in (imap, reading, taking, knowing):
            monkeypatch.setattr(module, "config", lambda: made)

    make_city()
    monkeypatch.setattr(imap, "TIMEOUT", 1)
    set_box()
    return set_box


def letter(text: str = "A deep hole in the asphalt", **headers: str) -> EmailMessage:
    """A letter as a person sends it."""
    made = EmailMessage()
    given = {
        "from": f"Amina <{AMINA}>",
        "to": "report@city.example",
        "subject": "A hole",
        "message_id": "<1@example.org>",
    }
    for name, value in {**given, **headers}.items():
        if value:
            made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def only_letter() -> Letter:
    return Letter.objects.get()


def test_a_letter_becomes_a_report_that_its_sender_completes(server: ImapServer, box: Any, client: Client) -> None:
    mail = letter("Look at this hole.\n\nAddress: 4, Rue des Orangers, Anfa\n-- \nAmina, 0600 000000")
    mail.add_attachment(make_phone_photo(), maintype="image", subtype="jpeg", filename="hole.jpg")
    mail.add_attachment(b"%PDF-1.4" + b"x" * 2000, maintype="application", subtype="pdf", filename="a.pdf")
    server.put(mail.as_bytes())
    assert read_mailbox() == 1
    report = Report.objects.get()
    assert (report.origin, report.contact_email, report.reporter_id) == (Origin.MAIL, AMINA, None)
    assert report.address == "4, Rue des Orangers, Anfa" and report.district_id == "anfa"
    assert report.point is None, "where a photo was taken is not taken unasked"
    assert "0600" not in report.description and "A hole" in report.description
    assert not report.public and Photo.objects.filter(report=report).count() == 1
    assert server.flags() == [{r"\Flagged", r"\Seen"}]
    assert client.get(f"/reports/{report.number}").status_code == 404
    page = client.get(f"/reports/{report.number}/complete?key={report.key}", follow=True).content.decode()
    assert "A hole" in page
    answer = client.post(f"/reports/{report.number}/complete", {"category": "pothole", "district": "maarif"})
    assert answer.status_code == 302
    report.refresh_from_db()
    assert report.public and report.district_id == "maarif" and report.category_id == "pothole"
    route(report)
    report.refresh_from_db()
    assert report.department_id == "maarif-roads"
    assert client.post(f"/reports/{report.number}/complete", {"category": "lamp"}).status_code == 409


def test_what_nobody_can_guess_waits_with_the_call_centre(server: ImapServer, box: Any) -> None:
    server.put(letter("Zzyzx!", subject="Hello there").as_bytes())
    read_mailbox()
    report = Report.objects.get()
    route(report)
    report.refresh_from_db()
    assert (report.category_id, report.department_id) == ("other", None)
    assert report.external["lacks"] == ["category", "place"]


def test_a_photo_says_where_only_if_the_city_has_said_so(server: ImapServer, box: Any) -> None:
    box(photo_place=True)
    mail = letter()
    mail.add_attachment(make_phone_photo(), maintype="image", subtype="jpeg", filename="hole.jpg")
    server.put(mail.as_bytes())
    read_mailbox()
    assert Report.objects.get().point is not None


@pytest.mark.parametrize(
    "mood",
    [
        *("silent", "drops LOGIN", "drops UID SEARCH", "drops UID FETCH", "drops UID STORE", "nonsense CAPABILITY"),
        *("nonsense SELECT", "nonsense UID SEARCH", "nonsense UID FETCH", "nonsense UID STORE", "no LOGIN"),
        *("no SELECT", "no UID SEARCH", "no UID FETCH", "no UID STORE", "lists twice", "wrong uid", "half", "huge"),
        "breaks off",
    ],
)
def test_nothing_is_lost_and_nothing_doubled(server: ImapServer, box: Any, mood: str) -> None:
    server.put(letter().as_bytes())
    server.put(letter(message_id="<2@example.org>").as_bytes())
    server.put(letter().as_bytes())  # the first again, by another way
    server.mood = mood
    read_mailbox()
    assert server.spoilt, "the server was not in that mood"
    assert Report.objects.count() <= 2
    server.mood = ""
    read_mailbox()
    read_mailbox()
    assert Report.objects.count() == 2 and Letter.objects.count() == 2
    assert all(r"\Flagged" in flags for flags in server.flags())


def test_a_slow_server_is_left_in_time(server: ImapServer, box: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "SECONDS", 0.3)
    server.put(letter().as_bytes())
    server.mood = "silent"
    assert read_mailbox() == 0


def test_letters_that_were_taken_are_deleted_where_the_city_says_so(server: ImapServer, box: Any) -> None:
    box(delete=True)
    server.put(letter().as_bytes())
    refused = server.put(letter(message_id="<2@example.org>", auto_submitted="auto-replied").as_bytes())
    read_mailbox()
    assert server.letters == [refused]


AUTOMATIC = [
    {"auto_submitted": "auto-replied"},
    {"auto_submitted": "auto-generated; x=y"},
    {"precedence": "bulk"},
    {"precedence": "auto_reply"},
    {"list_id": "<news.example.org>"},
    {"list_unsubscribe": "<mailto:a@b.example>"},
    {"x_autoreply": "yes"},
    {"return_path": "<>"},
    {"from": "MAILER-DAEMON@example.org"},
    {"from": "no-reply@example.org"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=lambda one: next(iter(one.items()))[1][:20])
def test_machines_get_neither_a_report_nor_an_answer(server: ImapServer, box: Any, headers: dict[str, str]) -> None:
    report = make_report(VISITOR, contact_email=AMINA)
    mail = letter(**headers, in_reply_to=f"<x.{letter_token(report)}@city.example>")
    server.put(mail.as_bytes())
    read_mailbox()
    assert only_letter().refusal == Refusal.AUTOMATIC
    (fact,) = facts_about(f"letter:{only_letter().pk}")
    assert fact.fact.told is False  # type: ignore[attr-defined]  # LetterRefused
    assert Report.objects.count() == 1 and not Entry.objects.filter(kind=EntryKind.MESSAGE).exists()


def test_our_own_letters_do_not_go_round(server: ImapServer, box: Any) -> None:
    server.put(letter(**{"from": "report+r1-aa@city.example"}).as_bytes())
    read_mailbox()
    assert only_letter().refusal == Refusal.OWN


def test_an_answer_goes_into_its_case(server: ImapServer, box: Any) -> None:
    report = make_report(VISITOR, contact_email=AMINA)
    actions.ask_reporter(SYSTEM, report.number, text="Which side?")
    quoted = "The left one.\n\nOn Monday the city <report@city.example>\nwrote:\n\n> ≡≡≡ above\n> Which side?"
    mail = letter(quoted, to=answer_address(letter_token(report)), subject="Re: Report")
    mail.add_attachment(make_picture(), maintype="image", subtype="jpeg", filename="a.jpg")
    server.put(mail.as_bytes())
    server.put(
        letter(
            "And hurry.", message_id="<2@x.example>", references=f"<z.{letter_token(report)}@city.example>"
        ).as_bytes()
    )
    read_mailbox()
    report.refresh_from_db()
    assert report.state == State.ACCEPTED and Report.objects.count() == 1
    said = Entry.objects.filter(report=report, side="reporter").exclude(text="").order_by("id")
    assert [(one.kind, one.text, one.audience) for one in said] == [
        (EntryKind.ANSWERED, "The left one.", "parties"),
        (EntryKind.MESSAGE, "And hurry.", "parties"),
    ]


def test_nobody_else_writes_into_a_case(server: ImapServer, box: Any) -> None:
    report = make_report(VISITOR, contact_email=AMINA)
    token = letter_token(report)
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    server.put(letter(**{"from": "eve@example.org", "to": answer_address(token)}).as_bytes())
    server.put(letter(to=answer_address(forged), message_id="<2@x.example>").as_bytes())
    read_mailbox()
    assert [one.refusal for one in Letter.objects.order_by("id")] == [Refusal.STRANGER, ""]
    assert not Entry.objects.filter(report=report, kind=EntryKind.MESSAGE).exists()
    assert Report.objects.count() == 2, "without a true token it is a report of its own"


def test_the_mail_servers_word_counts_where_the_city_trusts_it(server: ImapServer, box: Any) -> None:
    box(auth_host="mx.city.example")
    report = make_report(VISITOR, contact_email=AMINA)
    failed = {"authentication_results": "mx.city.example; dmarc=fail header.from=example.org"}
    forged = {"authentication_results": "mx.evil.example; dmarc=pass header.from=example.org"}
    server.put(letter(to=answer_address(letter_token(report)), **failed).as_bytes())
    server.put(letter(message_id="<2@x.example>", **failed).as_bytes())
    server.put(letter(message_id="<3@x.example>", **forged).as_bytes())
    read_mailbox()
    assert [one.refusal for one in Letter.objects.order_by("id")] == [Refusal.UNPROVEN, "", ""]
    assert list(Report.objects.order_by("number").values_list("contact_email", flat=True)) == [AMINA, "", AMINA]


def test_too_many_letters_of_one_sender(server: ImapServer, box: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "REPORTS_PER_HOUR", 2)
    for number in range(4):
        server.put(letter(message_id=f"<{number}@x.example>").as_bytes())
    read_mailbox()
    assert [one.refusal for one in Letter.objects.order_by("id")] == ["", "", Refusal.TOO_MANY, Refusal.TOO_MANY]


def test_a_blocked_sender(server: ImapServer, box: Any) -> None:
    server.put(letter().as_bytes())
    read_mailbox()
    report = Report.objects.get()
    moderator = make_actor("moderator", Role.MODERATOR)
    block_sender(moderator, reference=report.reference, whom=Whom.DEVICE, days=5, reason="Abuse")
    server.put(letter(message_id="<2@x.example>").as_bytes())
    read_mailbox()
    assert Letter.objects.last().refusal == Refusal.BLOCKED  # type: ignore[union-attr]  # there are two


def test_a_letter_too_large_is_refused_by_its_head(
    server: ImapServer, box: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_BYTES", 2000)
    server.put(letter("x" * 5000).as_bytes())
    read_mailbox()
    assert (only_letter().refusal, only_letter().sender) == (Refusal.TOO_LARGE, AMINA)
    (fact,) = facts_about(f"letter:{only_letter().pk}")
    assert fact.fact.told is True  # type: ignore[attr-defined]  # LetterRefused


HOSTILE = {
    "nothing": b"",
    "noise": bytes(range(256)) * 50,
    "no headers": b"\r\n\r\nHello",
    "long header": b"From: a@b.example\r\nSubject: " + b"x" * 300_000 + b"\r\n\r\nHi",
    "deep": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
    "many parts": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 20_000,
    "charset": b"From: a@b.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
    "encoded": b"From: =?utf-8?b?!!!?= <a@b.example>\r\nSubject: =?x?q?=ZZ?=\r\n\r\nHi",
    "nul": b"From: a@b.example\r\n\r\nA hole\0here",
    "two senders": b"From: a@b.example, c@d.example\r\n\r\nHi",
    "attachment only": b"From: a@b.example\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b"A" * 5000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_letters_are_read_or_refused(box: Any, raw: bytes) -> None:
    taken = actions.take_letter(read_letter(raw))
    assert taken is not None
    assert actions.take_letter(read_letter(raw)) is None


def test_html_is_read_as_text() -> None:
    html = "<head><title>x</title><style>p{}</style></head><p>A <b>deep</b> hole<br>here</p><script>alert(1)</script>"
    assert text_of_html(html).strip() == "A deep hole\nhere"
    assert text_of_html("<div>" * 3000 + "deep").strip() == "deep"


def test_an_authority_answers_by_letter(server: ImapServer, box: Any) -> None:
    report = make_report(VISITOR)
    actions.forward_report(SYSTEM, report.number, authority="waterworks")
    token = forward_token(Forward.objects.get())
    server.put(
        letter("We mend it on Monday.", **{"from": "lina@water.example", "to": answer_address(token)}).as_bytes()
    )
    server.put(
        letter("Ha", **{"from": "eve@evil.example", "to": answer_address(token), "message_id": "<2@x>"}).as_bytes()
    )
    read_mailbox()
    entry = Entry.objects.get(kind=EntryKind.RETURNED)
    assert (entry.text, entry.audience, entry.report_id) == ("We mend it on Monday.", "staff", report.number)
    assert Forward.objects.get().state == "answered"


def test_the_staff_reads_what_was_refused_and_the_look_is_recorded(box: Any) -> None:
    actions.take_letter(read_letter(letter("", subject="").as_bytes()))
    operator = make_actor("operator", Role.OPERATOR)
    Person.objects.get(pk=str(operator.person_id)).grants.create(role=Role.OPERATOR)
    client = signed_in(operator)
    page = client.get("/reports/letters").content.decode()
    assert AMINA not in page and str(Refusal.EMPTY.label) in page
    assert AMINA in client.get(f"/reports/letters/{only_letter().pk}").content.decode()
    assert [one.name for one in facts_about(f"letter:{only_letter().pk}")][-1] == "kernel.personal_data_shown"
