"""Files in pieces (ours: `org.meydan.upload`; docs/decisions/0098), for lines that break off.

One address for all files, and all that is said stands in the body, so that a browser asks leave for it once or, where
the token stands there too, never (CORS): a file costs one round trip for each of its pieces and no other.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.media import OCTETS, count_upload, reserve_media
from meydan.messaging.actions.messenger import Who
from meydan.messaging.actions.resuming import finish, look_at, say_size, sweep_parts, write_piece
from meydan.messaging.gateway.doors.media import CONTENT_TYPE
from meydan.messaging.gateway.doors.table import unstable
from meydan.messaging.gateway.http import CARRIED, Request, need, read_object
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError, bad_param, not_found
from meydan.messaging.queries.media import Found

MOST_PIECE = 16 * 2**20
MOST_HEAD = 8 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """What the body's first line says. `address`: "" for a file that has none yet. `start`: where the bytes that follow
    belong; None asks how many are here."""

    address: str
    start: int | None
    size: int
    content_type: str
    filename: str


@unstable("POST", "org.meydan.upload")
async def send_piece(gateway: Gateway, request: Request) -> Any:
    """A piece of a file, and the file's address with the first one. The body is a line of JSON and the bytes. Says how
    many bytes are here by now: pieces for another place than the next are passed over, and so is nothing lost or twice
    there. Whoever breaks off asks, without `from`, and goes on from there."""
    async with aclosing(request.pieces(MOST_PIECE + MOST_HEAD)) as pieces:
        line, rest = await _first_line(request, pieces)
        who = await gateway.who(request)
        piece = _read(line)
        media_id = await _address(gateway, who, piece)
        have, is_kept = await look_at(gateway.messenger, who, media_id, in_thread)
        if piece.start == have and not is_kept:
            await say_size(gateway.messenger, who, media_id, piece.size)
            have = await write_piece(media_id, have, piece.size, _joined(rest, pieces), in_thread)
            if is_kept := have == piece.size:
                said = Found(media_id, piece.content_type, piece.filename, "", piece.size)
                await finish(gateway.messenger, who, said, in_thread)
        async for _ignored in pieces:
            pass
    uri = f"mxc://{gateway.messenger.server_name}/{media_id}"
    return {"content_uri": uri, "received": have, "done": is_kept}


async def _first_line(request: Request, pieces: AsyncGenerator[bytes, None]) -> tuple[bytes, bytes]:
    """The line of JSON, and what of the bytes came with it. A line with the token goes before it where there is no
    header with one; `Request` has taken it off a short body already."""
    held = b""
    carries = b"authorization" not in request.headers and not request.carried
    async for piece in pieces:
        held += piece
        if held.count(b"\n") > carries or len(held) > MOST_HEAD:
            break
    if carries and held.startswith(CARRIED):
        request.carried, _end, held = held.partition(b"\n")
    line, _end, rest = held.partition(b"\n")
    if len(line) > MOST_HEAD:
        raise bad_param("Say in the body's first line which file this is.")
    return line, rest


async def _joined(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for piece in pieces:
        yield piece


def _read(line: bytes) -> Piece:
    said = read_object(line)
    size, start = need(said, "size", int), need(said, "from", int, -1)
    if size > config().media_bytes:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {config().media_bytes} bytes.")
    if size < 0 or start < -1:
        raise bad_param("size and from are numbers of bytes.")
    kind, name = need(said, "type", str, ""), need(said, "filename", str, "")
    return Piece(
        need(said, "content_uri", str, ""),
        None if start < 0 else start,
        size,
        kind if CONTENT_TYPE.fullmatch(kind) else OCTETS,
        "".join(char for char in name if char.isprintable())[:255],
    )


async def _address(gateway: Gateway, who: Who, piece: Piece) -> str:
    """The file's id: a new one where it has none yet."""
    if piece.address:
        server, _slash, media_id = piece.address.removeprefix("mxc://").partition("/")
        if server != gateway.messenger.server_name or not 0 < len(media_id) <= 64:
            raise not_found("There is no such address for a file here.")
        return media_id
    await sweep_parts(in_thread)
    await in_thread(count_upload, who.user_id)
    media_id, _ends = await reserve_media(gateway.messenger, who)
    return media_id
