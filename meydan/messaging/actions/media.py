"""Files are sent, and thumbnails of them made (client-server API, "Content repository")."""

import hashlib
import io
import secrets
from datetime import timedelta
from typing import IO

from meydan.kernel.clock import now
from meydan.kernel.errors import MeydanError, TooMany
from meydan.kernel.files import open_file, store_raw
from meydan.kernel.imaging import make_small
from meydan.kernel.limits import check
from meydan.messaging.actions.devices import limited
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.errors import MatrixError, forbidden, not_found
from meydan.messaging.queries.media import Found, bytes_of_today, count_pending

UPLOADS_PER_HOUR = 600
BYTES_PER_DAY = 2 * 2**30
THUMBNAILS_PER_HOUR = 1_200
MOST_PENDING = 50
PENDING = timedelta(days=1)
OCTETS = "application/octet-stream"


class Upload:
    """A file on its way in: on the disk (`file`) from the first byte on. Used by threads, one at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self.file.write(piece)
        self.digest.update(piece)
        self.size += len(piece)

    def keep(self, content_type: str) -> str:
        """Put the whole into the city's store; its name there."""
        self.file.flush()
        self.file.seek(0)
        name = self.digest.hexdigest()
        store_raw(self.file, sha256=name, size=self.size, media_type=content_type[:80], purpose="message_file")
        return name


def count_upload(person: str) -> None:
    """For a thread: count a file against its sender. `M_LIMIT_EXCEEDED`."""
    _count(f"messaging.upload:{person}", UPLOADS_PER_HOUR)


def count_thumbnail(person: str) -> None:
    """For a thread: count the making of a thumbnail. `M_LIMIT_EXCEEDED`."""
    _count(f"messaging.thumbnail:{person}", THUMBNAILS_PER_HOUR)


def _count(key: str, limit: int) -> None:
    try:
        check(key, limit=limit, seconds=3600)
    except TooMany as error:
        raise limited(error) from error


async def demand_room_for(messenger: Messenger, who: Who) -> None:
    """`M_LIMIT_EXCEEDED` for who has sent `BYTES_PER_DAY` within a day."""
    if await bytes_of_today(messenger.pool, who.user_id) >= BYTES_PER_DAY:
        raise MatrixError(429, "M_LIMIT_EXCEEDED", "You have sent too much today.", retry_after_ms=3_600_000)


def new_media_id() -> str:
    """32 letters that nobody guesses."""
    return secrets.token_urlsafe(24)


async def keep_media(messenger: Messenger, who: Who, found: Found) -> None:
    """Give a stored file its address."""
    await messenger.pool.execute(
        """insert into messaging_media (media_id, owner, content_type, filename, file_id, size, made_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        found.media_id,
        who.user_id,
        found.content_type,
        found.filename,
        found.sha256,
        found.size,
        now(),
    )


async def reserve_media(messenger: Messenger, who: Who) -> tuple[str, int]:
    """An address for a file that comes later, and until when it must (milliseconds since 1970). `M_LIMIT_EXCEEDED`."""
    if await count_pending(messenger.pool, who.user_id) >= MOST_PENDING:
        raise MatrixError(429, "M_LIMIT_EXCEEDED", "Send the files first that you have announced.")
    media_id, ends = new_media_id(), now() + PENDING
    await messenger.pool.execute(
        """insert into messaging_media (media_id, owner, content_type, filename, size, made_at, expires_at)
           values ($1, $2, '', '', 0, $3, $4)""",
        media_id,
        who.user_id,
        now(),
        ends,
    )
    return media_id, int(ends.timestamp() * 1000)


async def demand_reserved(messenger: Messenger, who: Who, media_id: str) -> None:
    """Whether this person may upload to this address now. `M_NOT_FOUND`, `M_FORBIDDEN`, `M_CANNOT_OVERWRITE_MEDIA`."""
    row = await messenger.pool.fetchrow(
        "select owner, file_id is not null, expires_at > now() from messaging_media where media_id = $1", media_id[:64]
    )
    if row is None or not (row[1] or row[2]):
        raise not_found("There is no such address for a file, or not any more.")
    if row[0] != who.user_id:
        raise forbidden("This address was given to somebody else.")
    if row[1]:
        raise _taken()


def _taken() -> MatrixError:
    return MatrixError(409, "M_CANNOT_OVERWRITE_MEDIA", "This file has been uploaded already.")


async def fill_media(messenger: Messenger, who: Who, found: Found) -> None:
    """The file of an address that was given before. `M_CANNOT_OVERWRITE_MEDIA` for a second one."""
    said = await messenger.pool.execute(
        """update messaging_media set content_type = $3, filename = $4, file_id = $5, size = $6, made_at = $7
            where media_id = $1 and owner = $2 and file_id is null""",
        found.media_id,
        who.user_id,
        found.content_type,
        found.filename,
        found.sha256,
        found.size,
        now(),  # when it was sent, which counts for the day
    )
    if said.endswith(" 0"):
        raise _taken()


def make_thumbnail(sha256: str, size: tuple[int, int, bool]) -> tuple[str, int]:
    """For a thread: a JPEG of a stored picture, kept; its name and its size. `M_UNKNOWN` for what is no picture that we
    open, `M_TOO_LARGE`, and `M_LIMIT_EXCEEDED` when the machine is too busy."""
    width, height, crop = size
    try:
        with open_file(sha256) as file:
            small = make_small(file, width, height, crop=crop)
    except MeydanError as error:
        raise _no_thumbnail(error) from error
    upload = Upload(io.BytesIO())
    upload.write(small.body)
    return upload.keep(small.media_type), upload.size


def _no_thumbnail(error: MeydanError) -> MatrixError:
    return MatrixError(400, "M_UNKNOWN", f"There can be no thumbnail of this: {error.message}")


async def keep_thumbnail(messenger: Messenger, media_id: str, size: tuple[int, int, bool], sha256: str, n: int) -> None:
    """Remember it; a second one that was made at the same time is the same."""
    await messenger.pool.execute(
        """insert into messaging_thumbnail (media_id, width, height, crop, file_id, size)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing""",
        media_id,
        *size,
        sha256,
        n,
    )
