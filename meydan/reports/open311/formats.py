"""XML and JSON of GeoReport v2. Source: the specification (wiki.open311.org/GeoReport_v2); its JSON follows the
Spark convention, in which a list stands bare, without the name of its element.

An answer is plain data (dict, list, str, bool, int, float, datetime with zone, None) under its root element's name.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import escape

ITEMS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
    "notes": "note",
    "media_urls": "media_url",
}
"""A list's element -> the element of each item."""

PROLOGUE = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Format(StrEnum):
    """The ending of an address."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The `Content-Type` that the specification asks for."""
        return "text/xml; charset=utf-8" if self is Format.XML else "application/json; charset=utf-8"


def write(root: str, data: Any, form: Format) -> bytes:
    """The whole answer. A list may be any iterable: its items are written one by one and not kept."""
    pieces = _json(data) if form is Format.JSON else (PROLOGUE, *_xml(root, data))
    return b"".join(piece.encode() for piece in pieces)


def _json(data: Any) -> Iterator[str]:
    if isinstance(data, str | Mapping):
        yield _dumps(data)
        return
    comma = "["
    for item in data:
        yield comma + _dumps(item)
        comma = ","
    yield "[]" if comma == "[" else "]"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else str(value)


def moment(value: datetime) -> str:
    """ISO 8601 with its zone, to the second."""
    return value.isoformat(timespec="seconds")


def _xml(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"<{name}>"
        for key, one in value.items():
            yield from _xml(key, one)
        yield f"</{name}>"
    elif isinstance(value, Iterable) and not isinstance(value, str):
        yield f"<{name}>"
        for one in value:
            yield from _xml(ITEMS[name], one)
        yield f"</{name}>"
    else:
        text = _text(value)
        yield f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(value)
    return escape(_NOT_IN_XML.sub("", str(value)))
