"""The store on disk and in a bucket, and files on their way out."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from moto.server import ThreadedMotoServer
from PIL import Image, ImageStat

from meydan.kernel import files
from meydan.kernel.clock import now
from meydan.kernel.config import Files
from meydan.kernel.errors import Invalid, NotFound, Unavailable
from meydan.kernel.files import DiskStore, Store, delete_file, open_file, store_image, store_raw, sweep_files
from meydan.kernel.files_http import serve_file
from meydan.kernel.imaging import make_safe
from meydan.kernel.models import StoredFile
from meydan.kernel.plugins.s3 import S3Store
from meydan.kernel.tests.pictures import make_picture, make_svg

BODY = b"what is kept"
KEY = hashlib.sha256(BODY).hexdigest()
ABSENT = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's store is this folder."""
    monkeypatch.setattr(files, "store", lambda: DiskStore(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def s3() -> Iterator[Files]:
    """A server on loopback that speaks S3, with one bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    known = Files(
        store="s3",
        bucket="city",
        endpoint=f"http://{host}:{port}",
        region="us-east-1",
        access_key="key",
        secret_key="s",
    )
    boto3.client(
        "s3", endpoint_url=known.endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="s"
    ).create_bucket(Bucket="city")
    yield known
    server.stop()


def keeps(store: Store) -> None:
    """What every store owes."""
    for _time in range(2):
        store.put(KEY, BODY)
    with store.open(KEY) as file:
        assert file.read() == BODY
    with store.open(KEY, 5) as file:
        assert file.read() == BODY[5:]
    with pytest.raises(NotFound):
        store.open(ABSENT)
    other = hashlib.sha256(BODY * 2).hexdigest()
    store.put_from(other, io.BytesIO(BODY * 2))
    with store.open(other) as file:
        assert file.read() == BODY * 2
    store.delete(other)


def test_a_file_as_it_came(folder: Path, db: None) -> None:
    for _time in range(2):
        file = store_raw(io.BytesIO(BODY), sha256=KEY, size=len(BODY), media_type="text/plain", purpose="test")
    assert (file.pk, file.size, file.width) == (KEY, len(BODY), 0)
    with open_file(KEY, 5) as kept:
        assert kept.read() == BODY[5:]
    assert delete_file(KEY)


def test_a_picture_that_came_raw_first_has_its_thumbnail(folder: Path, db: None) -> None:
    source = make_picture()
    full = make_safe(io.BytesIO(source)).full.body
    key = hashlib.sha256(full).hexdigest()
    store_raw(io.BytesIO(full), sha256=key, size=len(full), media_type="text/html", purpose="test")
    file = store_image(io.BytesIO(source), purpose="test")
    assert (file.pk, file.media_type, file.width) == (key, "image/jpeg", 640)
    assert StoredFile.objects.get(pk=key).variants.keys() == {"full", "thumb"}


def forgets(store: Store) -> None:
    """What every store owes as well."""
    store.put(KEY, BODY)
    assert KEY in store.walk(now() + timedelta(hours=1))
    assert KEY not in store.walk(now() - timedelta(hours=1))
    for _time in range(2):
        store.delete(KEY)
    with pytest.raises(NotFound):
        store.open(KEY)


def test_the_disk_forgets(tmp_path: Path) -> None:
    forgets(DiskStore(tmp_path / "files"))


def test_the_bucket_forgets(s3: Files) -> None:
    forgets(S3Store(s3))


def test_the_disk_keeps(tmp_path: Path) -> None:
    keeps(DiskStore(tmp_path / "files"))
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [KEY]


def test_the_bucket_keeps(s3: Files) -> None:
    keeps(S3Store(s3))


def test_a_bucket_that_is_away_is_unavailable(s3: Files) -> None:
    away = S3Store(s3.model_copy(update={"bucket": "nowhere"}))
    with pytest.raises(Unavailable):
        away.put(KEY, BODY)
    with pytest.raises(Unavailable):
        away.delete(KEY)
    with pytest.raises(Unavailable):
        list(away.walk(now()))


def test_the_city_chooses(s3: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    choose: Callable[[], Store] = files.store.__wrapped__
    monkeypatch.setattr(files, "config", lambda: SimpleNamespace(files=s3, data=tmp_path))
    assert isinstance(choose(), S3Store)
    monkeypatch.setattr(files, "config", lambda: SimpleNamespace(files=Files(), data=tmp_path))
    assert isinstance(choose(), DiskStore)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        DiskStore(tmp_path).put(KEY, BODY)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_store_image_twice_is_one_file(folder: Path) -> None:
    body = make_picture(2000, 1000)
    first = store_image(io.BytesIO(body), purpose="test")
    again = store_image(io.BytesIO(body), purpose="test")
    assert first.sha256 == again.sha256
    assert StoredFile.objects.count() == 1
    assert (first.width, first.height, first.media_type) == (1600, 800, "image/jpeg")
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 2
    with open_file(first.sha256) as file:
        assert hashlib.sha256(file.read()).hexdigest() == first.sha256


@pytest.mark.django_db
def test_a_refused_picture_leaves_nothing(folder: Path) -> None:
    with pytest.raises(Invalid):
        store_image(io.BytesIO(make_svg()), purpose="test")
    assert not StoredFile.objects.exists()
    assert not list(folder.iterdir())


@pytest.mark.django_db
def test_what_is_forgotten_is_gone_once_committed(folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    file = store_image(io.BytesIO(make_picture(40, 30)), purpose="test")
    with django_capture_on_commit_callbacks() as callbacks:
        assert delete_file(file.sha256)
        open_file(file.sha256).close()
    store_image(io.BytesIO(make_picture(40, 30)), purpose="test")  # brought again before the bytes were deleted
    for callback in callbacks:
        callback()
    open_file(file.sha256).close()
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_file(file.sha256)
        assert not delete_file(file.sha256)
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_what_nobody_refers_to_is_swept_when_it_is_old(folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    store_image(io.BytesIO(make_picture(40, 30)), purpose="test")
    DiskStore(folder).put(KEY, BODY)  # as a transaction leaves it that was rolled back
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files(older_than=timedelta(hours=-1)) >= 2
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_what_is_hidden_is_a_few_blocks(folder: Path) -> None:
    plain = store_image(io.BytesIO(make_picture(600, 400)), purpose="test")
    hidden = store_image(
        io.BytesIO(make_picture(600, 400)), purpose="test", hide=[(0.25, 0.25, 0.5, 0.5), (0.9, 0.9, 1, 1)]
    )
    assert (hidden.width, hidden.height) == (600, 400)
    assert hidden.sha256 != plain.sha256
    with open_file(hidden.sha256) as file:
        body = file.read()
    block = Image.open(io.BytesIO(body)).convert("L").crop((180, 150, 220, 180))
    assert ImageStat.Stat(block).stddev[0] < 1.5


@pytest.mark.parametrize("key", ["", "../../etc/passwd", KEY.upper(), KEY + "\n", ABSENT])
def test_open_file_takes_keys_only(folder: Path, key: str) -> None:
    with pytest.raises(NotFound):
        open_file(key)


@pytest.fixture
def photo(folder: Path, db: None) -> StoredFile:
    return store_image(io.BytesIO(make_picture(400, 300)), purpose="test")


def get(photo: StoredFile, variant: str = "full", *, public: bool = False, **headers: str) -> HttpResponse:
    return serve_file(RequestFactory().get("/", headers=headers), photo.sha256, variant, public=public)


def test_served_with_headers_that_let_nothing_run(photo: StoredFile) -> None:
    response = get(photo)
    assert (response.status_code, len(response.content)) == (200, photo.size)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert get(photo, "thumb", public=True)["Cache-Control"].startswith("public")
    assert get(photo, "thumb")["Content-Type"] == "image/webp"


def test_known_already(photo: StoredFile) -> None:
    response = get(photo, if_none_match=str(get(photo)["ETag"]))
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("bytes=0-9", 206, "bytes 0-9/{size}"),
        ("bytes=10-", 206, "bytes 10-{last}/{size}"),
        ("bytes=-5", 206, "bytes {fifth}-{last}/{size}"),
        ("bytes=5-99999999", 206, "bytes 5-{last}/{size}"),
        ("bytes=99999999-", 416, "bytes */{size}"),
        ("bytes=9-5", 416, "bytes */{size}"),
        ("bytes=-", 200, ""),
        ("bytes=0-1,4-5", 200, ""),
        ("lines=1-2", 200, ""),
    ],
)
def test_ranges(photo: StoredFile, asked: str, status: int, told: str) -> None:
    response = get(photo, range=asked)
    numbers = {"size": photo.size, "last": photo.size - 1, "fifth": photo.size - 5}
    assert (response.status_code, response.get("Content-Range", "")) == (status, told.format(**numbers))


def test_no_such_file_or_variant(photo: StoredFile) -> None:
    with pytest.raises(NotFound):
        get(photo, "huge")
    with pytest.raises(NotFound):
        serve_file(RequestFactory().get("/"), ABSENT)
