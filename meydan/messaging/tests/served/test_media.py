"""Files: sent, fetched whole and in part, made small; what is refused."""

import asyncio
import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import Any

import nio
import pytest
from PIL import Image

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.files import sweep_files
from meydan.kernel.tests.pictures import make_picture
from meydan.messaging.actions import media as actions
from meydan.messaging.gateway.doors import media as doors
from meydan.messaging.gateway.state import THUMBNAILS_AT_ONCE
from meydan.messaging.models import Media
from meydan.messaging.tests.served.conftest import Cast, Client, Reply, Served

BODY = bytes(range(256)) * 5_000  # 1.28 MB: several pieces


def upload(client: Client, body: bytes = BODY, kind: str = "video/mp4", **query: str) -> str:
    """Send a file; the part of its address after `mxc://`."""
    reply = client.ask("POST", "/_matrix/media/v3/upload", body, headers={"Content-Type": kind}, **query)
    assert reply.status == 200, reply.body
    return str(reply.json["content_uri"]).removeprefix("mxc://")


def fetch(client: Client, address: str, **headers: str) -> Reply:
    """Fetch a file."""
    return client.ask("GET", f"/_matrix/client/v1/media/download/{address}", headers=headers)


def test_a_file_comes_back_as_it_was(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    address = upload(alice, filename="فيلم.mp4")
    reply = fetch(bob, address)
    assert (reply.status, reply.body) == (200, BODY)
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["content-disposition"].startswith("inline; filename*=utf-8''%D9%81")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "renamed.mp4" in fetch(bob, f"{address}/renamed.mp4").headers["content-disposition"]
    head = bob.ask("HEAD", f"/_matrix/client/v1/media/download/{address}")
    assert (head.headers["content-length"], head.body) == (str(len(BODY)), b"")
    assert fetch(bob, address, **{"If-None-Match": reply.headers["etag"]}).status == 304


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-99", 206, 0, 99),
        ("bytes=1000000-", 206, 1_000_000, len(BODY) - 1),
        ("bytes=-10", 206, len(BODY) - 10, len(BODY) - 1),
        ("bytes=5-9999999999", 206, 5, len(BODY) - 1),
        ("bytes=9-5", 200, 0, len(BODY) - 1),
        ("lines=1-2", 200, 0, len(BODY) - 1),
    ],
)
def test_a_part_of_a_file(sign_in: Cast, wanted: str, status: int, start: int, end: int) -> None:
    alice = sign_in("alice")
    reply = fetch(alice, upload(alice), Range=wanted)
    assert (reply.status, reply.body) == (status, BODY[start : end + 1])
    if status == 206:
        assert reply.headers["content-range"] == f"bytes {start}-{end}/{len(BODY)}"


def test_a_part_beyond_the_end(sign_in: Cast) -> None:
    alice = sign_in("alice")
    address = upload(alice)
    assert fetch(alice, address, Range=f"bytes={len(BODY)}-").status == 416
    assert fetch(alice, upload(alice, b"")).body == b""


@pytest.mark.parametrize(
    ("sent", "kept", "how"),
    [
        ("image/png", "image/png", "inline"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8", "inline"),
        ("text/html", "text/html", "attachment"),
        ("image/svg+xml", "image/svg+xml", "attachment"),
        ("not a type", "application/octet-stream", "attachment"),
        ("text/plain" + " " * 300 + "; charset=utf-8", "application/octet-stream", "attachment"),
    ],
)
def test_only_safe_types_are_shown(sign_in: Cast, sent: str, kept: str, how: str) -> None:
    alice = sign_in("alice")
    reply = fetch(alice, upload(alice, b"<script>", sent, filename='a"b\r\n.html'))
    assert reply.headers["content-type"] == kept
    assert reply.headers["content-disposition"].startswith(how)


def test_what_is_refused(sign_in: Cast, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, nobody = sign_in("alice"), Client(served.url)
    address = upload(alice)
    assert fetch(nobody, address).errcode == "M_MISSING_TOKEN"
    assert nobody.ask("POST", "/_matrix/media/v3/upload", b"x").status == 401
    assert nobody.ask("GET", f"/_matrix/media/v3/download/{address}").errcode == "M_NOT_FOUND"
    assert nobody.ask("GET", f"/_matrix/media/v3/thumbnail/{address}", width=32, height=32).status == 404
    assert fetch(alice, "elsewhere.test/abc").errcode == "M_NOT_FOUND"
    assert fetch(alice, "localhost/" + "a" * 200).errcode == "M_NOT_FOUND"
    small = config().model_copy(update={"media_bytes": 1000, "media_open": True})
    monkeypatch.setattr(doors, "config", lambda: small)
    assert alice.ask("POST", "/_matrix/media/v3/upload", bytes(1001)).errcode == "M_TOO_LARGE"
    assert alice.get("/_matrix/client/v1/media/config") == {"m.upload.size": 1000}
    assert nobody.ask("GET", f"/_matrix/media/v3/download/{address}").body == BODY
    nobody.pool.clear()


def test_limits_of_a_person(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    monkeypatch.setattr(actions, "BYTES_PER_DAY", 1500)
    upload(alice, bytes(1000))
    upload(alice, bytes(1001))
    reply = alice.ask("POST", "/_matrix/media/v3/upload", b"x")
    assert (reply.status, reply.errcode) == (429, "M_LIMIT_EXCEEDED")
    monkeypatch.setattr(actions, "BYTES_PER_DAY", 1_000_000)
    monkeypatch.setattr(actions, "UPLOADS_PER_HOUR", 4)
    upload(alice, b"x")
    assert alice.ask("POST", "/_matrix/media/v3/upload", b"x").errcode == "M_LIMIT_EXCEEDED"


def test_a_file_that_is_sent_later(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    said = alice.post("/_matrix/media/v1/create")
    address = said["content_uri"].removeprefix("mxc://")
    assert said["unused_expires_at"] > 0
    path = f"/_matrix/client/v1/media/download/{address}"
    reply = bob.ask("GET", path, timeout_ms=0)
    assert (reply.status, reply.errcode) == (504, "M_NOT_YET_UPLOADED")
    later = f"/_matrix/media/v3/upload/{address}"
    assert bob.ask("PUT", later, b"x").errcode == "M_FORBIDDEN"
    assert alice.ask("PUT", later, b"now", headers={"Content-Type": "text/plain"}).status == 200
    assert bob.ask("GET", path).body == b"now"
    assert alice.ask("PUT", later, b"again").errcode == "M_CANNOT_OVERWRITE_MEDIA"
    assert alice.ask("PUT", "/_matrix/media/v3/upload/localhost/unknown", b"x").errcode == "M_NOT_FOUND"
    monkeypatch.setattr(actions, "MOST_PENDING", 1)
    alice.post("/_matrix/media/v1/create")
    assert alice.ask("POST", "/_matrix/media/v1/create").errcode == "M_LIMIT_EXCEEDED"


def test_a_file_that_was_announced_counts_on_the_day_it_comes(
    sign_in: Cast, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in("alice")
    address = alice.post("/_matrix/media/v1/create")["content_uri"].removeprefix("mxc://")
    kept = Media.objects.filter(pk=address.partition("/")[2])
    served.run(lambda: kept.update(made_at=now() - timedelta(hours=25)))
    assert alice.ask("PUT", f"/_matrix/media/v3/upload/{address}", bytes(1000)).status == 200
    monkeypatch.setattr(actions, "BYTES_PER_DAY", 1000)
    assert alice.ask("POST", "/_matrix/media/v3/upload", b"x").errcode == "M_LIMIT_EXCEEDED"


def test_whoever_waits_for_a_thumbnail_takes_no_thread(
    sign_in: Cast, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign-ins and counts need them; and what was made while they waited is not made again."""
    alice, lock, busy, most, made = sign_in("alice"), Lock(), [0], [0], []

    def make(sha256: str, size: tuple[int, int, bool]) -> tuple[str, int]:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
            made.append(sha256)
        time.sleep(0.2)
        small = actions.Upload(io.BytesIO())
        small.write(sha256.encode())
        with lock:
            busy[0] -= 1
        return small.keep("image/jpeg"), small.size

    monkeypatch.setattr(doors, "make_thumbnail", make)
    addresses = [upload(alice, f"{number}".encode()) for number in range(4)] * 2
    paths = [f"/_matrix/client/v1/media/thumbnail/{address}" for address in addresses]

    def ask(path: str) -> int:
        return Client(served.url, token=alice.token).ask("GET", path, width=32, height=32).status

    with ThreadPoolExecutor(len(paths)) as crowd:
        assert set(crowd.map(ask, paths)) == {200}
    assert most[0] == THUMBNAILS_AT_ONCE
    assert len(made) < len(paths)


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        ({"width": 30, "height": 30, "method": "crop"}, (32, 32)),
        ({"width": 100, "height": 100, "method": "crop"}, (320, 240)),
        ({"width": 700, "height": 100}, (800, 600)),
        ({"width": 9000, "height": 9000}, (800, 600)),
    ],
)
def test_thumbnails(sign_in: Cast, wish: dict[str, Any], size: tuple[int, int]) -> None:
    alice = sign_in("alice")
    address = upload(alice, make_picture(1600, 1200, "PNG"), "image/png")
    for _time in range(2):
        reply = alice.ask("GET", f"/_matrix/client/v1/media/thumbnail/{address}", **wish)
        assert reply.status == 200, reply.body
        assert reply.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(reply.body)) as picture:
            assert picture.size == size


@pytest.mark.parametrize("kind", ["GIF", "AVIF"])
def test_thumbnails_of_what_moves(sign_in: Cast, kind: str) -> None:
    alice = sign_in("alice")
    address = upload(alice, make_picture(400, 300, kind), f"image/{kind.lower()}")
    reply = alice.ask("GET", f"/_matrix/client/v1/media/thumbnail/{address}", width=96, height=96, method="scale")
    assert (reply.status, Image.open(io.BytesIO(reply.body)).format) == (200, "JPEG")


def test_no_thumbnails(sign_in: Cast) -> None:
    alice = sign_in("alice")
    path = f"/_matrix/client/v1/media/thumbnail/{upload(alice)}"
    assert alice.ask("GET", path, width=32, height=32).errcode == "M_UNKNOWN"
    assert alice.ask("GET", path, width=0, height=32).errcode == "M_INVALID_PARAM"
    assert alice.ask("GET", path, width=32, height=32, method="stretch").errcode == "M_INVALID_PARAM"
    little = f"/_matrix/client/v1/media/thumbnail/{upload(alice, make_picture(20, 10), 'image/jpeg')}"
    for method in ("crop", "scale"):
        with Image.open(io.BytesIO(alice.ask("GET", little, width=320, height=240, method=method).body)) as picture:
            assert max(picture.size) <= 20


def test_the_sweep_leaves_files_alone(sign_in: Cast, served: Served) -> None:
    alice = sign_in("alice")
    address = upload(alice, make_picture(640, 480), "image/jpeg")
    path = f"/_matrix/client/v1/media/thumbnail/{address}"
    assert alice.ask("GET", path, width=32, height=32).status == 200
    served.run(lambda: sweep_files(older_than=-actions.PENDING))
    assert fetch(alice, address).status == 200
    assert alice.ask("GET", path, width=32, height=32).status == 200


def test_with_nio(sign_in: Cast, served: Served) -> None:
    alice = sign_in("alice")

    async def go() -> None:
        client = nio.AsyncClient(served.url, alice.user_id)
        client.access_token, client.user_id = alice.token, alice.user_id
        picture = make_picture(800, 600, "PNG")
        sent, _keys = await client.upload(io.BytesIO(picture), "image/png", "p.png", filesize=len(picture))
        assert isinstance(sent, nio.UploadResponse)
        got = await client.download(sent.content_uri)
        assert isinstance(got, nio.MemoryDownloadResponse)
        assert (got.body, got.content_type) == (picture, "image/png")
        media_id = sent.content_uri.rpartition("/")[2]
        small = await client.thumbnail("localhost", media_id, 100, 100)
        assert isinstance(small, nio.ThumbnailResponse)
        assert small.content_type == "image/jpeg"
        await client.close()

    asyncio.run(go())
