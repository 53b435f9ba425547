"""A request that is taken whole on its connection (`gateway.exchange`) is answered as one that comes by ASGI."""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from types import SimpleNamespace

import pytest

from meydan.messaging.gateway import http, protocol
from meydan.messaging.gateway.http import MAX_BODY, Request
from meydan.messaging.tests.served.conftest import Cast, Client

V3 = "/_matrix/client/v3"
BY_ASGI = "Transfer-Encoding: chunked"


@dataclass(frozen=True)
class Said:
    """An answer, as it came over the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """A connection, on which is said what no client library would say."""

    def __init__(self, client: Client) -> None:
        host, port = client.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), 30)
        self.file = self.socket.makefile("rb")

    def say(self, method: str, path: str, *headers: str, body: bytes = b"", version: str = "1.1") -> None:
        """Send a request; the headers say how its body comes."""
        head = "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x", *headers])
        self.socket.sendall(head.encode() + b"\r\n\r\n" + body)

    def hear(self, *, has_body: bool = True) -> Said:
        """The next answer."""
        status, headers = int(self.file.readline().split()[1]), dict[str, str]()
        while line := self.file.readline().strip().decode():
            name, _colon, value = line.partition(": ")
            headers[name] = value
        return Said(status, headers, self.file.read(int(headers["content-length"])) if has_body else b"")

    def is_closed(self) -> bool:
        """Whether the other side has hung up."""
        return self.file.read(1) == b""

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.socket.close()


@pytest.fixture
def alice(sign_in: Cast) -> Client:
    return sign_in("alice")


@pytest.fixture
def line(alice: Client) -> Iterator[Line]:
    opened = Line(alice)
    yield opened
    opened.close()


def signed(client: Client) -> str:
    return f"Authorization: Bearer {client.token}"


REQUESTS = {
    "known to all": ("GET", "/_matrix/client/versions", b""),
    "one's own": ("GET", f"{V3}/account/whoami", b""),
    "with a question": ("GET", f"{V3}/publicRooms?limit=1", b""),
    "refused": ("GET", f"{V3}/rooms/!none:localhost/messages?dir=b", b""),
    "nowhere": ("GET", f"{V3}/nowhere", b""),
    "the wrong method": ("DELETE", f"{V3}/account/whoami", b""),
    "asked beforehand": ("OPTIONS", f"{V3}/sync", b""),
    "with a zero": ("GET", f"{V3}/rooms/%00/state", b""),
    "no JSON": ("POST", f"{V3}/createRoom", b"{"),
    "no object": ("POST", f"{V3}/createRoom", b"[]"),
    "the longest": ("POST", f"{V3}/user_directory/search", b'{"search_term": "zz"}'.ljust(MAX_BODY)),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_say_the_same(alice: Client, line: Line, name: str) -> None:
    method, path, body = REQUESTS[name]
    line.say(method, path, signed(alice), f"Content-Length: {len(body)}", body=body)
    whole = line.hear()
    chunks = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    line.say(method, path, signed(alice), BY_ASGI, body=chunks + b"0\r\n\r\n")
    by_asgi = line.hear()
    assert (whole.status, whole.headers) == (by_asgi.status, by_asgi.headers)
    assert whole.body == by_asgi.body


def test_a_head_is_an_answer_without_its_body(line: Line) -> None:
    for _twice in range(2):
        line.say("HEAD", "/_matrix/client/versions")
        assert int(line.hear(has_body=False).headers["content-length"]) > 100


def test_those_that_do_not_wait_are_answered_in_turn(alice: Client, line: Line) -> None:
    for path in ("account/whoami", "nowhere", "capabilities"):
        line.say("GET", f"{V3}/{path}", signed(alice))
    assert [line.hear().status for _each in range(3)] == [200, 404, 200]


@pytest.mark.parametrize(("header", "version"), [("Connection: close", "1.1"), ("X-Nothing: 1", "1.0")])
def test_who_wants_it_is_hung_up_on(line: Line, header: str, version: str) -> None:
    line.say("GET", "/_matrix/client/versions", header, version=version)
    assert line.hear().headers["connection"] == "close"
    assert line.is_closed()


def test_a_body_in_pieces(alice: Client, line: Line) -> None:
    body = json.dumps({"search_term": "zz", "limit": 5}).encode()
    line.say("POST", f"{V3}/user_directory/search", signed(alice), f"Content-Length: {len(body)}")
    for at in range(0, len(body), 7):
        line.socket.sendall(body[at : at + 7])
        time.sleep(0.01)
    assert json.loads(line.hear().body)["limited"] is False


def test_who_asks_first_is_told_to_go_on(alice: Client, line: Line) -> None:
    line.say("POST", f"{V3}/user_directory/search", signed(alice), "Content-Length: 20", "Expect: 100-continue")
    assert line.file.readline().startswith(b"HTTP/1.1 100")
    line.file.readline()
    line.socket.sendall(b'{"search_term":"zz"}')
    assert line.hear().status == 200


def test_a_body_that_does_not_come_is_not_waited_for(
    alice: Client, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.1)
    line.say("POST", f"{V3}/createRoom", signed(alice), "Content-Length: 20", body=b'{"na')
    said = line.hear()
    assert (said.status, said.headers["connection"]) == (408, "close")
    assert line.is_closed()


def test_who_goes_away_leaves_nothing_behind(alice: Client, line: Line) -> None:
    line.say("POST", f"{V3}/createRoom", signed(alice), "Content-Length: 20", body=b'{"na')
    line.close()
    assert alice.get("account/whoami")["user_id"] == alice.user_id


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_address_is_what_the_citys_own_proxy_names(
    monkeypatch: pytest.MonkeyPatch, peer: str, forwarded: str, address: str
) -> None:
    monkeypatch.setattr(http, "config", lambda: SimpleNamespace(trusted_proxies=(ip_network("10.0.0.0/8"),)))
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert Request("GET", b"/", b"", headers, peer).address == address
