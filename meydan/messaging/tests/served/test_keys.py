"""Keys, messages to devices, backups and settings as somebody would use them who means harm, or is in a hurry."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.actions import backup as backups
from meydan.messaging.actions import openid, to_device
from meydan.messaging.actions.cross_signing import keep_cross_keys
from meydan.messaging.actions.messenger import Who
from meydan.messaging.actions.tokens import end_devices
from meydan.messaging.gateway import state
from meydan.messaging.gateway.doors import settings as doors
from meydan.messaging.models import CrossSigningKey, Device
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries import backup as pages
from meydan.messaging.tests.served.conftest import PASSWORD, Cast, Client, Served
from meydan.messaging.tests.signing import Signer

ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
USERINFO = "/_matrix/federation/v1/openid/userinfo"


@pytest.fixture
def ada(sign_in: Cast) -> Client:
    return sign_in("ada")


def device_of(served: Served, client: Client) -> int:
    return int(served.run(lambda: Device.objects.get(person=client.user_id).pk))


def test_a_token_that_ends_while_it_is_looked_up_is_not_trusted_further(
    served: Served, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = device_of(served, ada)
    slow = state._WHO.replace("token.proves", "token.proves, pg_sleep(1)")
    monkeypatch.setattr(state, "_WHO", slow)
    with ThreadPoolExecutor(1) as hand:
        asked = hand.submit(ada.ask, "GET", "account/whoami")
        time.sleep(0.3)
        served.run(end_devices, [device])
        asked.result()
    assert ada.ask("GET", "account/whoami").errcode == "M_UNKNOWN_TOKEN"


def test_the_first_keys_of_the_slower_device_take_nobodys_place(served: Served, ada: Client) -> None:
    """Both have asked whether there are keys, and heard that there are none: so neither has said a password."""
    gateway, loop = served.gateway, served.loop
    assert gateway is not None
    assert loop is not None
    who = Who("", ada.user_id, "D", device_of(served, ada))
    keys = [Signer(ada.user_id).cross_key("master") for _device in range(2)]

    def keep(master: dict[str, Any]) -> None:
        work = keep_cross_keys(gateway.messenger, who, {}, {"master": master})
        asyncio.run_coroutine_threadsafe(work, loop).result(10)

    keep(keys[0])
    keep(keys[0])
    with pytest.raises(MatrixError, match="at the same time"):
        keep(keys[1])
    kept = served.run(lambda: bytes(CrossSigningKey.objects.get(person=ada.user_id).body))
    assert json.loads(kept) == keys[0]


def test_what_goes_to_all_devices_of_somebody_is_weighed_for_each(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    login = {"type": "m.login.password", "identifier": {"user": ada.user_id}, "password": PASSWORD}
    ada.post("login", login)
    messages = {"messages": {ada.user_id: {"*": {"body": "x" * 600}}}}
    monkeypatch.setattr(to_device, "MOST_BYTES", 1000)
    assert ada.ask("PUT", "sendToDevice/m.test/1", messages).errcode == "M_TOO_LARGE"
    monkeypatch.setattr(to_device, "MOST_BYTES", 2000)
    ada.put("sendToDevice/m.test/1", messages)


def make_backup(client: Client) -> str:
    body = {"algorithm": ALGORITHM, "auth_data": {"public_key": "p"}}
    return str(client.post("room_keys/version", body)["version"])


def session(text: str) -> dict[str, Any]:
    return {
        "first_message_index": 0,
        "forwarded_count": 0,
        "is_verified": True,
        "session_data": {"ciphertext": text},
    }


@pytest.mark.parametrize("page", [1, 2, 3, 7, 200])
def test_a_backup_comes_back_whole_however_it_is_cut(ada: Client, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(pages, "PAGE", page)
    version = make_backup(ada)
    assert ada.get("room_keys/keys", version=version) == {"rooms": {}}
    assert ada.get("room_keys/keys/!none:localhost", version=version) == {"sessions": {}}
    rooms = {
        f"!{name}:localhost": {"sessions": {f's"{number}/ب': session(f"{name}{number}") for number in range(count)}}
        for name, count in (("a", 3), ("b\\", 1), ("c", 3))
    }
    assert ada.ask("PUT", "room_keys/keys", {"rooms": rooms}, version=version).json["count"] == 7
    assert ada.get("room_keys/keys", version=version) == {"rooms": rooms}
    for room, kept in rooms.items():
        assert ada.get(f"room_keys/keys/{quote(room, safe='')}", version=version) == kept


def test_all_backups_together_have_a_bound(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "MOST_KEYS", 3)

    def put(version: str) -> Any:
        kept = {"!a:localhost": {"sessions": {name: session(name) for name in "xy"}}}
        return ada.ask("PUT", "room_keys/keys", {"rooms": kept}, version=version)

    first = make_backup(ada)
    assert put(first).status == 200
    second = make_backup(ada)
    assert put(second).errcode == "M_LIMIT_EXCEEDED"
    assert ada.get("room_keys/version")["count"] == 0
    assert ada.ask("DELETE", f"room_keys/version/{first}").status == 200
    assert put(second).json["count"] == 2
    assert put(second).json["count"] == 2, "the same again are no more"


def test_settings_have_a_bound(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    own = f"user/{quote(ada.user_id)}"
    monkeypatch.setattr(doors, "MOST_DATA", 1000)
    monkeypatch.setattr(doors, "MOST_TAG", 100)
    ada.put(f"{own}/account_data/a", {"text": "x" * 600})
    assert ada.ask("PUT", f"{own}/account_data/b", {"text": "x" * 600}).errcode == "M_TOO_LARGE"
    ada.put(f"{own}/account_data/a", {"text": "y" * 700})
    assert ada.ask("PUT", f"{own}/rooms/!r:localhost/tags/t", {"text": "x" * 100}).errcode == "M_TOO_LARGE"
    ada.put(f"{own}/rooms/!r:localhost/tags/t", {"order": 0.5})
    ada.put(f"{own}/account_data/a", {"text": "z" * 900})
    assert ada.ask("PUT", f"{own}/rooms/!s:localhost/tags/t", {}).errcode == "M_TOO_LARGE"


def test_filters_have_a_bound(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "MOST_FILTERS", 2)
    path = f"user/{quote(ada.user_id)}/filter"
    kept = [ada.post(path, {"presence": {"limit": number}})["filter_id"] for number in range(2)]
    assert ada.post(path, {"presence": {"limit": 1}})["filter_id"] == kept[1]
    assert ada.ask("POST", path, {"presence": {"limit": 2}}).errcode == "M_LIMIT_EXCEEDED"
    assert ada.ask("POST", path, {"x": "y" * doors.MOST_FILTER}).errcode == "M_TOO_LARGE"


def test_another_service_learns_who_somebody_is(served: Served, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path, anybody = f"user/{quote(ada.user_id)}/openid/request_token", Client(served.url)
    said = ada.post(path)
    assert (said["token_type"], said["matrix_server_name"], said["expires_in"]) == ("Bearer", "localhost", 3600)
    token = said["access_token"]
    assert anybody.get(USERINFO, access_token=token) == {"sub": ada.user_id}
    assert Client(served.url, token=token).ask("GET", "account/whoami").errcode == "M_UNKNOWN_TOKEN", "it opens nothing"
    assert anybody.ask("GET", USERINFO).errcode == "M_MISSING_TOKEN"
    for wrong in (token[:-1], token.replace("mot_", "mot_1"), "mot_1_9999999999_", ada.token, "é"):
        assert anybody.ask("GET", USERINFO, access_token=wrong).errcode == "M_UNKNOWN_TOKEN", wrong
    assert ada.ask("POST", "user/@somebody:localhost/openid/request_token", {}).errcode == "M_FORBIDDEN"
    monkeypatch.setattr(openid, "SECONDS", -1)
    assert anybody.ask("GET", USERINFO, access_token=ada.post(path)["access_token"]).status == 401
    monkeypatch.undo()
    ada.post("logout")
    assert anybody.ask("GET", USERINFO, access_token=token).errcode == "M_UNKNOWN_TOKEN", "it ends with the device"
