"""What a door of the gateway gets and gives: requests read within bounds, answers, errors; and which door is where.

Raw ASGI: one callable for each method and address, composed without a framework.
"""

import asyncio
import gzip
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import asyncpg
import msgspec
from django.db import DataError

from meydan.kernel.config import config
from meydan.kernel.proxies import address_behind
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.shapes import MOST_DEPTH, check_depth, is_whole
from meydan.messaging.queries.reading import DATABASE_GONE

log = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, bytes, list[tuple[bytes, bytes]]]
Door = Callable[..., Awaitable[Any]]
T = TypeVar("T")

MAX_BODY = 256 * 1024
BODY_SECONDS = 30.0  # the longest wait for the next piece of a body
CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization, Date, Range"),
    (b"access-control-expose-headers", b"Server, Location, ETag, Content-Disposition, Content-Range, Retry-After"),
]
LEAVE = [*CORS, (b"access-control-max-age", b"86400")]
"""What a browser is told before it asks from another origin: it need not ask again for this address (a day; Chromium
takes two hours). Each time it does costs a whole round trip."""
JSON_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *CORS]
HANG_UP = (b"connection", b"close")
TOO_SLOW = MatrixError(408, "M_UNKNOWN", "The request's body does not come.")
GONE = MatrixError(503, "M_UNKNOWN", "The server's database does not answer; try again.", retry_after_ms=1000)
NO_ROOM = MatrixError(
    400, "M_INVALID_PARAM", "Something in it cannot be kept: a zero in a text, or a number too large."
)
UNFIT = (DataError, asyncpg.DataError)
FAULT = MatrixError(500, "M_UNKNOWN", "Something went wrong on the server; it has been written down.")
MOST_UNREAD = 8 * 1024 * 1024
"""Bytes of a refused body that are let in all the same: who is hung up on while they send does not read the refusal."""
CARRIER, CARRIED = b"/_matrix/client/unstable/", b"Bearer "
"""Ours: below this address a token may stand in the body's first line, as it stands in the header else. A browser sends
such a request to another origin at once; for one with the header, or a type of its own, it asks leave first (Fetch
standard, "CORS-preflight fetch"), which costs a round trip."""
WORTH_SQUEEZING, SQUEEZE = 3_000, 2
"""From so many bytes on, at this of gzip's levels: 0.3 ms for 30 kB."""
SQUEEZED = [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that is sent piece by piece; its headers say how long it is, where that is known."""

    status: int
    headers: list[tuple[bytes, bytes]]
    chunks: AsyncGenerator[bytes, None]


class Request:
    """One request. `target` is its address as it was sent, `query_string` what came after the question mark, `peer` who
    the socket says is there, `path` the parts that the route names, decoded. The body is `whole`, or comes by
    `receive`."""

    __slots__ = (
        "_query",
        "all_headers",
        "carried",
        "headers",
        "method",
        "path",
        "peer",
        "query_string",
        "receive",
        "target",
        "whole",
    )

    def __init__(
        self,
        method: str,
        target: bytes,
        query_string: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        peer: str,
        *,
        whole: bytes | None = None,
        receive: Receive | None = None,
    ) -> None:
        self.method, self.target, self.query_string, self.peer = method, target, query_string, peer
        self.all_headers, self.headers = headers, dict(headers)
        self.whole, self.receive, self.carried = whole, receive, b""
        if whole is not None and whole.startswith(CARRIED) and target.startswith(CARRIER):
            self.carried, _end, self.whole = whole.partition(b"\n")
        self.path: dict[str, str] = {}
        self._query: dict[str, list[str]] | None = None

    @property
    def address(self) -> str:
        """Who asks, behind the city's own proxies."""
        forwarded = b",".join(value for name, value in self.all_headers if name == b"x-forwarded-for")
        return address_behind(self.peer, forwarded.decode("latin-1"), config().trusted_proxies)

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters after the question mark."""
        if self._query is None:
            text = self.query_string.decode("latin-1")
            try:
                self._query = parse_qs(text, keep_blank_values=True, max_num_fields=100) if text else {}
            except ValueError as error:
                raise MatrixError(400, "M_INVALID_PARAM", "Too many parameters.") from error
        return self._query

    def one(self, name: str, default: str = "") -> str:
        """A parameter that is said once."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int, *, most: int) -> int:
        """A parameter that is a whole number, held within 0 and `most`."""
        text = self.one(name)
        if not text:
            return default
        if not is_whole(text.removeprefix("-")):
            raise MatrixError(400, "M_INVALID_PARAM", f"{name} is a whole number.")
        return max(0, min(int(text), most))

    @property
    def token(self) -> str:
        """The access token, "" when there is none."""
        header = self.headers.get(b"authorization", self.carried)
        if header[:7].lower() == b"bearer ":
            return header[7:].decode("latin-1").strip()
        return self.one("access_token")

    async def _piece(self) -> MutableMapping[str, Any]:
        """The next piece of the body; whoever stops to send is not waited for."""
        if self.receive is None:
            return {"type": "http.request", "body": self.whole or b""}
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await self.receive()
        except TimeoutError as error:
            raise TOO_SLOW from error
        if message["type"] == "http.disconnect":
            raise MatrixError(400, "M_UNKNOWN", "The request broke off.")
        return message

    async def body(self, most: int = MAX_BODY) -> bytes:
        """The whole body. `M_TOO_LARGE` beyond `most` bytes."""
        if self.whole is not None:
            return _bounded(self.whole, most)
        first = await self._piece()
        if not first.get("more_body"):
            data: bytes = first.get("body", b"")
            return _bounded(data, most)
        parts, size = [first.get("body", b"")], len(first.get("body", b""))
        while True:
            message = await self._piece()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise _too_large(most)
            if not message.get("more_body"):
                return b"".join(parts)

    async def pieces(self, most: int) -> AsyncGenerator[bytes, None]:
        """The body piece by piece. `M_TOO_LARGE` beyond `most` bytes, at once where its length is said."""
        said = self.headers.get(b"content-length", b"")
        if said.isdigit() and int(said[:19]) > most:
            raise _too_large(most)
        size, more = 0, True
        while more:
            message = await self._piece()
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > most:
                raise _too_large(most)
            yield piece

    def is_without_end(self, error: Exception) -> bool:
        """Whether the body of a request that was refused so is not worth waiting for."""
        if not isinstance(error, MatrixError):
            return False
        said = self.headers.get(b"content-length", b"")
        return error.status == 408 or (error.status == 413 and not (said.isdigit() and int(said[:19]) <= MOST_UNREAD))

    async def json(self, most: int = MAX_BODY) -> dict[str, Any]:
        """The body as a JSON object; an empty one counts as `{}`."""
        return read_object(await self.body(most))


def _bounded(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise _too_large(most)
    return data


def _too_large(most: int) -> MatrixError:
    return MatrixError(413, "M_TOO_LARGE", f"At most {most} bytes.")


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object. `M_NOT_JSON` for what is not JSON, `M_BAD_JSON` for what is none."""
    if not data:
        return {}
    try:
        value = decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MatrixError(400, "M_NOT_JSON", "This is not valid JSON.") from error
    if not isinstance(value, dict):
        raise MatrixError(400, "M_BAD_JSON", "Send a JSON object.")
    if data.count(b"{") + data.count(b"[") > MOST_DEPTH:
        check_depth(value)
    return value


def need(body: Mapping[str, Any], name: str, kind: type[T], default: T | None = None) -> T:
    """A field of this type. `M_MISSING_PARAM` without it, unless there is a `default`; `M_BAD_JSON` for a wrong one."""
    value = body.get(name)
    if value is None:
        if default is None:
            raise MatrixError(400, "M_MISSING_PARAM", f"{name} is missing.")
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MatrixError(400, "M_BAD_JSON", f"{name} is not a {kind.__name__}.")
    return value


def answer(value: Any, status: int = 200) -> Answer:
    """A value as JSON."""
    return status, value if isinstance(value, bytes) else encode(value), JSON_HEADERS


def squeezed(request: Request, value: Any) -> Answer:
    """A value as JSON, compressed where the client takes it and it is worth the work: a first sync of 30 kB is six
    seconds on a line of the second generation, and one when it is squeezed."""
    status, body, headers = answer(value)
    if len(body) < WORTH_SQUEEZING or b"gzip" not in request.headers.get(b"accept-encoding", b""):
        return status, body, headers
    return status, gzip.compress(body, SQUEEZE, mtime=0), [*headers, *SQUEEZED]


def refusal(error: MatrixError, *, hang_up: bool = False) -> Answer:
    """An error as the spec writes it (section "Standard error response"). `hang_up`: nothing more is read."""
    headers = [*JSON_HEADERS, HANG_UP] if hang_up else JSON_HEADERS
    if isinstance(wait := error.more.get("retry_after_ms"), int):
        headers = [*headers, (b"retry-after", str(-(-wait // 1000)).encode())]
    return error.status, encode({"errcode": error.errcode, "error": error.message, **error.more}), headers


def answer_to(error: Exception, asked: str, *, hang_up: bool = False) -> Answer:
    """What is said instead of an answer; whatever is no refusal is written down."""
    if isinstance(error, MatrixError):
        return refusal(error, hang_up=hang_up)
    if isinstance(error, DATABASE_GONE):
        log.warning("%s: the database does not answer: %s", asked, error)
        return refusal(GONE)
    if isinstance(error, UNFIT):
        log.warning("%s: the database cannot hold it: %s", asked, error)
        return refusal(NO_ROOM)
    log.error("%s", asked, exc_info=error)
    return refusal(FAULT)


async def send_answer(send: Send, given: Answer, *, head: bool = False) -> None:
    """Send it, with its length."""
    status, data, headers = given
    length = (b"content-length", str(len(data)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": b"" if head else data})


async def send_stream(send: Send, given: Streamed) -> None:
    """Send it as it comes. (The door of a HEAD makes a stream without pieces: its file is closed all the same.)"""
    await send({"type": "http.response.start", "status": given.status, "headers": given.headers})
    async with aclosing(given.chunks) as chunks:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class Routes:
    """Which door an address leads to. A part in braces matches one segment: `rooms/{room}/send/{type}/{txn}`."""

    def __init__(self) -> None:
        self.plain: dict[tuple[str, str], Door] = {}
        self.patterns: dict[tuple[str, int, str], list[tuple[re.Pattern[str], Door]]] = {}
        self.known: list[tuple[str, str, Door]] = []

    def add(self, method: str, *paths: str) -> Callable[[Door], Door]:
        """Mark a function as the door of these addresses (each written from the root, without a slash at its end)."""

        def mark(door: Door) -> Door:
            for path in paths:
                self.known.append((method, path, door))
                if "{" not in path:
                    self.plain[method, path] = door
                    continue
                pattern = re.compile("/".join(_part(one) for one in path.split("/")))
                self.patterns.setdefault((method, path.count("/"), _head(path)), []).append((pattern, door))
            return door

        return mark

    def find(self, method: str, path: str) -> tuple[Door, dict[str, str]] | None:
        """The door, and the named parts, decoded."""
        door = self.plain.get((method, path))
        if door is not None:
            return door, {}
        for pattern, found in self.patterns.get((method, path.count("/"), _head(path)), ()):
            if match := pattern.fullmatch(path):
                return found, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def methods_of(self, path: str) -> set[str]:
        """The methods that this address knows."""
        return {method for method in ("GET", "POST", "PUT", "DELETE") if self.find(method, path)}


def _part(part: str) -> str:
    return f"(?P<{part[1:-1]}>[^/]*)" if part.startswith("{") else re.escape(part)


def _head(path: str) -> str:
    """What the table is sorted by beside the number of parts: the fifth one, "rooms" or "user" for most."""
    parts = path.split("/", 5)
    return parts[4] if len(parts) > 4 and "{" not in parts[4] else ""
