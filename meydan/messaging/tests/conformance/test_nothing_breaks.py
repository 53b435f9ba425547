"""Whatever is sent to whichever address of the gateway's table, the answer is one of the spec's, and never a 500: one
stranger's letter must not cost others their messages."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from hypothesis import HealthCheck, Phase, given, settings

from meydan.messaging.gateway import doors
from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.conformance.rights import BODIES, QUERIES
from meydan.messaging.tests.conformance.wrongs import Wrong, requests

ROUTES = sorted({(method, path) for method, path, _door in doors.ROUTES.known})
CODES = frozenset(
    (
        *("M_FORBIDDEN", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_BAD_JSON", "M_NOT_JSON", "M_NOT_FOUND", "M_UNKNOWN"),
        *(
            "M_LIMIT_EXCEEDED",
            "M_UNRECOGNIZED",
            "M_UNAUTHORIZED",
            "M_USER_IN_USE",
            "M_INVALID_USERNAME",
            "M_ROOM_IN_USE",
        ),
        *("M_UNSUPPORTED_ROOM_VERSION", "M_BAD_STATE", "M_MISSING_PARAM", "M_INVALID_PARAM", "M_TOO_LARGE"),
        *(
            "M_WRONG_ROOM_KEYS_VERSION",
            "M_UNKNOWN_POS",
            "M_WEAK_PASSWORD",
            "M_CANNOT_OVERWRITE_MEDIA",
            "M_INVALID_SIGNATURE",
        ),
        *("M_NOT_YET_UPLOADED", "M_GUEST_ACCESS_FORBIDDEN", "M_BAD_ALIAS", "M_DUPLICATE_ANNOTATION", "M_EXCLUSIVE"),
        *("M_KEY_TOO_LARGE", "M_PROFILE_TOO_LARGE"),
    )
)
"""Client-server API, "Standard error response", "Other error codes" and "Profiles" (1.16), and MSC4186's own."""


@dataclass
class Cast:
    """Somebody with a room and an event, made anew when a request has undone them."""

    gateway: Gateway
    api: Api
    names: Mapping[str, str]

    def renew(self) -> None:
        """Begin again, unless they are still there and in."""
        status, said = self.api.call("GET", "joined_rooms") if self.api.token else (401, {})
        if status != 200 or self.names["room"] not in said["joined_rooms"]:
            self.api = self.gateway.register("ada")
            self.names = names_for(self.api)


def names_for(api: Api) -> dict[str, str]:
    room = api.make_room()
    event = api.put(f"rooms/{room}/send/m.room.message/1", {"msgtype": "m.text", "body": "x"})["event_id"]
    return {
        "room": room,
        "event": event,
        "user": api.user_id,
        "device": api.device_id,
        "server": "localhost",
        "type": "m.room.topic",
        "key": "",
        "txn": "1",
        "alias": "#a:localhost",
        "tag": "m.favourite",
        "field": "m.tz",
        "provider": "meydan",
        "version": "1",
        "session": "s",
        "kind": "override",
        "rule": ".m.rule.master",
        "filter": "0",
        "id": "abc",
        "delay": "0" * 32,
        "action": "restart",
        "name": "a.txt",
        "rel": "m.thread",
        "server_name": "localhost",
        "link": "1",
        "token": "x" * 32,
    }


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


def short(path: str) -> str:
    """The address from behind its version on."""
    parts = path.split("/")
    return "/".join(parts[4:]) if path.startswith("/_matrix/") else path


def judge(wrong: Wrong, status: int, data: bytes, kind: str) -> None:
    """As the spec has it."""
    assert status < 500 or (status == 504 and b"M_NOT_YET_UPLOADED" in data), (status, data)
    if status >= 400 and status != 416 and kind.startswith("application/json"):
        assert json.loads(data)["errcode"] in CODES, (status, data)
    elif status >= 400:  # what is no HTTP at all is answered before the gateway sees it
        assert status in (400, 416, 431), (status, data)
    elif kind == "application/json" and wrong.method != "OPTIONS":
        json.loads(data)


def walk(gateway: Gateway, each: int) -> None:
    cast, walked = Cast(gateway, Api(gateway.url), {}), set()
    again = urllib3.Retry(1, allowed_methods=None, redirect=False)  # a kept connection may have ended meanwhile
    pool = urllib3.PoolManager(retries=again, timeout=60)

    def send(wrong: Wrong) -> None:
        headers = ({"authorization": f"Bearer {cast.api.token}"} if wrong.signed_in else {}) | dict(wrong.headers)
        answer = pool.request(wrong.method, gateway.url + wrong.path, body=wrong.body, headers=headers)
        judge(wrong, answer.status, answer.data, answer.headers.get("content-type", ""))

    for method, path in ROUTES:
        cast.renew()
        query = QUERIES if method == "GET" else {**QUERIES, "timeout": "0"}

        @settings(
            max_examples=each if "/r0/" not in path else 1,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(wrong=requests(method, path, cast.names, query, BODIES.get(short(path), {})))
        def try_it(wrong: Wrong) -> None:
            send(wrong)

        try_it()
        walked.add((method, path))
    assert walked == {(method, path) for method, path, _door in doors.ROUTES.known}


def test_every_address_has_a_right_body_to_spoil() -> None:
    lacking = {short(path) for method, path in ROUTES if method in ("POST", "PUT")} - set(BODIES)
    assert lacking == set(), "say in rights.py what is sent there"


def test_every_address_answers_as_the_spec_says(gateway: Gateway) -> None:
    walk(gateway, 2)


@pytest.mark.long
def test_every_address_answers_as_the_spec_says_much_longer(gateway: Gateway) -> None:
    walk(gateway, 150)


def raw(gateway: Gateway, *pieces: bytes, seconds: float = 20) -> bytes:
    """What is answered to these bytes, until the line is closed."""
    place = urlsplit(gateway.url)
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as line:
        said = b""
        try:
            for piece in pieces:
                line.sendall(piece)
            while got := line.recv(65536):
                said += got
        except (ConnectionResetError, BrokenPipeError):
            pass
        return said


def head(api: Api, method: str, path: str, *more: str) -> bytes:
    lines = [f"{method} /_matrix/client/v3/{path} HTTP/1.1", "host: x", f"authorization: Bearer {api.token}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_chunked_body_without_end_is_cut_off(gateway: Gateway, ada: Api) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    said = raw(gateway, head(ada, "POST", "createRoom", "transfer-encoding: chunked"), *[chunk] * 200)
    assert said == b"" or said.startswith(b"HTTP/1.1 413 ")


def test_headers_without_end_are_cut_off(gateway: Gateway, ada: Api) -> None:
    start = head(ada, "GET", "sync")[:-2] + b"x-long: "
    said = raw(gateway, start, *[b"y" * 65536] * 100)
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    assert ada.get("account/whoami")["user_id"] == ada.user_id


def test_many_headers_are_cut_off(gateway: Gateway, ada: Api) -> None:
    said = raw(gateway, head(ada, "GET", "sync")[:-2], *[b"x: y\r\n" * 10_000] * 100)
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n"]
)
def test_what_is_no_http_is_refused(gateway: Gateway, line: bytes) -> None:
    assert raw(gateway, line).startswith(b"HTTP/1.1 400 ")


def test_a_zero_in_a_relation(ada: Api) -> None:
    room = ada.make_room()
    content = {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "a\0", "event_id": "$\0"}}
    assert ada.call("PUT", f"rooms/{room}/send/m.room.message/1", content)[0] < 500


@pytest.mark.parametrize(
    "path",
    [
        "rooms/{room}/send/a%00/1",
        "rooms/{room}/send/a/1%00",
        "rooms/{room}/state/a%00/k",
        "rooms/{room}/state/a/k%00",
        "user/{user}/account_data/a%00",
        "user/{user}/rooms/a%00/account_data/a",
        "devices/a%00",
        "sendToDevice/a%00/1",
        "room_keys/version/%00",
    ],
)
def test_a_zero_in_an_address(ada: Api, path: str) -> None:
    address = path.format(room=ada.make_room(), user=ada.user_id)
    assert ada.call("PUT", address, {"messages": {}})[0] in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        {"initial_state": [{"type": "a\0", "state_key": "", "content": {}}]},
        {"initial_state": [{"type": "a", "state_key": "\0", "content": {}}]},
        {"room_alias_name": "a\0"},
        {"invite": ["@a\0:localhost"]},
        {"room_version": "11\0"},
    ],
)
def test_a_zero_in_a_new_room(ada: Api, body: dict[str, Any]) -> None:
    assert 400 <= ada.call("POST", "createRoom", body)[0] < 500


def test_a_zero_among_ones_names(gateway: Gateway, ada: Api) -> None:
    assert ada.call("PUT", f"devices/{ada.device_id}", {"display_name": "a\0b"}) == (200, {})
    assert gateway.login(ada.user_id, "DEV\0ICE").device_id == "DEVICE"
