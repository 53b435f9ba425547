"""Files that were sent: where they are, and how much somebody has sent (client-server API, "Content repository")."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from meydan.kernel.errors import NotFound
from meydan.kernel.files import open_file
from meydan.messaging.models.errors import MatrixError, not_found
from meydan.messaging.queries.reading import Pool

CHUNK = 256 * 1024
SIZES = ((32, 32, True), (96, 96, True), (320, 240, False), (640, 480, False), (800, 600, False))
"""The thumbnails that are made (width, height, crop): a wish gets the next larger one (spec, "Thumbnails")."""
InThread = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A file that can be served."""

    media_id: str
    content_type: str
    filename: str
    sha256: str
    size: int


async def find_media(pool: Pool, media_id: str) -> Found | None:
    """The file; None while it is not uploaded yet. `M_NOT_FOUND`, also when it never will be."""
    row = await pool.fetchrow(_FIND, media_id[:64])
    if row is None:
        raise not_found("There is no such file.")
    media_id, content_type, filename, sha256, size = row
    return None if sha256 is None else Found(media_id, content_type, filename, sha256, size)


_FIND = """
select media_id, content_type, filename, file_id, size from messaging_media
 where media_id = $1 and (file_id is not null or expires_at > now())"""


async def find_thumbnail(pool: Pool, media_id: str, size: tuple[int, int, bool]) -> Found | None:
    """A thumbnail of one of `SIZES` that was made already."""
    row = await pool.fetchrow(
        """select file_id, size from messaging_thumbnail
            where media_id = $1 and width = $2 and height = $3 and crop = $4""",
        media_id,
        *size,
    )
    return None if row is None else Found(media_id, "image/jpeg", "thumbnail.jpg", row[0], row[1])


def size_for(width: int, height: int, crop: bool) -> tuple[int, int, bool]:
    """The smallest of the sizes that is large enough for a wish, else the largest; the method counts only where both
    are made."""
    enough = [one for one in SIZES if one[0] >= width and one[1] >= height]
    return next((one for one in enough if one[2] == crop), enough[0] if enough else SIZES[-1])


async def bytes_of_today(pool: Pool, owner: str) -> int:
    """How many bytes somebody has sent in the last 24 hours."""
    sent = await pool.fetchval(
        """select coalesce(sum(size), 0)::bigint from messaging_media
            where owner = $1 and made_at > now() - interval '1 day'""",
        owner,
    )
    return int(sent)


async def count_pending(pool: Pool, owner: str) -> int:
    """How many addresses somebody has been given and not used yet."""
    count = await pool.fetchval(
        """select count(*) from messaging_media
            where owner = $1 and made_at > now() - interval '2 days' and file_id is null and expires_at > now()""",
        owner,
    )
    return int(count)


def open_at(sha256: str, start: int) -> BinaryIO:
    """For a thread: the bytes from `start` on. `M_NOT_FOUND`."""
    try:
        return open_file(sha256, start)
    except NotFound as error:
        raise MatrixError(404, "M_NOT_FOUND", "There is no such file.") from error


async def read_pieces(file: BinaryIO, size: int, in_thread: InThread) -> AsyncGenerator[bytes, None]:
    """So many bytes of a file, a piece at a time; the file is closed in the end. Reads are made by `in_thread`."""
    try:
        while size > 0:
            piece: bytes = await in_thread(file.read, min(CHUNK, size))
            if not piece:
                break
            size -= len(piece)
            yield piece
    finally:
        file.close()  # at once: when the server ends, nothing that is waited for comes to pass
