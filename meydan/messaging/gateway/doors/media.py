"""Files (client-server API, "Content repository"): sent, announced and sent later, fetched, and made small."""

import asyncio
import re
import tempfile
from typing import Any
from urllib.parse import quote

from meydan.kernel.config import config
from meydan.messaging.actions.media import (
    OCTETS,
    Upload,
    count_thumbnail,
    count_upload,
    demand_reserved,
    demand_room_for,
    fill_media,
    keep_media,
    keep_thumbnail,
    make_thumbnail,
    new_media_id,
    reserve_media,
)
from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.table import door_v1, media
from meydan.messaging.gateway.http import CORS, Answer, Request, Streamed
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError, bad_param, not_found
from meydan.messaging.queries.media import (
    CHUNK,
    Found,
    find_media,
    find_thumbnail,
    open_at,
    read_pieces,
    size_for,
)

CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(?: {0,5};[\x20-\x7e]{0,45})?")
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
INLINE = frozenset(
    (
        *("text/css", "text/plain", "text/csv", "application/json", "application/ld+json"),
        *("image/jpeg", "image/gif", "image/png", "image/apng", "image/webp", "image/avif"),
        *("video/mp4", "video/webm", "video/ogg", "video/quicktime"),
        *("audio/mp4", "audio/webm", "audio/aac", "audio/mpeg", "audio/ogg", "audio/wave", "audio/wav"),
        *("audio/x-wav", "audio/x-pn-wav", "audio/flac", "audio/x-flac"),
    )
)
"""What a browser may show; all else is saved (spec, "Serving inline content")."""
SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'; script-src 'none'; style-src 'unsafe-inline'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"cache-control", b"private, max-age=31536000, immutable"),
    (b"accept-ranges", b"bytes"),
    *CORS,
]
UPLOADS_AT_ONCE = 4
WAIT_MS = 20_000
MOST_WAIT_MS = 60_000
_uploading: dict[str, int] = {}


@media("POST", "v3/upload", "r0/upload")
async def upload(gateway: Gateway, request: Request) -> Any:
    """Send a file."""
    who = await gateway.who(request)
    found = await _take(gateway, request, who, new_media_id())
    await keep_media(gateway.messenger, who, found)
    return {"content_uri": f"mxc://{gateway.messenger.server_name}/{found.media_id}"}


@media("POST", "v1/create")
async def create(gateway: Gateway, request: Request) -> Any:
    """Get the address of a file that is sent later."""
    who = await gateway.who(request)
    await in_thread(count_upload, who.user_id)
    media_id, ends = await reserve_media(gateway.messenger, who)
    return {"content_uri": f"mxc://{gateway.messenger.server_name}/{media_id}", "unused_expires_at": ends}


@media("PUT", "v3/upload/{server}/{id}")
async def upload_later(gateway: Gateway, request: Request) -> Any:
    """Send the file whose address was given before."""
    who = await gateway.who(request)
    media_id = _own_id(gateway, request)
    await demand_reserved(gateway.messenger, who, media_id)
    await fill_media(gateway.messenger, who, await _take(gateway, request, who, media_id))
    return {}


async def _take(gateway: Gateway, request: Request, who: Who, media_id: str) -> Found:
    """The body, in the store. At most `UPLOADS_AT_ONCE` of a person at a time."""
    if _uploading.get(who.user_id, 0) >= UPLOADS_AT_ONCE:
        raise MatrixError(429, "M_LIMIT_EXCEEDED", "Send fewer files at a time.", retry_after_ms=2_000)
    _uploading[who.user_id] = _uploading.get(who.user_id, 0) + 1
    try:
        await in_thread(count_upload, who.user_id)
        await demand_room_for(gateway.messenger, who)
        with tempfile.TemporaryFile(dir=config().data) as file:
            draft, kind = Upload(file), _content_type(request)
            await _receive(request, draft)
            return Found(media_id, kind, _filename(request), await in_thread(draft.keep, kind), draft.size)
    finally:
        _uploading[who.user_id] -= 1
        if not _uploading[who.user_id]:
            del _uploading[who.user_id]


async def _receive(request: Request, draft: Upload) -> None:
    """Write the body to the disk as it comes, a `CHUNK` or so at a time."""
    held = bytearray()
    async for piece in request.pieces(config().media_bytes):
        held += piece
        if len(held) >= CHUNK:
            await in_thread(draft.write, bytes(held))
            held.clear()
    await in_thread(draft.write, bytes(held))


def _content_type(request: Request) -> str:
    said = request.headers.get(b"content-type", b"").decode("latin-1").strip()
    return said if CONTENT_TYPE.fullmatch(said) else OCTETS


def _filename(request: Request) -> str:
    return "".join(char for char in request.one("filename") if char.isprintable())[:255]


def _own_id(gateway: Gateway, request: Request) -> str:
    """The id of a file of this server; there are no others here."""
    if request.path["server"] != gateway.messenger.server_name:
        raise not_found("Files of other servers are not known here.")
    return request.path["id"]


@door_v1("GET", "media/config")
@media("GET", "v3/config", "r0/config")
async def limits(gateway: Gateway, request: Request) -> Any:
    """How large a file may be."""
    await gateway.who(request)
    return {"m.upload.size": config().media_bytes}


@door_v1("GET", "media/download/{server}/{id}", "media/download/{server}/{id}/{name}")
async def download(gateway: Gateway, request: Request) -> Any:
    """Fetch a file, or a part of it. Whoever has a token may, who knows the address."""
    await gateway.who(request)
    return await _download(gateway, request)


@media("GET", "v3/download/{server}/{id}", "v3/download/{server}/{id}/{name}")
async def download_openly(gateway: Gateway, request: Request) -> Any:
    """The same without a token, where the city allows it; deprecated by the spec."""
    _demand_open()
    return await _download(gateway, request)


@door_v1("GET", "media/thumbnail/{server}/{id}")
async def thumbnail(gateway: Gateway, request: Request) -> Any:
    """Fetch a small form of a picture; it is made when it is asked for first."""
    who = await gateway.who(request)
    return await _thumbnail(gateway, request, who.user_id)


@media("GET", "v3/thumbnail/{server}/{id}")
async def thumbnail_openly(gateway: Gateway, request: Request) -> Any:
    """The same without a token, where the city allows it; deprecated by the spec."""
    _demand_open()
    return await _thumbnail(gateway, request, request.address)


def _demand_open() -> None:
    if not config().media_open:
        raise not_found("Fetch files with your token, under /_matrix/client/v1/media.")


async def _download(gateway: Gateway, request: Request) -> Answer | Streamed:
    found = await _find(gateway, request)
    return await _serve(request, found, request.path.get("name") or found.filename)


async def _find(gateway: Gateway, request: Request) -> Found:
    """The file; one that is announced is waited for. `M_NOT_YET_UPLOADED`."""
    media_id = _own_id(gateway, request)
    left = request.number("timeout_ms", WAIT_MS, most=MOST_WAIT_MS) / 1000
    while (found := await find_media(gateway.messenger.pool, media_id)) is None:
        if left <= 0:
            raise MatrixError(504, "M_NOT_YET_UPLOADED", "This file has not been sent yet.")
        await asyncio.sleep(min(left, 0.5))
        left -= 0.5
    return found


async def _thumbnail(gateway: Gateway, request: Request, asker: str) -> Answer | Streamed:
    size = _wished_size(request)
    found = await _find(gateway, request)
    small = await find_thumbnail(gateway.messenger.pool, found.media_id, size)
    if small is None:
        await in_thread(count_thumbnail, asker)
        small = await _make_thumbnail(gateway, found, size)
    return await _serve(request, small, small.filename)


async def _make_thumbnail(gateway: Gateway, found: Found, size: tuple[int, int, bool]) -> Found:
    """Whoever waits for its turn waits here and not in a thread, for everybody's sign-ins and counts need those; and
    what was made meanwhile is not made twice."""
    async with gateway.thumbnails:
        small = await find_thumbnail(gateway.messenger.pool, found.media_id, size)
        if small is not None:
            return small
        sha256, length = await in_thread(make_thumbnail, found.sha256, size)
        await keep_thumbnail(gateway.messenger, found.media_id, size, sha256, length)
        return Found(found.media_id, "image/jpeg", "thumbnail.jpg", sha256, length)


def _wished_size(request: Request) -> tuple[int, int, bool]:
    width, height = (request.number(name, 0, most=10_000) for name in ("width", "height"))
    method = request.one("method", "scale")
    if not width or not height or method not in ("crop", "scale"):
        raise bad_param("width and height are numbers of pixels; method is crop or scale.")
    return size_for(width, height, method == "crop")


async def _serve(request: Request, found: Found, name: str) -> Answer | Streamed:
    """The file with headers that let nothing in it run."""
    tag = f'"{found.sha256}"'.encode()
    if tag in request.headers.get(b"if-none-match", b""):
        return 304, b"", [(b"etag", tag), *SAFE]
    start, end = _part(request, found.size)
    if start > end and found.size:
        return 416, b"", [(b"content-range", f"bytes */{found.size}".encode()), *SAFE]
    length = end - start + 1
    headers = [
        (b"content-type", found.content_type.encode("latin-1")),
        (b"content-length", str(length).encode()),
        (b"content-disposition", _disposition(found.content_type, name)),
        (b"etag", tag),
        *SAFE,
    ]
    partial = length < found.size
    if partial:
        headers.append((b"content-range", f"bytes {start}-{end}/{found.size}".encode()))
    file = await in_thread(open_at, found.sha256, start)
    pieces = read_pieces(file, 0 if request.method == "HEAD" else length, in_thread)
    return Streamed(206 if partial else 200, headers, pieces)


def _part(request: Request, size: int) -> tuple[int, int]:
    """The first and the last byte that are wanted (RFC 9110, section 14). Other kinds of ranges: the whole."""
    match = RANGE.fullmatch(request.headers.get(b"range", b"").decode("latin-1"))
    if not match or match.groups() == ("", "") or b"if-range" in request.headers:
        return 0, size - 1
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    if first and last and start > int(last):
        return 0, size - 1
    return start, min(int(last), size - 1) if first and last else size - 1


def _disposition(content_type: str, name: str) -> bytes:
    how = "inline" if content_type.partition(";")[0].strip().lower() in INLINE else "attachment"
    name = "".join(char for char in name if char.isprintable())[:255]
    return (f"{how}; filename*=utf-8''{quote(name, safe='')}" if name else how).encode("ascii")
