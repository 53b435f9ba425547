"""A device without a browser is let in by the code that it shows (RFC 8628)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import F

from meydan.accounts.actions.oauth import DEVICE_GRANT
from meydan.accounts.models import DeviceCode
from meydan.kernel.clock import now
from meydan.messaging.tests.served.conftest import Cast, Client, Served
from meydan.messaging.tests.served.oauth import SCOPES, Person, Program

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def person(served: Served, sign_in: Cast) -> Person:
    return Person(served, sign_in("ada").user_id[1:].partition(":")[0]).sign_in()


class Television(Program):
    """A program that shows a code."""

    def begin(self, scope: str = SCOPES, **more: str) -> tuple[int, Any]:
        form = {"client_id": self.client_id, "scope": scope, **more}
        body = "&".join(f"{name}={value}".replace(" ", "+") for name, value in form.items())
        return self.call("device_authorization_endpoint", body, FORM)

    def shown(self) -> dict[str, Any]:
        status, said = self.begin()
        assert status == 200, said
        return dict(said)

    def poll(self, said: dict[str, Any], **more: str) -> tuple[int, Any]:
        return self.token(grant_type=DEVICE_GRANT, device_code=said["device_code"], **more)

    def wait(self) -> None:
        """As long as it must."""
        self.served.run(lambda: DeviceCode.objects.update(asked_at=F("asked_at") - timedelta(seconds=60)))


@pytest.fixture
def television(served: Served) -> Iterator[Television]:
    yield Television(served)


def test_a_device_is_let_in_by_its_code(person: Person, television: Television) -> None:
    said = television.shown()
    assert (said["expires_in"], said["interval"]) == (900, 5)
    assert urlsplit(said["verification_uri"]).path == "/link"
    complete = urlsplit(said["verification_uri_complete"])
    assert parse_qs(complete.query) == {"user_code": [said["user_code"]]}
    assert television.poll(said) == (400, {"error": "authorization_pending"})
    page = person.get(f"{complete.path}?{complete.query}")
    text = page.content.decode()
    for word in (said["user_code"], "Chatty", "chatty.example", "CHATTYDEVICE", "somebody sent you this code"):
        assert word in text
    led = person.post("/link", {"user_code": said["user_code"], "answer": "yes"})
    assert (led.status_code, led.headers["Location"]) == (302, "/accounts/sessions/")
    status, tokens = television.poll(said)
    assert (status, tokens["scope"].split()) == (200, SCOPES.split())
    whoami = television.asks_matrix(tokens["access_token"]).json
    assert whoami["device_id"] == "CHATTYDEVICE"
    assert television.refresh(tokens["refresh_token"])[0] == 200
    assert television.poll(said) == (400, {"error": "invalid_grant"}), "once"
    assert "Chatty" in person.get("/accounts/sessions/").content.decode()
    assert "An app was let in: chatty.example" in person.get("/me/history").content.decode()


def test_a_device_that_nobody_let_in(person: Person, television: Television) -> None:
    said = television.shown()
    assert person.post("/link", {"user_code": said["user_code"], "answer": "no"}).status_code == 302
    assert television.poll(said) == (400, {"error": "access_denied"})
    again = person.get(f"/link?user_code={said['user_code']}")
    assert again.status_code == 422, "an answer is given once"
    assert "An app was not let in: chatty.example" in person.get("/me/history").content.decode()


def test_one_that_asks_too_often_waits_longer(person: Person, television: Television) -> None:
    said = television.shown()
    assert television.poll(said)[1]["error"] == "authorization_pending"
    assert television.poll(said)[1]["error"] == "slow_down"
    assert television.poll(said)[1]["error"] == "slow_down"
    television.wait()
    assert television.poll(said)[1]["error"] == "authorization_pending"
    assert television.served.run(lambda: DeviceCode.objects.latest("expires_at").interval) == 15
    person.post("/link", {"user_code": said["user_code"], "answer": "yes"})
    assert television.poll(said)[0] == 200, "who was let in waits no longer"


def test_a_code_that_is_too_old(person: Person, television: Television) -> None:
    said = television.shown()
    television.served.run(lambda: DeviceCode.objects.update(expires_at=now() - timedelta(seconds=1)))
    assert television.poll(said) == (400, {"error": "expired_token"})
    assert person.get(f"/link?user_code={said['user_code']}").status_code == 422


def test_the_code_as_people_type_it(person: Person, television: Television) -> None:
    code = television.shown()["user_code"]
    digits = code.replace("-", "")
    arabic = "".join(chr(0x0660 + int(digit)) for digit in digits)
    persian = " ".join(chr(0x06F0 + int(digit)) for digit in digits)
    for typed in (code, digits, code.replace("-", " "), arabic, persian, f"\u200f{code} "):
        assert person.served.run(person.browser.get, "/link", {"user_code": typed}).status_code == 200, typed
    for typed in ("", "12345678", "1234567890", "abc-def-ghi", "²²²²²²²²²"):
        page = person.served.run(person.browser.get, "/link", {"user_code": typed})
        assert (page.status_code, "No device that waits shows this code" in page.content.decode()) == (422, True), typed


def test_nobody_tries_many_codes(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [person.get(f"/link?user_code={number:09}").status_code for number in range(21)]
    assert asked == [422] * 20 + [429]


def test_who_is_not_signed_in_comes_back_to_the_code(served: Served) -> None:
    stranger = Person(served, "nobody")

    def led(reply: Any) -> str:
        parts = urlsplit(reply.headers["Location"])
        assert (reply.status_code, parts.path) == (302, "/accounts/login/")
        return str(parse_qs(parts.query)["next"][0])

    assert led(stranger.get("/link?user_code=019-450-730")) == "/link?user_code=019-450-730"
    assert led(stranger.get("/link")) == "/link"
    assert led(stranger.post("/link", {"user_code": "019450730", "answer": "yes"})) == "/link?user_code=019450730"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "nobody"}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPES} urn:matrix:client:device:ANOTHER"}, "invalid_scope"),
        ({"scope": f"{SCOPES} {'x' * 1000}"}, "invalid_scope"),
    ],
)
def test_a_request_that_is_wrong(television: Television, form: dict[str, str], error: str) -> None:
    status, said = television.begin(**form)
    assert (status, said["error"]) == (400, error)


def test_a_code_is_its_programs_own(person: Person, television: Television) -> None:
    said = television.shown()
    person.post("/link", {"user_code": said["user_code"], "answer": "yes"})
    assert television.poll(said, client_id="nobody")[0] in (400, 401)
    assert television.poll({"device_code": "another"}) == (400, {"error": "invalid_grant"})
    assert television.token(grant_type=DEVICE_GRANT)[1]["error"] == "invalid_request"
    assert television.poll(said)[0] == 200


def test_nothing_of_it_can_be_read_in_the_database(television: Television) -> None:
    said = television.shown()
    rows = television.served.run(lambda: repr(list(DeviceCode.objects.values())))
    for secret in (said["device_code"], said["user_code"], said["user_code"].replace("-", "")):
        assert secret not in rows


def test_the_server_says_that_it_can(served: Served) -> None:
    metadata = Client(served.url).get("/_matrix/client/v1/auth_metadata")
    assert DEVICE_GRANT in metadata["grant_types_supported"]
    assert urlsplit(metadata["device_authorization_endpoint"]).path == "/oauth/device"


def test_who_ends_all_others_ends_what_was_about_to_begin(person: Person, television: Television) -> None:
    said = television.shown()
    person.post("/link", {"user_code": said["user_code"], "answer": "yes"})
    assert person.post("/accounts/sessions/").status_code == 302
    assert television.poll(said) == (400, {"error": "invalid_grant"})
