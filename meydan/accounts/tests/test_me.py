"""My page: what I change, what I take along, what is left when I go."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client

from meydan.accounts import actions
from meydan.accounts.facts import CharterAccepted, DataExported, PersonDeleted, SessionEnded
from meydan.accounts.models import Person
from meydan.accounts.pages.adapters import AccountAdapter
from meydan.accounts.queries import export
from meydan.accounts.queries.export import ExportedFile, as_csv, contributes_to_export
from meydan.accounts.tests.conftest import PASSWORD, facts_of, last_code, make_actor, make_person
from meydan.kernel.actor import SYSTEM, Role
from meydan.kernel.errors import Invalid
from meydan.kernel.receipt import Receipt
from meydan.kernel.tests.sealing import NOON, make_fact, seal_until
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
HERE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def prove_again(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_name_and_language(sign_in: SignIn) -> None:
    client = sign_in(make_person())
    assert client.post("/me/profile", {"name": "أمينة", "language": "ar"}).status_code == 302
    page = client.get("/me").content.decode()
    assert "أمينة" in page and 'lang="ar" dir="rtl"' in page
    refused = client.post("/me/profile", {"name": "", "language": "xx"})
    assert refused.status_code == 422
    assert refused.content.decode().count('class="summary"') == 1


def test_sessions_are_listed_and_the_others_ended(sign_in: SignIn) -> None:
    person = make_person()
    here, elsewhere = sign_in(person), Client(headers={"user-agent": HERE})
    elsewhere.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
    assert "Chrome, Android" in here.get("/accounts/sessions/").content.decode()
    here.post("/accounts/sessions/")
    assert elsewhere.get("/me").status_code == 302
    assert here.get("/me").status_code == 200
    ended = [fact for fact in facts_of(person.pk) if isinstance(fact, SessionEnded)]
    assert [(fact.how, fact.count) for fact in ended] == [("ended_elsewhere", 1)]


def test_last_seen_is_noted_now_and_then(sign_in: SignIn) -> None:
    client = sign_in(make_person())
    client.get("/me")
    first = UserSession.objects.get().last_seen_at
    client.get("/me")
    assert UserSession.objects.get().last_seen_at == first
    session = client.session
    session["seen"] -= 601
    session.save()
    client.get("/me")
    assert UserSession.objects.get().last_seen_at > first


@pytest.mark.usefixtures("charter")
def test_a_new_charter_is_asked_about(sign_in: SignIn) -> None:
    person = make_person()
    client = sign_in(person)
    assert "The charter of use has changed" not in client.get("/me").content.decode()
    actions.publish_charter(SYSTEM, version="2", text={"en": "# Two <script>alert(1)</script>"})
    assert "The charter of use has changed" in client.get("/me").content.decode()
    assert "<script>alert" not in client.get("/charter").content.decode()
    assert client.post("/me/charter", {"version": "1"}).status_code == 409
    assert client.post("/me/charter", {"version": "2"}).status_code == 302
    assert "You accepted it" in client.get("/charter").content.decode()
    accepted = [fact.version for fact in facts_of(person.pk) if isinstance(fact, CharterAccepted)]
    assert accepted == ["1", "2"]


def test_a_new_address_counts_after_its_code(sign_in: SignIn) -> None:
    person = make_person()
    client, change = sign_in(person), {"email": "new@example.org", "action_add": "1"}
    answer = client.post("/accounts/email/", change)
    assert answer["Location"].startswith("/accounts/reauthenticate/"), "a session alone does not do"
    prove_again(client)
    client.post("/accounts/email/", change)
    assert Person.objects.get().email == "amina@example.org"
    client.post("/accounts/confirm-email/", {"code": last_code("new@example.org")})
    assert Person.objects.get().email == "new@example.org"
    assert [one.email for one in EmailAddress.objects.all()] == ["new@example.org"]
    told = Mail.objects.get(to="amina@example.org")
    assert told.subject == "Your e-mail address was changed" and "/accounts/email/" in told.body, "at the old address"


@pytest.mark.usefixtures("charter")
def test_the_export_holds_all_that_is_mine(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_CONTRIBUTIONS", {})
    photo = ExportedFile("photos/1.jpg", lambda: io.BytesIO(b"\xff\xd8"))
    contributes_to_export("reports", lambda actor: [as_csv("reports.csv", [{"number": 7, "who": actor.name}]), photo])
    person = make_person("amina", Role.AUDITOR)
    client = sign_in(person)
    assert client.get("/me/export")["Location"].startswith("/accounts/reauthenticate/")
    prove_again(client)
    answer = client.post("/me/export")
    archive = ZipFile(io.BytesIO(b"".join(answer)))
    assert answer["Content-Type"] == "application/zip"
    assert set(archive.namelist()) == {
        "README.txt",
        "account/account.json",
        "account/history.csv",
        "account/sessions.csv",
        "account/who-looked.csv",
        "reports/photos/1.jpg",
        "reports/reports.csv",
    }
    account = json.loads(archive.read("account/account.json"))
    assert account["email"] == "amina@example.org" and account["roles"][0]["role"] == "auditor"
    assert account["charter"][0]["version"] == "1"
    rows = list(csv.DictReader(io.StringIO(archive.read("account/history.csv").decode("utf-8-sig"))))
    assert "The account was opened" in [row["what"] for row in rows]
    assert isinstance(facts_of(person.pk)[-1], DataExported)


@pytest.mark.parametrize("path", ["../evil", "/etc/evil"])
def test_an_export_path_stays_in_its_folder(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_CONTRIBUTIONS", {"x": lambda _actor: [ExportedFile(path, b"")]})
    person = make_person()
    with pytest.raises(ValueError, match="out of its folder"):
        export.write_export(make_actor(person))


def test_a_deleted_account_says_nothing_of_who_it_was(sign_in: SignIn) -> None:
    person = make_person("amina", Role.AUDITOR)
    client = sign_in(person)
    prove_again(client)
    refused = client.post("/me/delete")
    assert refused.status_code == 422
    assert refused.content.decode().count('class="summary"') == 1
    assert "Your account is deleted" in client.post("/me/delete", {"sure": "on"}).content.decode()
    assert client.get("/me").status_code == 302
    gone = Person.objects.get()
    assert (gone.name, gone.email, gone.is_active) == ("", None, False)
    assert gone.username.startswith("gone-") and not gone.has_usable_password()
    assert not gone.grants.exists() and not EmailAddress.objects.exists() and not UserSession.objects.exists()
    assert isinstance(facts_of(person.pk)[-1], PersonDeleted)


def test_nobody_is_called_as_a_deleted_account_was_but_its_address_is_free(sign_in: SignIn) -> None:
    client = sign_in(make_person("amina"))
    prove_again(client)
    client.post("/me/delete", {"sure": "on"})
    with pytest.raises(Invalid):
        make_person("amina")
    found = AccountAdapter().free_username("Amina")
    assert found.startswith("amina") and found != "amina"
    again = actions.sign_up(
        SYSTEM, username=found, name="Amina", email="amina@example.org", password=PASSWORD, language="en", way="form"
    )
    assert again.email == "amina@example.org"


def test_a_receipt_is_for_those_whom_the_line_is_about(sign_in: SignIn) -> None:
    amina, other = make_person(), make_person("other")
    looked = make_fact(person=amina.pk)
    of_no_line = make_fact(person=amina.pk, name="notifications.mail_sent")
    client = sign_in(amina)
    assert client.get(f"/me/history/{looked.pk}.json").status_code == 404
    assert f"{looked.pk}.json" not in client.get("/me/history").content.decode()
    seal_until(NOON + timedelta(days=1))
    assert f"/me/history/{looked.pk}.json" in client.get("/me/history").content.decode()
    answer = client.get(f"/me/history/{looked.pk}.json")
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{looked.pk}.json"'
    receipt = Receipt.model_validate_json(answer.content)
    assert not receipt.faults()
    assert receipt.told()["data"]["what"] == "The reporter's contact"
    assert receipt.told()["persons"] == [str(amina.pk)]
    assert str(looked.actor) not in answer.content.decode()
    assert client.get(f"/me/history/{of_no_line.pk}.json").status_code == 404
    assert client.get(f"/me/history/{looked.pk + 99999}.json").status_code == 404
    client.logout()
    assert sign_in(other).get(f"/me/history/{looked.pk}.json").status_code == 404
