"""Stored files on their way out. Knows HTTP."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from meydan.kernel.errors import NotFound
from meydan.kernel.files import open_file
from meydan.kernel.models import StoredFile

ONE_YEAR = 365 * 24 * 3600
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
