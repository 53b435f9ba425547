"""Stored files on their way out. Knows HTTP."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse

from meydan.kernel.errors import NotFound
from meydan.kernel.files import open_file
from meydan.kernel.models import StoredFile

ONE_YEAR = 365 * 24 * 3600
PIECE = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def serve_file(
    request: HttpRequest, sha256: str, variant: str = "full", *, public: bool = False, seconds: int = ONE_YEAR
) -> HttpResponse:
    """A stored picture, with headers that let nothing in it run. Whether the reader may see it, ask before.

    `sha256` is the StoredFile's; `variant` is `full` or `thumb`. `public` lets shared caches keep it. `seconds`: how
    long a browser may go without asking again, where the address may show another file later. Answers conditional and
    single-range requests. NotFound for what is not there.
    """
    row = StoredFile.objects.filter(sha256=sha256).first()
    form = row.variants.get(variant) if row else None
    if form is None:
        raise NotFound
    tag = f'"{form["sha256"]}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        with open_file(form["sha256"]) as file:
            response = _part(request, file.read(), form["media_type"])
    return _dress(response, tag, public, seconds)


def _part(request: HttpRequest, body: bytes, media_type: str) -> HttpResponse:
    """The whole body, or the one range that was asked for (RFC 9110, section 14). Other kinds of ranges: the whole."""
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    if not match or match.groups() == ("", "") or "If-Range" in request.headers:
        return HttpResponse(body, content_type=media_type)
    first, last = match.groups()
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last), len(body) - 1) if first and last else len(body) - 1
    if start > end:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{len(body)}"
        return response
    response = HttpResponse(body[start : end + 1], content_type=media_type, status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return response


def _dress(response: HttpResponse, tag: str, public: bool, seconds: int) -> HttpResponse:
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    lasts = f"max-age={seconds}" + (", immutable" if seconds == ONE_YEAR else "") if seconds else "no-cache"
    response["Cache-Control"] = f"{'public' if public else 'private'}, {lasts}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def send_file(
    request: HttpRequest, sha256: str, *, size: int, media_type: str, name: str, public: bool = True
) -> HttpResponseBase:
    """A stored file to be saved under `name`, piece by piece: never all of it in memory. `size` in bytes. Whether the
    reader may have it, ask before.

    A download that broke off goes on where it ended: one range is answered, and with `If-Range` only while the file is
    the same (RFC 9110, section 13.1.5). NotFound for what is not there.
    """
    tag = f'"{sha256}"'
    if tag in request.headers.get("If-None-Match", ""):
        return _as_download(HttpResponseNotModified(), tag, name, public)
    first, last = _wanted(request, tag, size)
    if first >= size and size:
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{size}"
        return _as_download(refusal, tag, name, public)
    part = (first, last) != (0, size - 1)
    file = open_file(sha256, first)
    pieces: Iterator[bytes] = iter(()) if request.method == "HEAD" else _pieces(file, last - first + 1)
    response = StreamingHttpResponse(pieces, content_type=media_type, status=206 if part else 200)
    response["Content-Length"] = str(last - first + 1)
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _as_download(response, tag, name, public)


def _wanted(request: HttpRequest, tag: str, size: int) -> tuple[int, int]:
    """The first and last byte that are wanted; the whole where no single range is asked for, or of another file."""
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    if not match or match.groups() == ("", "") or request.headers.get("If-Range", tag) != tag:
        return 0, size - 1
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)) if int(last) else size, size - 1
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if end >= int(first) or int(first) >= size else (0, size - 1)


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _as_download(response: HttpResponseBase, tag: str, name: str, public: bool) -> HttpResponseBase:
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable" if public else "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
