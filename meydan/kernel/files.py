"""Files, kept by what they contain: a picture's address is the sha256 of its bytes, so it never changes.

On disk they lie under `<data>/files/ab/cd/<sha256>`; with `[files] store = "s3"` in a bucket, by the same keys.
Only pictures that we encoded ourselves get in.
"""

import contextlib
import hashlib
import importlib
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.imaging import Variant, make_safe
from meydan.kernel.models import StoredFile

SHA256 = re.compile(r"[0-9a-f]{64}")


class Store(Protocol):
    """Where bytes are kept by their sha256 (64 hexadecimal digits)."""

    def put(self, sha256: str, body: bytes) -> None:
        """Keep the bytes; keeping them twice is nothing new. When it returns they are safe on the medium."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a stream that the caller closes. NotFound when they are not there."""


class DiskStore:
    """A folder, two levels of 256 folders deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, body: bytes) -> None:
        """Written beside, flushed to the medium, then renamed: a reader sees all of it or nothing."""
        path = self._path(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix="draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        for folder in (path.parent, path.parent.parent, self._folder):
            _flush_folder(folder)

    def open(self, sha256: str) -> BinaryIO:
        """The file, opened for reading."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound from None

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


def store_image(source: BinaryIO, *, purpose: str) -> StoredFile:
    """Make a stranger's picture safe and keep it; the same picture again gives the same row.

    `purpose` says in one word what for ("report_photo"). Raises TooLarge, Invalid with what to do, Unavailable.
    """
    picture = make_safe(source)
    full, thumb = _keep(picture.full), _keep(picture.thumb)
    file, _new = StoredFile.objects.get_or_create(
        sha256=full["sha256"],
        defaults={
            **{key: full[key] for key in ("media_type", "size", "width", "height")},
            "variants": {"full": full, "thumb": thumb},
            "purpose": purpose,
            "stored_at": now(),
        },
    )
    return file


def _keep(variant: Variant) -> dict[str, Any]:
    sha256 = hashlib.sha256(variant.body).hexdigest()
    store().put(sha256, variant.body)
    return {
        "sha256": sha256,
        "media_type": variant.media_type,
        "size": len(variant.body),
        "width": variant.width,
        "height": variant.height,
    }


def open_file(sha256: str) -> BinaryIO:
    """The bytes of a file or of one of its variants; close it. NotFound when there are none."""
    if not SHA256.fullmatch(sha256):
        raise NotFound
    return store().open(sha256)
