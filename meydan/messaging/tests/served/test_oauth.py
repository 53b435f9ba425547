"""A program is let in by OAuth 2.0 and by the sign-in of old, on Meydan's pages, and its session is one among the
person's others (client-server API, "OAuth 2.0 API", "SSO client login", "Refreshing access tokens")."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from meydan.accounts.pages import clients as doors
from meydan.kernel.clock import now
from meydan.messaging.models import (
    AccountData,
    BackupVersion,
    CrossSigningKey,
    Departure,
    Device,
    IdentityReset,
    Receipt,
    SyncFilter,
)
from meydan.messaging.tests.served.conftest import PASSWORD, Cast, Client, Served, wait_for
from meydan.messaging.tests.served.oauth import APP, BACK, OLD_SCOPES, SCOPES, Person, Program, answer_in
from meydan.messaging.tests.signing import Signer


@pytest.fixture
def client(sign_in: Cast) -> Client:
    return sign_in("ada")


@pytest.fixture
def person(served: Served, client: Client) -> Person:
    return Person(served, client.user_id[1:].partition(":")[0]).sign_in()


@pytest.fixture
def program(served: Served) -> Program:
    return Program(served)


def test_a_program_is_let_in_syncs_renews_and_leaves(person: Person, program: Program, client: Client) -> None:
    said = program.code(person)
    assert said["state"] == "a state"
    status, tokens = program.redeem(said["code"])
    assert (status, tokens["expires_in"], tokens["token_type"]) == (200, 300, "Bearer")
    assert tokens["scope"].split() == SCOPES.split()
    whoami = program.asks_matrix(tokens["access_token"]).json
    assert (whoami["user_id"], whoami["device_id"]) == (client.user_id, "CHATTYDEVICE")
    assert program.asks_matrix(tokens["access_token"], "sync?timeout=0").status == 200
    status, again = program.refresh(tokens["refresh_token"])
    assert status == 200
    assert again["access_token"] != tokens["access_token"]
    assert again["refresh_token"] != tokens["refresh_token"]
    assert program.asks_matrix(again["access_token"]).status == 200
    assert program.revoke(again["refresh_token"]) == 200
    assert wait_for(lambda: program.asks_matrix(again["access_token"]).status == 401, 5)
    assert program.asks_matrix(again["access_token"]).errcode == "M_UNKNOWN_TOKEN"
    assert program.refresh(again["refresh_token"])[0] == 400
    devices = [one["device_id"] for one in client.get("devices")["devices"]]
    assert "CHATTYDEVICE" not in devices


def test_what_the_server_says_of_itself(served: Served) -> None:
    known = [
        Client(served.url).get(path)
        for path in ("/_matrix/client/v1/auth_metadata", "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata")
    ]
    assert known[0] == known[1]
    assert known[0]["code_challenge_methods_supported"] == ["S256"]
    assert "org.matrix.device_delete" in known[0]["account_management_actions_supported"]
    kinds = {flow["type"] for flow in Client(served.url).get("login")["flows"]}
    assert kinds == {"m.login.password", "m.login.sso", "m.login.token"}


def test_scopes_as_they_were_written_before_and_the_answer_in_the_fragment(person: Person, program: Program) -> None:
    address = program.asks(scope=f"openid {OLD_SCOPES}", response_mode="fragment")
    led = person.post(address, {"answer": "yes"}).headers["Location"]
    assert led.startswith(f"{BACK}#code=")
    status, said = program.redeem(answer_in(led)["code"])
    assert (status, said["scope"].split()) == (200, OLD_SCOPES.split()), "openid is nobody's to give"


def test_the_page_names_the_program_and_the_device_and_may_lead_to_it(person: Person, program: Program) -> None:
    page = person.get(program.asks())
    text = page.content.decode()
    for said in ("Let <bdi>Chatty</bdi> in?", "chatty.example", "CHATTYDEVICE", "Read and send all your messages"):
        assert said in text
    assert "form-action 'self' example.chatty:" in page.headers["Content-Security-Policy"]
    assert program.code(person, "no")["error"] == "access_denied"


def test_who_is_not_signed_in_is_asked_to_and_comes_back(served: Served, program: Program) -> None:
    stranger = Person(served, "nobody")
    led = stranger.get(program.asks()).headers["Location"]
    assert led.startswith("/accounts/login/?next=/oauth/authorize")
    assert stranger.get(program.asks(prompt="create")).headers["Location"].startswith("/accounts/signup/?next=")


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://elsewhere.example/back"},
        {"redirect_uri": "example.chatty:/elsewhere"},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": ""},
    ],
)
def test_nobody_is_led_to_where_the_program_has_not_said(person: Person, program: Program, wrong: Any) -> None:
    said = person.get(program.asks(**wrong))
    assert (said.status_code, "Location" in said.headers) == (422, False)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPES} urn:matrix:client:device:ANOTHER"}, "invalid_scope"),
        ({"scope": "urn:matrix:client:api:* urn:matrix:client:device:a/b"}, "invalid_scope"),
        ({"state": "s" * 501}, "invalid_request"),
    ],
)
def test_a_program_is_told_what_is_wrong_with_its_request(
    person: Person, program: Program, wrong: Any, error: str
) -> None:
    said = person.get(program.asks(**wrong))
    assert said.status_code == 302, said.content
    assert said.headers["Location"].startswith(BACK)
    assert answer_in(said.headers["Location"])["error"] == error


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://elsewhere.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://chatty.example.evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://evilchatty.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://me@chatty.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://chatty.example/#part"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://chatty.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["chatty:/back"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:/alert"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["example.chatty://back"]}, "invalid_redirect_uri"),
        ({"application_type": "web", "redirect_uris": ["example.chatty:/back"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://chatty.example/"] * 21}, "invalid_redirect_uri"),
        ({"client_uri": "ftp://chatty.example/"}, "invalid_client_metadata"),
        ({"client_uri": None}, "invalid_client_metadata"),
        ({"client_name": "x" * 81}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
    ],
)
def test_a_program_introduces_itself_as_it_should(program: Program, change: Any, error: str) -> None:
    status, said = program.register(APP | change)
    assert (status, said["error"]) == (400, error), said


def test_the_same_program_is_one(served: Served, program: Program) -> None:
    assert Program(served).client_id == program.client_id
    other = program.register(APP | {"redirect_uris": ["http://127.0.0.1/back"]})[1]
    assert other["client_id"] != program.client_id
    assert other["client_name#fr"] == "Bavarde"


def test_on_the_own_machine_any_port_will_do(served: Served, person: Person, program: Program) -> None:
    said = program.register(APP | {"redirect_uris": ["http://127.0.0.1/back"]})[1]
    local = Program(served, said["client_id"])
    led = person.post(local.asks(redirect_uri="http://127.0.0.1:5173/back"), {"answer": "yes"})
    assert led.headers["Location"].startswith("http://127.0.0.1:5173/back?code=")
    assert person.get(local.asks(redirect_uri="http://127.0.0.1:5173/other")).status_code == 422


def test_a_code_is_good_once_and_a_second_time_closes_what_it_opened(person: Person, program: Program) -> None:
    code = program.code(person)["code"]
    tokens = program.redeem(code)[1]
    assert program.asks_matrix(tokens["access_token"]).status == 200
    assert program.redeem(code) == (400, {"error": "invalid_grant"})
    assert wait_for(lambda: program.asks_matrix(tokens["access_token"]).status == 401, 5)
    assert program.refresh(tokens["refresh_token"])[0] == 400


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "x" * 43}, {"redirect_uri": "https://web.chatty.example/back"}, {"client_id": "nobody"}]
)
def test_a_code_is_for_who_asked_for_it(person: Person, program: Program, wrong: Any) -> None:
    assert program.redeem(program.code(person)["code"], **wrong)[0] in (400, 401)


def test_an_answer_that_was_lost_is_given_again_and_a_used_token_closes_the_session(
    person: Person, program: Program
) -> None:
    first = program.let_in(person)
    lost, kept = program.refresh(first["refresh_token"])[1], program.refresh(first["refresh_token"])[1]
    assert lost["refresh_token"] == kept["refresh_token"]
    assert program.asks_matrix(kept["access_token"]).status == 200, "now it is known to have arrived"
    assert program.refresh(first["refresh_token"]) == (400, {"error": "invalid_grant"})
    assert program.refresh(kept["refresh_token"])[0] == 400, "somebody has stolen one of them"
    assert wait_for(lambda: program.asks_matrix(kept["access_token"]).status == 401, 5)


def test_a_token_grows_old_and_says_so(served: Served, person: Person, program: Program) -> None:
    tokens = program.let_in(person)
    served.run(_grow_old)
    refused = program.asks_matrix(tokens["access_token"])
    assert (refused.status, refused.json["soft_logout"]) == (401, True)
    assert program.refresh(tokens["refresh_token"])[0] == 200


def _grow_old() -> None:
    with connection.cursor() as cursor:
        cursor.execute("update messaging_accesstoken set expires_at = now() where expires_at is not null")


def test_new_keys_are_allowed_on_the_page_once(served: Served, person: Person, program: Program) -> None:
    """Who is let in so has no password to say in the program (MSC4312)."""
    tokens = program.let_in(person)
    phone = Client(served.url, person.name, tokens["access_token"])
    user_id = phone.get("account/whoami")["user_id"]
    first, second, third = (Signer(user_id).cross_key("master") for _key in range(3))
    phone.post("keys/device_signing/upload", {"master_key": first})
    refused = phone.ask("POST", "keys/device_signing/upload", {"master_key": second})
    assert refused.status == 401
    assert [flow["stages"] for flow in refused.json["flows"]] == [["m.oauth"], ["org.matrix.cross_signing_reset"]]
    page = refused.json["params"]["m.oauth"]["url"]
    assert page == refused.json["params"]["org.matrix.cross_signing_reset"]["url"]
    path = person.get(f"{urlsplit(page).path}?{urlsplit(page).query}").headers["Location"]
    asked = person.get(path).headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert person.post(asked, {"password": PASSWORD}).status_code == 302
    assert "New keys for your messages?" in person.get(path).content.decode()
    again = {"master_key": second, "auth": {"session": refused.json["session"]}}
    assert phone.ask("POST", "keys/device_signing/upload", again).status == 401, "a look at the page allows nothing"
    assert "Go back to the app now" in person.post(path).content.decode()
    assert "allowed new keys" in person.get("/me/history").content.decode()
    phone.post("keys/device_signing/upload", again)
    assert phone.ask("POST", "keys/device_signing/upload", {"master_key": third}).status == 401, "it was for once"
    person.post(path)
    served.run(lambda: IdentityReset.objects.update(until=now()))
    assert phone.ask("POST", "keys/device_signing/upload", {"master_key": third}).status == 401, "and for some minutes"


def test_nobody_allows_new_keys_for_somebody_else(served: Served, sign_in: Cast, person: Person) -> None:
    other = sign_in("ben")
    keys = [Signer(other.user_id).cross_key("master") for _key in range(2)]
    other.post("keys/device_signing/upload", {"master_key": keys[0]})
    person.post("/me/messenger/keys")
    assert other.ask("POST", "keys/device_signing/upload", {"master_key": keys[1]}).status == 401
    assert Person(served, "nobody").post("/me/messenger/keys").headers["Location"].startswith("/accounts/login/")


def test_the_programs_doors_are_counted(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "RATES", {name: {"limit": 1, "seconds": 600 + len(name)} for name in doors.RATES})
    assert [program.register(APP)[0] for _time in range(2)] == [201, 429]
    assert [program.refresh("mrt_no.such")[1]["error"] for _time in range(2)] == [
        "invalid_grant",
        "temporarily_unavailable",
    ]
    assert [program.revoke("mat_none") for _time in range(2)] == [200, 429]


def test_sessions_are_on_the_page_and_are_ended_there(person: Person, program: Program, client: Client) -> None:
    tokens = program.let_in(person)
    assert program.asks_matrix(tokens["access_token"]).status == 200
    listed = person.get("/accounts/sessions/").content.decode()
    assert "Chatty" in listed
    led = person.get("/me/manage?action=org.matrix.device_delete&device_id=CHATTYDEVICE").headers["Location"]
    assert "End this session" in person.get(led).content.decode()
    assert person.post(led).status_code == 302
    assert wait_for(lambda: program.asks_matrix(tokens["access_token"]).status == 401, 2)
    assert client.ask("GET", "account/whoami").status == 200, "the other one goes on"
    assert "Chatty" not in person.get("/accounts/sessions/").content.decode()
    assert person.get(led).status_code == 404


def test_the_others_end_with_those_of_the_browser(person: Person, client: Client) -> None:
    assert client.ask("GET", "account/whoami").status == 200
    person.post("/accounts/sessions/")
    assert wait_for(lambda: client.ask("GET", "account/whoami").status == 401, 2)
    assert person.get("/me").status_code == 200


def test_nobody_ends_somebody_elses_session(served: Served, sign_in: Cast, person: Person) -> None:
    other = sign_in("ben")
    device = other.get("account/whoami")["device_id"]
    assert person.post(f"/me/sessions/end?key={device}").status_code == 404
    assert other.ask("GET", "account/whoami").status == 200
    assert Person(served, "nobody").get(f"/me/sessions/end?key={device}").status_code == 302


def test_the_sign_in_of_old_leads_back_with_a_token_for_one_time(
    served: Served, person: Person, client: Client
) -> None:
    asked = Client(served.url).pool.request(
        "GET", f"{served.url}/_matrix/client/v3/login/sso/redirect?redirectUrl=element://connect?a=1", redirect=False
    )
    assert asked.status == 302
    path = "/" + asked.headers["Location"].split("/", 3)[3]
    assert "element://connect" in person.get(path).content.decode() or "connect" in person.get(path).content.decode()
    led = person.post(path).headers["Location"]
    assert led.startswith("element://connect?a=1&loginToken=")
    body = {"type": "m.login.token", "token": answer_in(led)["loginToken"], "refresh_token": True}
    said = Client(served.url).post("login", body)
    assert (said["user_id"], said["expires_in_ms"]) == (client.user_id, 300_000)
    assert Client(served.url).ask("POST", "login", body).errcode == "M_FORBIDDEN"
    renewed = Client(served.url).post("refresh", {"refresh_token": said["refresh_token"]})
    assert Client(served.url, token=renewed["access_token"]).get("account/whoami")["device_id"] == said["device_id"]
    assert Client(served.url).ask("POST", "refresh", {"refresh_token": "mrt_no.such"}).errcode == "M_UNKNOWN_TOKEN"


@pytest.mark.parametrize(
    "back", ["", "javascript:alert(1)", "https://", "https://bank@evil.example/", "data:text/html,x"]
)
def test_a_client_waits_at_an_address(person: Person, back: str) -> None:
    assert person.get(f"/chat/let-in?redirectUrl={back}").status_code == 422


def _proof(client: Client, password: str = PASSWORD) -> dict[str, Any]:
    who = {"type": "m.id.user", "user": client.user_id}
    return {"type": "m.login.password", "identifier": who, "password": password}


def test_a_token_for_another_device_takes_the_password(served: Served, client: Client) -> None:
    path = "/_matrix/client/v1/login/get_token"
    assert client.ask("POST", path, {}).status == 401
    token = client.ask("POST", path, {"auth": _proof(client)}).json["login_token"]
    assert Client(served.url).post("login", {"type": "m.login.token", "token": token})["user_id"] == client.user_id


def test_another_password_ends_the_other_sessions(served: Served, person: Person, client: Client) -> None:
    login = {"type": "m.login.password", "identifier": {"user": client.user_id}, "password": PASSWORD}
    other = Client(served.url, client.user_id, Client(served.url).post("login", login)["access_token"])
    change = {"new_password": "another long enough one", "auth": _proof(client)}
    assert client.ask("POST", "account/password", change | {"new_password": "short"}).errcode == "M_WEAK_PASSWORD"
    assert client.ask("POST", "account/password", {"new_password": "another long enough one"}).status == 401
    client.post("account/password", change)
    assert client.ask("GET", "account/whoami").status == 200
    assert wait_for(lambda: other.ask("GET", "account/whoami").status == 401, 2)
    assert person.get("/me").status_code == 302, "the browser's as well"
    assert Client(served.url).ask("POST", "login", login).errcode == "M_FORBIDDEN"
    assert Client(served.url).ask("POST", "login", login | {"password": change["new_password"]}).status == 200


def test_a_deleted_account_leaves_nothing_that_only_it_could_use(served: Served, sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room(preset="public_chat")
    ben.join(room)
    ben.put(f"user/{ben.user_id}/account_data/test.kind", {"a": 1})
    ben.post(
        "room_keys/version", {"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "x"}}
    )
    ada.put("sendToDevice/m.test/1", {"messages": {ben.user_id: {"*": {"n": 1}}}})
    assert ben.ask("POST", "account/deactivate", {}).status == 401
    ben.post("account/deactivate", {"auth": _proof(ben)})
    assert ben.ask("GET", "account/whoami").errcode == "M_UNKNOWN_TOKEN"
    assert wait_for(lambda: ben.user_id not in ada.get(f"rooms/{room}/joined_members")["joined"])
    assert wait_for(lambda: served.run(_rows_of, ben.user_id) == 0)


def _rows_of(person: str) -> int:
    tables = (Device, AccountData, BackupVersion, CrossSigningKey, Departure, SyncFilter, Receipt)
    return sum(table.objects.filter(person=person).count() for table in tables)
