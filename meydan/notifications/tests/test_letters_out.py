"""Letters that may be answered, to reporters and to other authorities; and what senders of refused letters hear."""

import io
from typing import Any

import pytest

from meydan.kernel import jobs, reactions
from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.config import Imap, config
from meydan.kernel.files import store_image
from meydan.kernel.reactions import run_reaction
from meydan.kernel.tests.pictures import make_picture
from meydan.notifications.models import Mail
from meydan.reports import actions
from meydan.reports.actions import letters as taking
from meydan.reports.models import Entry, EntryKind, Forward, Report, Sending
from meydan.reports.plugins.letters import read_letter
from meydan.reports.queries import letters as knowing
from meydan.reports.tests.cast import make_city, make_report, publish_photos

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The city has a mailbox; calling it changes the settings."""

    def set_box(**more: Any) -> None:
        mailbox = Imap(host="mail.city.example", user="u", password="p", address="report@city.example", **more)
        made = config().model_copy(update={"imap": mailbox})
        for module in (taking, knowing):
            monkeypatch.setattr(module, "config", lambda: made)

    make_city()
    set_box()
    return set_box


def stored(width: int) -> str:
    """A picture in the store."""
    return store_image(io.BytesIO(make_picture(width)), purpose="report_photo").sha256


def react() -> None:
    while jobs.run_waiting(run_reaction.name, reactions.run_many):
        continue


def answer_to(mail: Mail, text: str) -> bytes:
    """What the reader's mail program sends."""
    quoted = "\n".join(f"> {line}" for line in mail.body.splitlines())
    head = (
        f"From: {mail.to}\nTo: {mail.headers['Reply-To']}\nIn-Reply-To: {mail.message_id}\nSubject: Re: {mail.subject}"
    )
    return f"{head}\nMessage-ID: <{text[:3]}@x.example>\n\n{text}\n\nThe city wrote:\n{quoted}\n".encode()


@pytest.mark.parametrize("plus", [True, False])
def test_a_letter_goes_out_is_answered_and_the_answer_is_in_the_case(box: Any, plus: bool) -> None:
    box(plus=plus)
    report = make_report(VISITOR, contact_email=AMINA)
    actions.ask_reporter(SYSTEM, report.number, text="Which side?")
    react()
    mail = Mail.objects.filter(to=AMINA).order_by("-posted_at")[0]
    assert ("+" in mail.headers["Reply-To"]) is plus and "above this line" in mail.body
    assert mail.message_id.count("r" + str(report.number)) == 1
    actions.take_letter(read_letter(answer_to(mail, "The left one.")))
    assert Entry.objects.get(kind=EntryKind.ANSWERED).text == "The left one."


def test_without_a_mailbox_nobody_is_told_to_answer() -> None:
    make_city()
    make_report(VISITOR, contact_email=AMINA)
    react()
    mail = Mail.objects.get(to=AMINA)
    assert not mail.headers and "read by nobody" in mail.body


def test_who_sent_a_letter_is_asked_to_complete_it(box: Any) -> None:
    actions.take_letter(read_letter(f"From: {AMINA}\nSubject: Zzyzx\n\nHello".encode()))
    react()
    (mail,) = Mail.objects.filter(to=AMINA)
    report = Report.objects.get()
    assert f"/reports/{report.number}/complete?key={report.key}" in mail.body


def test_an_authority_gets_the_case_once_and_answers(box: Any) -> None:
    report = make_report(VISITOR, contact_email=AMINA, contact_phone="0600 11", photos=[stored(640), stored(480)])
    publish_photos(report.number)
    actions.forward_report(SYSTEM, report.number, authority="waterworks", text="It is your pipe.")
    react()
    react()
    (mail,) = Mail.objects.filter(to="desk@water.example")
    assert Forward.objects.get().state == Sending.SENT
    assert "A deep hole" in mail.body and "It is your pipe." in mail.body and "geo:33.590000,-7.610000" in mail.body
    assert mail.body.count("/full") == 2 and AMINA not in mail.body and "0600" not in mail.body
    actions.take_letter(read_letter(answer_to(mail, "We come.")))
    assert Entry.objects.get(kind=EntryKind.RETURNED).text == "We come."


def test_of_a_report_that_is_not_public_no_photo_and_no_link_leave(box: Any) -> None:
    report = make_report(VISITOR, category="abuse", photos=[stored(640)])
    publish_photos(report.number)
    actions.forward_report(SYSTEM, report.number, authority="waterworks")
    react()
    mail = Mail.objects.get(to="desk@water.example")
    assert "/full" not in mail.body and f"/reports/{report.number}" not in mail.body


def test_people_hear_of_a_refusal_once_a_day_and_machines_never(box: Any) -> None:
    for number in range(3):
        actions.take_letter(read_letter(f"From: {AMINA}\nMessage-ID: <{number}@x>\n\n".encode()))
    actions.take_letter(read_letter(b"From: b@example.org\nAuto-Submitted: auto-replied\n\n"))
    react()
    assert list(Mail.objects.values_list("to", flat=True)) == [AMINA]
