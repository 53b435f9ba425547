"""Backups of room keys: versions, the better of two keys, counts."""

from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.clients import Api, Gateway

ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
ROOM = "!room:localhost"


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


def make(api: Api, **auth_data: Any) -> str:
    said = api.post("room_keys/version", {"algorithm": ALGORITHM, "auth_data": auth_data or {"public_key": "p"}})
    version: str = said["version"]
    return version


def key(first: int = 0, forwarded: int = 0, *, verified: bool = True, data: str = "x") -> dict[str, Any]:
    return {
        "first_message_index": first,
        "forwarded_count": forwarded,
        "is_verified": verified,
        "session_data": {"ciphertext": data},
    }


def test_there_and_back(gateway: Gateway, ada: Api) -> None:
    version = make(ada)
    sessions = {f"session/{n}": key(n) for n in range(3)}
    rooms = {ROOM: {"sessions": sessions}, "!other:localhost": {"sessions": {"s": key()}}}
    assert ada.put("room_keys/keys", {"rooms": rooms}, version=version) == {"etag": "1", "count": 4}
    other = gateway.login(ada.user_id)
    assert other.get("room_keys/keys", version=version) == {"rooms": rooms}
    assert other.get(f"room_keys/keys/{quote(ROOM)}", version=version) == {"sessions": sessions}
    one = f"room_keys/keys/{quote(ROOM)}/{quote('session/1', safe='')}"
    assert other.get(one, version=version) == sessions["session/1"]
    assert gateway.register("eve").refused("GET", "room_keys/keys", version=version) == (404, "M_NOT_FOUND")


def test_versions(ada: Api) -> None:
    assert ada.refused("GET", "room_keys/version") == (404, "M_NOT_FOUND")
    first, second = make(ada, public_key="a"), make(ada, public_key="b")
    current = ada.get("room_keys/version")
    assert current == {
        "version": second,
        "algorithm": ALGORITHM,
        "auth_data": {"public_key": "b"},
        "etag": "0",
        "count": 0,
    }
    changed = {"version": second, "algorithm": ALGORITHM, "auth_data": {"public_key": "c"}}
    ada.put(f"room_keys/version/{second}", changed)
    assert ada.get(f"room_keys/version/{second}")["auth_data"] == {"public_key": "c"}
    assert ada.refused("PUT", f"room_keys/version/{first}", changed) == (400, "M_INVALID_PARAM")
    assert ada.refused("PUT", f"room_keys/version/{second}", changed | {"algorithm": "m.other"})[0] == 400
    for _time in range(2):
        ada.ok("DELETE", f"room_keys/version/{second}")
    assert ada.get("room_keys/version")["version"] == first
    assert ada.refused("DELETE", "room_keys/version/99") == (404, "M_NOT_FOUND")
    assert int(make(ada)) > int(second), "a number is never used again"


def test_only_the_current_version_takes_keys(ada: Api) -> None:
    path = f"room_keys/keys/{quote(ROOM)}/s"
    assert ada.refused("PUT", path, key(), version="1") == (404, "M_NOT_FOUND")
    first, second = make(ada), make(ada)
    status, said = ada.call("PUT", path, key(), version=first)
    assert (status, said["errcode"], said["current_version"]) == (403, "M_WRONG_ROOM_KEYS_VERSION", second)
    assert ada.refused("PUT", path, key()) == (400, "M_MISSING_PARAM")
    assert ada.get("room_keys/keys", version=first) == {"rooms": {}}


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        (key(5, verified=False), key(9, 9, verified=True), True),
        (key(9, 9, verified=True), key(5, verified=False), False),
        (key(5), key(4, 9), True),
        (key(4, 9), key(5), False),
        (key(5, 3), key(5, 2), True),
        (key(5, 2), key(5, 3), False),
        (key(5, 2, data="a"), key(5, 2, data="b"), False),
    ],
)
def test_only_a_better_key_replaces(ada: Api, before: Any, after: Any, better: bool) -> None:
    version, path = make(ada), f"room_keys/keys/{quote(ROOM)}/s"
    ada.put(path, before, version=version)
    said = ada.put(path, after, version=version)
    assert said == {"etag": "2" if better else "1", "count": 1}
    assert ada.get(path, version=version) == (after if better else before)


def test_taking_keys_out(ada: Api) -> None:
    version, room = make(ada), f"room_keys/keys/{quote(ROOM)}"
    ada.put(room, {"sessions": {str(n): key() for n in range(3)}}, version=version)
    assert ada.ok("DELETE", f"{room}/0", None, version=version) == {"etag": "2", "count": 2}
    assert ada.refused("GET", f"{room}/0", version=version) == (404, "M_NOT_FOUND")
    assert ada.ok("DELETE", "room_keys/keys", None, version=version) == {"etag": "3", "count": 0}
    assert ada.ok("DELETE", room, None, version=version) == {"etag": "3", "count": 0}
    assert ada.get(room, version=version) == {"sessions": {}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"rooms": []}, 400),
        ({"rooms": {ROOM: {"sessions": {"s": []}}}}, 400),
        ({"rooms": {ROOM: {"sessions": {"s": key(-1)}}}}, 400),
        ({"rooms": {ROOM: {"sessions": {"s": key(2**60)}}}}, 400),
        ({"rooms": {ROOM: {"sessions": {"s\0": key()}}}}, 400),
        ({"rooms": {ROOM: {"sessions": {"s": key() | {"is_verified": "yes"}}}}}, 400),
        ({"rooms": {ROOM: {"sessions": {"s": key(data="x" * 20_000)}}}}, 413),
        ({"rooms": {ROOM: {"sessions": {str(n): key() for n in range(5_001)}}}}, 413),
    ],
)
def test_nonsense_is_refused(ada: Api, body: Any, status: int) -> None:
    version = make(ada)
    assert ada.call("PUT", "room_keys/keys", body, version=version)[0] == status
    assert ada.get("room_keys/version")["etag"] == "0"
