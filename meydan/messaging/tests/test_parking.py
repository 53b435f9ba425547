"""A poll that waits on its connection (`gateway.parking`) is answered as one that comes to the door by ASGI."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest

from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.parking import ADDRESS, LONG, Parking, read_headers, read_query, tick_of
from meydan.messaging.gateway.state import Gateway as State
from meydan.messaging.gateway.state import Trust
from meydan.messaging.queries.live import Live
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.sync import Syncer, Wish
from meydan.messaging.tests.clients import Api, Gateway

SHORT_MS, LONG_MS = 300, 30_000
SETTLE = 0.2
KINDS = ("parked", "by ASGI")


@dataclass
class Said:
    """An answer, as it came over the connection."""

    status: bytes
    headers: dict[str, str]
    body: Any

    @property
    def shape(self) -> tuple[bytes, dict[str, str], list[str]]:
        """What both ways must have in common; the length is the body's."""
        headers = {name: value for name, value in self.headers.items() if name != "content-length"}
        return self.status, headers, sorted(self.body)


class Line:
    """A connection on which somebody polls. The token in the address is what the way without ASGI leaves to the door:
    by this both ways are asked for the same."""

    def __init__(self, api: Api, kind: str) -> None:
        host, port = api.url.removeprefix("http://").split(":")
        self.api, self.kind = api, kind
        self.socket = socket.create_connection((host, int(port)), 60)
        self.file = self.socket.makefile("rb")

    def ask(self, since: str, timeout: int, more: str = "") -> None:
        """Send a poll."""
        query, signed = f"timeout={timeout}&since={quote(since)}{more}", ""
        if self.kind == "parked":
            signed = f"Authorization: Bearer {self.api.token}\r\n"
        else:
            query += f"&access_token={quote(self.api.token)}"
        self.socket.sendall(f"GET /_matrix/client/v3/sync?{query} HTTP/1.1\r\nHost: x\r\n{signed}\r\n".encode())

    def read(self) -> Said:
        """The next answer."""
        status, headers = self.file.readline(), dict[str, str]()
        while line := self.file.readline().strip().decode():
            name, _colon, value = line.partition(": ")
            headers[name] = value
        return Said(status, headers, json.loads(self.file.read(int(headers["content-length"]))))

    def poll(self, since: str, timeout: int, more: str = "") -> Said:
        """Send one and wait for its answer."""
        self.ask(since, timeout, more)
        return self.read()

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.socket.close()


Lines = Callable[[Api], list[Line]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Connections of somebody: one whose polls are parked, and one whose polls come by ASGI."""
    opened: list[Line] = []

    def open_for(api: Api) -> list[Line]:
        pair = [Line(api, kind) for kind in KINDS]
        opened.extend(pair)
        return pair

    yield open_for
    for line in opened:
        line.close()


@contextmanager
def waiting(pair: list[Line], since: str) -> Iterator[None]:
    """Both wait; then something happens."""
    for line in pair:
        line.ask(since, LONG_MS)
    time.sleep(SETTLE)
    yield


def alike(pair: list[Line]) -> Said:
    """What both are answered, which is the same but for the order of names."""
    first, second = (line.read() for line in pair)
    assert first.shape == second.shape
    assert {**first.body, "next_batch": ""} == {**second.body, "next_batch": ""}
    return first


def test_one_that_ends_empty(gateway: Gateway, lines: Lines) -> None:
    ada = gateway.register()
    pair, since = lines(ada), ada.sync()["next_batch"]
    ends = []
    for timeout in (0, SHORT_MS, SHORT_MS):
        began = time.monotonic()
        for line in pair:
            line.ask(since, timeout)
        said = alike(pair)
        ends.append(time.monotonic() - began)
        assert said.status == b"HTTP/1.1 200 OK\r\n"
        assert said.headers["access-control-allow-origin"] == "*"
        assert said.headers["cache-control"] == "no-store"
        assert set(said.body) == {"next_batch", "device_one_time_keys_count", "device_unused_fallback_key_types"}
    assert min(ends[1:]) > 0.85 * SHORT_MS / 1000


def test_one_that_is_woken(gateway: Gateway, lines: Lines) -> None:
    ada, ben = gateway.register(), gateway.register()
    room = ada.make_room(ben)
    pair, since = lines(ben), ben.sync()["next_batch"]
    for text in ("one", "two"):
        with waiting(pair, since):
            ada.put(f"rooms/{quote(room)}/send/m.room.message/{text}", {"body": text})
        said = alike(pair).body
        events = said["rooms"]["join"][room]["timeline"]["events"]
        assert [event["content"]["body"] for event in events] == [text]
        since = said["next_batch"]
    with waiting(pair, since):
        ada.put(f"rooms/{quote(room)}/typing/{quote(ada.user_id)}", {"typing": True, "timeout": 30_000})
    assert alike(pair).body["rooms"]["join"][room]["ephemeral"]["events"][0]["type"] == "m.typing"


def test_what_happened_before_it_came_is_told_at_once(gateway: Gateway, lines: Lines) -> None:
    ada, ben = gateway.register(), gateway.register()
    pair, since = lines(ben), ben.sync()["next_batch"]
    alike_at = [line.poll(since, 0) for line in pair]  # from now on memory knows all
    room = ada.make_room(ben)
    ada.send_to("m.test", {ben.user_id: {"*": {"a": 1}}})
    ben.put(f"user/{quote(ben.user_id)}/account_data/own", {"b": 2})
    for line in pair:
        line.ask(alike_at[0].body["next_batch"], LONG_MS)
    said = alike(pair).body
    assert room in said["rooms"]["join"]
    assert said["to_device"]["events"][0]["content"] == {"a": 1}
    assert said["account_data"]["events"] == [{"type": "own", "content": {"b": 2}}]


def test_one_whose_filter_hides_what_happened_goes_on_waiting(gateway: Gateway, lines: Lines) -> None:
    ada, ben = gateway.register(), gateway.register()
    hidden, shown = ada.make_room(ben), ada.make_room(ben)
    wish = "&filter=" + quote(json.dumps({"room": {"not_rooms": [hidden]}}))
    pair, since = lines(ben), ben.sync()["next_batch"]
    for line in pair:
        line.poll(since, 0, wish)
        line.ask(since, LONG_MS, wish)
    time.sleep(SETTLE)
    for room in (hidden, shown):
        ada.put(f"rooms/{quote(room)}/send/m.room.message/{quote(room)}", {"body": "x"})
        time.sleep(SETTLE)
    assert list(alike(pair).body["rooms"]["join"]) == [shown]


def test_one_whose_session_ends_meanwhile(gateway: Gateway, lines: Lines) -> None:
    ada = gateway.register()
    pair, since = lines(ada), ada.sync()["next_batch"]
    for line in pair:
        line.ask(since, 2_000)
    time.sleep(SETTLE)
    ada.post("logout")
    alike(pair)
    for line in pair:
        line.ask(since, LONG_MS)
    said = alike(pair)
    assert (said.status, said.body["errcode"]) == (b"HTTP/1.1 401 Unauthorized\r\n", "M_UNKNOWN_TOKEN")


@pytest.mark.parametrize(
    "more", ["&full_state=true", "&timeout=1", "&filter=%7B", "&filter=none", "&since=x", "&a=%00"]
)
def test_what_is_no_ordinary_poll_comes_to_the_door(gateway: Gateway, lines: Lines, more: str) -> None:
    ada = gateway.register()
    pair, since = lines(ada), ada.sync()["next_batch"]
    for line in pair:
        line.ask(since, 0, more)
    alike(pair)
    for line in pair:
        line.ask("s9999_9999", 0)
    assert alike(pair).body["errcode"] == "M_INVALID_PARAM"


def test_the_next_request_waits_for_its_turn(gateway: Gateway, lines: Lines) -> None:
    ada = gateway.register()
    pair, since = lines(ada), ada.sync()["next_batch"]
    for line in pair:
        line.poll(since, 0)
        line.ask(since, SHORT_MS)
        line.ask(since, 0, "&full_state=true")
        line.ask(since, SHORT_MS)
    assert "account_data" not in alike(pair).body
    assert "account_data" in alike(pair).body
    assert "account_data" not in alike(pair).body


def test_the_end_of_the_process_answers_all(
    serve: Callable[..., AbstractContextManager[Gateway]], gateway: Gateway, lines: Lines
) -> None:
    ada = gateway.register()
    since = ada.sync()["next_batch"]
    with serve() as second:
        there = Api(second.url, ada.token, ada.user_id, ada.device_id)
        there.sync()
        pair, gone = lines(there), lines(there)
        for line in (*pair, *gone):
            line.ask(since, LONG_MS)
        time.sleep(SETTLE)
        for line in gone:
            line.close()
    assert alike(pair).headers["connection"] == "close"
    assert all(line.file.read() == b"" for line in pair)


def test_ticks_are_within_the_jitter_or_hardly_late() -> None:
    for left in (0.0, 0.001, 1.0, LONG, 30.0, 120.0):
        ends = 1234.567 + left
        late = tick_of(ends, left) - ends
        assert (-0.125 <= late <= 0) if left >= LONG else (0 <= late <= 0.016)
        assert tick_of(ends + late, max(0.0, left + late)) == ends + late


def test_only_what_is_plain_is_read() -> None:
    assert read_query(b"since=s1~2&filter=%7B%22a%22:1%7D&x=") == {"since": "s1~2", "filter": '{"a":1}', "x": ""}
    for query in (b"", b"a", b"a=1&a=2", b"a=1&&b=2", b"%61=1", b"a=%00", b"a=1#b", b"&".join([b"a=1"] * 30)):
        assert read_query(query) is None, query
    signed = (b"authorization", b"Bearer abc ")
    assert read_headers([(b"host", b"x"), signed, (b"content-length", b"0")]) == "abc"
    for headers in ([], [signed, (b"content-length", b"2")], [signed, (b"expect", b"x")], [(b"authorization", b"x")]):
        assert read_headers(headers) is None, headers


def test_an_ordinary_poll_is_found_and_another_is_not() -> None:
    live, who = Live(4), Who("account", "@ada:s", "DEVICE", 1)
    live.typing_serial = 7
    trust = Trust(who, 0.0, wish=("f", Wish()))
    held = SimpleNamespace(
        messenger=SimpleNamespace(live=live),
        syncer=Syncer(live, Reader(None, live)),
        trusted={"token": trust}.get,
    )
    parking, signed = Parking(cast(State, held)), [(b"authorization", b"Bearer token")]
    since = b"since=s0_0_0_0_0~7"
    found = parking.find(None, ADDRESS + since + b"&filter=f&timeout=100", signed)
    assert found is not None
    assert (found.who, found.since, found.wish) == (who, held.syncer.now(), Wish())
    for query in (b"", since, since + b"&filter=g", b"filter=f", b"filter=f&since=x", since + b"&filter=f&timeout=-1"):
        assert parking.find(None, ADDRESS + query, signed) is None, query
    for more in (b"&full_state=true", b"&org.matrix.msc4222.use_state_after=true", b"&x=" + b"y" * 2000):
        assert parking.find(None, ADDRESS + since + b"&filter=f" + more, signed) is None, more
    for unsigned in ([], [(b"authorization", b"Bearer other")]):
        assert parking.find(None, ADDRESS + since + b"&filter=f", unsigned) is None
