"""Files, kept by what they contain: a picture's address is the sha256 of its bytes, so it never changes.

On disk they lie under `<data>/files/ab/cd/<sha256>`; with `[files] store = "s3"` in a bucket, by the same keys.
Of pictures only those get in that we encoded ourselves (`store_image`); what people send each other is kept as it came
(`store_raw`), and whoever serves it sees to it that nothing in it runs.
"""

import contextlib
import hashlib
import importlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

from django.db import connection, transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, ProtectedError

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.imaging import Area, Variant, make_safe
from meydan.kernel.models import THUMB, StoredFile

SHA256 = re.compile(r"[0-9a-f]{64}")
UNUSED = timedelta(days=2)
"""How long a picture may lie here before a form that brought it is sent: forms keep them for a day."""
SWEPT_AT_ONCE = 5_000
BATCH = 500
COPIED_AT_ONCE = 256 * 1024


class Store(Protocol):
    """Where bytes are kept by their sha256 (64 hexadecimal digits)."""

    def put(self, sha256: str, body: bytes) -> None:
        """Keep the bytes; keeping them twice is nothing new. When it returns they are safe on the medium."""

    def put_from(self, sha256: str, source: IO[bytes]) -> None:
        """The same for a file, from where it stands to its end: never all of it in memory."""

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        """The bytes from `start` on, as a stream that the caller closes. NotFound when they are not there."""

    def delete(self, sha256: str) -> None:
        """Forget the bytes; forgetting what is not there is nothing new."""

    def walk(self, before: datetime) -> Iterator[str]:
        """The names of all that was kept before this moment."""


class DiskStore:
    """A folder, two levels of 256 folders deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, body: bytes) -> None:
        """As `put_from`."""
        self.put_from(sha256, io.BytesIO(body))

    def put_from(self, sha256: str, source: IO[bytes]) -> None:
        """Written beside, flushed to the medium, then renamed: a reader sees all of it or nothing."""
        path = self._path(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix="draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(source, file, COPIED_AT_ONCE)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        for folder in (path.parent, path.parent.parent, self._folder):
            _flush_folder(folder)

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        """The file, opened for reading."""
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound from None
        file.seek(start)
        return file

    def delete(self, sha256: str) -> None:
        """Unlink the file."""
        self._path(sha256).unlink(missing_ok=True)

    def walk(self, before: datetime) -> Iterator[str]:
        """Folder by folder."""
        for path in self._folder.glob("??/??/" + "[0-9a-f]" * 64):
            with contextlib.suppress(FileNotFoundError):  # somebody else deletes too
                if path.stat().st_mtime < before.timestamp():
                    yield path.name

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:4] / sha256


def _flush_folder(folder: Path) -> None:
    """Make a new name in the folder outlive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@cache
def store() -> Store:
    """The store that this city has configured."""
    files = config().files
    if files.store == "s3":  # boto3 is an extra: only a city that keeps its files in a bucket installs it
        return cast(Store, importlib.import_module("meydan.kernel.plugins.s3").S3Store(files))
    return DiskStore(config().data / "files")


def store_image(source: BinaryIO, *, purpose: str, hide: Sequence[Area] = ()) -> StoredFile:
    """Make a stranger's picture safe and keep it; the same picture again gives the same row.

    `purpose` says in one word what for ("report_photo"); the areas of `hide` are made unrecognisable. Raises TooLarge,
    Invalid with what to do, Unavailable.
    """
    picture = make_safe(source, hide=hide)
    with transaction.atomic():
        full, thumb = _keep(picture.full), _keep(picture.thumb)
        file, new = StoredFile.objects.get_or_create(
            sha256=full["sha256"],
            defaults={
                **{key: full[key] for key in ("media_type", "size", "width", "height")},
                "variants": {"full": full, "thumb": thumb},
                "purpose": purpose,
                "stored_at": now(),
            },
        )
        if not new:  # brought once more, or by `store_raw` first: it is not old, as `sweep_files` counts, and has both
            file.variants, file.stored_at = {"full": full, "thumb": thumb}, now()
            file.width, file.height, file.media_type = full["width"], full["height"], full["media_type"]
            file.save(update_fields=["variants", "stored_at", "width", "height", "media_type"])
    return file


def store_raw(source: IO[bytes], *, sha256: str, size: int, media_type: str, purpose: str) -> StoredFile:
    """Keep a file as it is. `sha256` and `size` (bytes) are those of what `source` holds from where it stands; the same
    bytes again give the same row. Serve it only with headers that let nothing in it run."""
    variant = {"sha256": sha256, "media_type": media_type, "size": size, "width": 0, "height": 0}
    with transaction.atomic():
        _hold(sha256)
        store().put_from(sha256, source)
        file, new = StoredFile.objects.get_or_create(
            sha256=sha256,
            defaults={
                **{key: variant[key] for key in ("media_type", "size", "width", "height")},
                "variants": {"full": variant},
                "purpose": purpose,
                "stored_at": now(),
            },
        )
        if not new:
            StoredFile.objects.filter(pk=file.pk).update(stored_at=now())
    return file


def _hold(sha256: str) -> None:
    """Until the transaction ends nobody else keeps or forgets the bytes with this name."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"file:{sha256}"])


def _keep(variant: Variant) -> dict[str, Any]:
    sha256 = hashlib.sha256(variant.body).hexdigest()
    _hold(sha256)
    store().put(sha256, variant.body)
    return {
        "sha256": sha256,
        "media_type": variant.media_type,
        "size": len(variant.body),
        "width": variant.width,
        "height": variant.height,
    }


def open_file(sha256: str, start: int = 0) -> BinaryIO:
    """The bytes of a file or of one of its variants, from `start` on; close it. NotFound when there are none."""
    if not SHA256.fullmatch(sha256):
        raise NotFound
    return store().open(sha256, start)


def delete_file(sha256: str) -> bool:
    """Forget a file: its row now, its bytes once the transaction is committed. False, and nothing is done, while
    something refers to it or when it is not there."""
    row = StoredFile.objects.filter(pk=sha256).first()
    if row is None:
        return False
    keys = {variant["sha256"] for variant in row.variants.values()}
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        return False
    for key in keys:
        transaction.on_commit(partial(_forget_bytes, key))
    return True


def _forget_bytes(sha256: str) -> None:
    """Delete bytes that no row names any more."""
    with transaction.atomic():
        _hold(sha256)
        if not _named([sha256]):
            store().delete(sha256)


def _named(keys: Sequence[str]) -> set[str]:
    """Which of these the rows name."""
    own = StoredFile.objects.filter(pk__in=keys).values_list("pk", flat=True)
    thumbs = StoredFile.objects.annotate(thumb=THUMB).filter(thumb__in=keys).values_list("thumb", flat=True)
    return {*own, *thumbs}


def sweep_files(*, older_than: timedelta = UNUSED, limit: int = SWEPT_AT_ONCE) -> int:
    """Delete what nobody refers to: pictures that came with a form which was never sent, and the bytes of
    transactions that were rolled back. At most `limit` of each; returns how many."""
    before = now() - older_than
    unused = StoredFile.objects.filter(*_unreferenced(), stored_at__lt=before).values_list("pk", flat=True)
    swept = sum(delete_file(sha256) for sha256 in list(unused[:limit]))
    kept, strays = store().walk(before), 0
    while (batch := list(islice(kept, BATCH))) and strays < limit:
        for sha256 in set(batch) - _named(batch):
            _forget_bytes(sha256)
            strays += 1
    return swept + strays


def _unreferenced() -> list[Any]:
    """The condition that no row of any table points to the file."""
    relations = [one for one in StoredFile._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel)]
    return [~Exists(one.related_model._default_manager.filter(**{one.field.name: OuterRef("pk")})) for one in relations]
