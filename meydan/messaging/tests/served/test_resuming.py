"""Files in pieces: they go on where the line broke off, whole and once, and within the bounds of other files."""

import json
import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from meydan.kernel.config import config
from meydan.messaging.actions import media as media_actions
from meydan.messaging.actions import resuming as actions
from meydan.messaging.gateway.doors import resuming as doors
from meydan.messaging.tests.served.conftest import Cast, Client, Reply, Served, wait_for
from meydan.messaging.tests.served.test_media import BODY, fetch

DOOR = "/_matrix/client/unstable/org.meydan.upload"


def give(client: Client, body: bytes = b"", /, **said: Any) -> Reply:
    """A piece, and what is said of it."""
    return client.ask("POST", DOOR, json.dumps(said).encode() + b"\n" + body)


def part_of(uri: str) -> Path:
    """Where a file is that has not come whole."""
    return config().data / "parts" / uri.rpartition("/")[2]


def test_a_file_in_pieces_comes_back_whole(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    told = {"size": len(BODY), "type": "video/mp4", "filename": "فيلم.mp4"}
    first = give(alice, BODY[:1000], **told, **{"from": 0}).json
    uri = first["content_uri"]
    assert first == {"content_uri": uri, "received": 1000, "done": False}
    address = uri.removeprefix("mxc://")
    assert fetch(bob, f"{address}?timeout_ms=0").errcode == "M_NOT_YET_UPLOADED"
    large = give(alice, BODY[1000:900_000], content_uri=uri, **told, **{"from": 1000}).json  # comes by ASGI
    assert large["received"] == 900_000
    assert give(alice, content_uri=uri, **told).json == large, "who broke off asks"
    for start in (0, 899_999, 900_001):
        stray = give(alice, b"stray", content_uri=uri, **told, **{"from": start}).json
        assert stray == large, "a piece for another place is passed over"
    last = give(alice, BODY[900_000:], content_uri=uri, **told, **{"from": 900_000}).json
    assert last == {"content_uri": uri, "received": len(BODY), "done": True}
    assert give(alice, content_uri=uri, **told).json == last, "whose answer was lost hears it again"
    assert give(alice, b"x", content_uri=uri, **told, **{"from": len(BODY)}).json == last
    got = fetch(bob, address)
    assert (got.status, got.body, got.headers["content-type"]) == (200, BODY, "video/mp4")
    assert "%D9%81" in got.headers["content-disposition"]
    assert not part_of(uri).exists()


@pytest.mark.parametrize("body", [b"", b"all of it"])
def test_a_small_file_is_one_request(sign_in: Cast, body: bytes) -> None:
    alice = sign_in("alice")
    said = give(alice, body, size=len(body), type="text/plain", **{"from": 0}).json
    assert said["done"] is True
    assert fetch(alice, said["content_uri"].removeprefix("mxc://")).body == body


@pytest.mark.parametrize("size", [200_000, 600_000], ids=["short", "long"])
def test_the_token_may_stand_in_the_body(sign_in: Cast, served: Served, size: int) -> None:
    """So that a browser asks no leave before; also where the body is so long that it comes in pieces."""
    alice, nobody = sign_in("alice"), Client(served.url)
    line = json.dumps({"size": size, "from": 0}).encode()
    reply = nobody.ask("POST", DOOR, b"Bearer " + alice.token.encode() + b"\n" + line + b"\n" + BODY[:size])
    assert reply.json["done"] is True
    assert fetch(alice, reply.json["content_uri"].removeprefix("mxc://")).body == BODY[:size]
    assert nobody.ask("POST", DOOR, line + b"\n" + BODY[:size]).status == 401
    assert nobody.ask("POST", DOOR, b"Bearer no\n" + line + b"\n" + BODY[:size]).status == 401
    nobody.pool.clear()


def test_what_came_before_the_line_broke_stays(sign_in: Cast, served: Served) -> None:
    alice = sign_in("alice")
    said = {"size": len(BODY), "type": "video/mp4"}
    uri = give(alice, BODY[:10], **said, **{"from": 0}).json["content_uri"]
    parts = urlsplit(served.url)
    line = json.dumps({"content_uri": uri, **said, "from": 10}).encode() + b"\n"
    head = f"POST {DOOR} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {alice.token}\r\n"
    with socket.create_connection((str(parts.hostname), int(parts.port or 0))) as broken:
        broken.sendall(f"{head}Content-Length: {len(line) + len(BODY) - 10}\r\n\r\n".encode() + line + BODY[10:500_000])
        wait_for(lambda: part_of(uri).stat().st_size > 400_000)
    wait_for(lambda: part_of(uri).stat().st_size == 500_000)
    served.stop()
    served.restart()
    again = Client(served.url, token=alice.token)
    assert give(again, content_uri=uri, **said).json["received"] == 500_000
    assert give(again, BODY[500_000:], content_uri=uri, **said, **{"from": 500_000}).json["done"] is True
    assert fetch(again, uri.removeprefix("mxc://")).body == BODY
    again.pool.clear()


def test_what_is_refused(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    uri = give(alice, b"12345", size=10, **{"from": 0}).json["content_uri"]
    assert give(bob, b"67890", content_uri=uri, size=10, **{"from": 5}).errcode == "M_FORBIDDEN"
    assert give(alice, b"6789", content_uri=uri, size=9, **{"from": 5}).errcode == "M_INVALID_PARAM"
    assert give(alice, b"678901", content_uri=uri, size=10, **{"from": 5}).errcode == "M_INVALID_PARAM"
    assert give(alice, content_uri=uri, size=10).json["received"] == 5
    for other in ("mxc://elsewhere.test/abc", "mxc://localhost/unknown", f"{uri}/../x", "mxc://localhost/" + "a" * 99):
        assert give(alice, b"x", content_uri=other, size=10, **{"from": 0}).errcode == "M_NOT_FOUND"
    assert give(alice, b"x", size=-1, **{"from": 0}).errcode == "M_INVALID_PARAM"
    assert give(alice, b"x", size=config().media_bytes + 1, **{"from": 0}).errcode == "M_TOO_LARGE"
    assert give(alice, b"x", **{"from": 0}).errcode == "M_MISSING_PARAM"
    assert alice.ask("POST", DOOR, b"x" * 9000).errcode == "M_INVALID_PARAM"
    assert alice.ask("POST", DOOR, b"no json\n").errcode == "M_NOT_JSON"
    monkeypatch.setattr(doors, "MOST_PIECE", 1000)
    assert give(alice, bytes(10_000), size=20_000, **{"from": 0}).errcode == "M_TOO_LARGE"


def test_what_is_on_its_way_counts_for_the_day(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    monkeypatch.setattr(media_actions, "BYTES_PER_DAY", 1000)
    uri = give(alice, b"x", size=700, **{"from": 0}).json["content_uri"]
    assert give(alice, b"x", size=400, **{"from": 0}).errcode == "M_LIMIT_EXCEEDED"
    assert give(alice, bytes(699), content_uri=uri, size=700, **{"from": 1}).json["done"] is True


def test_what_nobody_goes_on_with_is_swept(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    old, young = (part_of(give(alice, b"x", size=2, **{"from": 0}).json["content_uri"]) for _one in range(2))
    os.utime(old, (time.time() - 90_000,) * 2)
    monkeypatch.setattr(actions, "_swept", [float("-inf")])
    give(alice, b"x", size=2, **{"from": 0})
    assert (old.exists(), young.exists()) == (False, True)
