"""Files that come in pieces, and go on where the line broke off (docs/decisions/0098).

What has come of a file lies on this machine's disk, beside the store, until all of it is there; then it is kept as any
other (`actions/media.py`). A gateway on another machine has none of it, says so, and is sent the file anew.
"""

import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions import media
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.queries.media import CHUNK, Found

WRITTEN_AT_ONCE = 32 * 1024
SWEEP_SECONDS = 3600.0
InThread = Callable[..., Awaitable[Any]]
_turns: dict[str, object] = {}  # which request writes which file: the latest
_swept = [float("-inf")]  # when it was looked for what nobody goes on with, by the monotonic clock


def _part(media_id: str) -> Path:
    """Where a file is that has not come whole. Only for ids that the database knows."""
    return config().data / "parts" / media_id


async def look_at(messenger: Messenger, who: Who, media_id: str, in_thread: InThread) -> tuple[int, bool]:
    """How many bytes of one's own file are here, and whether it is kept. `M_NOT_FOUND`, also when its time is over;
    `M_FORBIDDEN`."""
    row = await messenger.pool.fetchrow(_LOOK, media_id)
    if row is None or not (row[1] or row[3]):
        raise not_found("There is no such address for a file, or not any more.")
    if row[0] != who.user_id:
        raise forbidden("This address was given to somebody else.")
    return (row[2], True) if row[1] else (await in_thread(_count, media_id), False)


_LOOK = "select owner, file_id is not null, size, expires_at > now() from messaging_media where media_id = $1"


def _count(media_id: str) -> int:
    try:
        return _part(media_id).stat().st_size
    except FileNotFoundError:
        return 0


async def say_size(messenger: Messenger, who: Who, media_id: str, size: int) -> None:
    """How large a file will be, once; it counts for the day from then on. `M_LIMIT_EXCEEDED`, and `M_INVALID_PARAM` for
    another size than before."""
    known, today = await messenger.pool.fetchrow(_SIZES, media_id, who.user_id)
    if known not in (0, size):
        raise bad_param(f"This file was said to have {known} bytes.")
    if not known and today + size > media.BYTES_PER_DAY:
        raise MatrixError(429, "M_LIMIT_EXCEEDED", "You have sent too much today.", retry_after_ms=3_600_000)
    if known != size:
        await messenger.pool.execute(
            "update messaging_media set size = $2 where media_id = $1 and file_id is null", media_id, size
        )


_SIZES = """
select (select size from messaging_media where media_id = $1),
       (select coalesce(sum(size), 0)::bigint from messaging_media
         where owner = $2 and made_at > now() - interval '1 day')"""


async def write_piece(media_id: str, start: int, size: int, pieces: AsyncIterator[bytes], in_thread: InThread) -> int:
    """Add what comes to a file of `size` bytes whose first `start` are here; how many are then. What has come when it
    breaks off stays. Of two requests for one file the later one writes: the line of the earlier one is gone, mostly.
    `M_INVALID_PARAM` for more bytes than were said, `M_UNKNOWN` (409) for who was overtaken."""
    turn = _turns[media_id] = object()
    held = bytearray()
    try:
        async for piece in pieces:
            if start + len(held) + len(piece) > size:
                raise bad_param(f"This file was said to have {size} bytes.")
            held += piece
            if len(held) >= WRITTEN_AT_ONCE:
                start = await _write(media_id, start, held, turn, in_thread)
    finally:
        with contextlib.suppress(_Overtaken):
            start = await _write(media_id, start, held, turn, in_thread)
        if _turns.get(media_id) is turn:
            del _turns[media_id]
    return start


class _Overtaken(MatrixError):
    """Another request writes this file now."""

    def __init__(self) -> None:
        super().__init__(409, "M_UNKNOWN", "This file is being sent by another request.")


async def _write(media_id: str, start: int, held: bytearray, turn: object, in_thread: InThread) -> int:
    """Where the next bytes go."""
    if _turns.get(media_id) is not turn:
        raise _Overtaken
    body = bytes(held)
    held.clear()
    if body:
        await in_thread(_put, media_id, start, body)
    return start + len(body)


def _put(media_id: str, start: int, body: bytes) -> None:
    path = _part(media_id)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with path.open("r+b") as file:
        file.seek(start)
        file.write(body)


async def finish(messenger: Messenger, who: Who, said: Found, in_thread: InThread) -> None:
    """All of it is here: keep it under its address. `said` has no name in the store yet. Of two that finish it at once
    one is refused (`M_CANNOT_OVERWRITE_MEDIA`), and hears that it is kept when it asks."""
    name = await in_thread(_keep, said.media_id, said.content_type)
    await media.fill_media(messenger, who, Found(said.media_id, said.content_type, said.filename, name, said.size))
    await in_thread(_forget, _part(said.media_id))


def _keep(media_id: str, content_type: str) -> str:
    """Its name in the store. What is read and kept is a copy, which nobody writes into meanwhile."""
    with tempfile.TemporaryFile(dir=config().data) as copy:
        draft = media.Upload(copy)
        if _count(media_id):
            with _part(media_id).open("rb") as file:
                while piece := file.read(CHUNK):
                    draft.write(piece)
        return draft.keep(content_type)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


async def sweep_parts(in_thread: InThread) -> None:
    """Once an hour, delete what nobody can go on with, because its address has ended."""
    if (now := time.monotonic()) - _swept[0] >= SWEEP_SECONDS:
        _swept[0] = now
        await in_thread(_sweep, time.time() - media.PENDING.total_seconds())


def _sweep(before: float) -> None:
    for path in (config().data / "parts").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # it was finished just now
            if path.stat().st_mtime < before:
                path.unlink()
