"""A request that is in hand when its headers are, and its answer, on the connection itself, without an ASGI scope.

Nearly every request is so: its body is small or none, its length is said. Uvicorn's way through scope, cycle, events
and two messages for each answer costs more than most doors do. What is unusual (a long body, or one whose length is
not said; `Expect`; an old version; requests that do not wait for answers; a client that does not read) comes by ASGI
as before (docs/decisions/0031).
"""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from meydan.messaging.gateway.http import (
    HANG_UP,
    JSON_HEADERS,
    MAX_BODY,
    TOO_SLOW,
    Answer,
    Request,
    Streamed,
    refusal,
)

APP = "app"
"""Its name in the lifespan's state."""
HEADERS_ELSEWHERE = frozenset((b"transfer-encoding", b"expect", b"upgrade"))
CHUNKED, LAST_CHUNK = (b"transfer-encoding", b"chunked"), b"0\r\n\r\n"
Headers = Sequence[tuple[bytes, bytes]]


class Exchange:
    """In the place of uvicorn's `RequestResponseCycle`: uvicorn tells it by its attributes that the connection is lost
    or shall end, and keeps a next request until `response_complete`."""

    __slots__ = ("app", "body", "disconnected", "head", "keep_alive", "more_body", "owner", "response_complete")

    def __init__(self, app: Any, owner: Any, head: tuple[str, bytes, bytes, Headers], *, keep_alive: bool) -> None:
        self.app, self.owner, self.head = app, owner, head
        self.body = b""
        self.keep_alive = keep_alive
        self.more_body = True
        self.disconnected = self.response_complete = False

    @property
    def message_event(self) -> "Exchange":
        """What uvicorn sets when something has happened to the connection."""
        return self

    def set(self) -> None:
        """Whether somebody is still there is looked at when there is an answer."""

    def begin(self) -> None:
        """The whole request is here."""
        self.more_body = False
        tasks = self.owner.tasks
        task = self.owner.loop.create_task(self._serve())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def give_up(self) -> None:
        """Its body does not come."""
        self.keep_alive = False
        self._finish(refusal(TOO_SLOW))

    async def _serve(self) -> None:
        client = self.owner.client
        request = Request(*self.head, client[0] if client else "", whole=self.body)
        given = await self.app.answer(request)
        if isinstance(given, Streamed):
            await self._stream(given, is_head=request.method == "HEAD")
        else:
            self._finish(given, is_head=request.method == "HEAD")

    def _is_over(self) -> bool:
        """Whether nobody is there any more."""
        return bool(self.disconnected or self.owner.transport.is_closing())

    def _finish(self, given: Answer, *, is_head: bool = False) -> None:
        self._write(on_the_line(given, keep_alive=self.keep_alive, is_head=is_head))
        self._end()

    async def _stream(self, given: Streamed, *, is_head: bool) -> None:
        """Send it as fast as it is read, in chunks where its length is not known. (The door of a HEAD makes a stream
        without pieces: its file is closed all the same.) One that breaks off ends the connection with it."""
        owner = self.owner
        framed = all(name != b"content-length" for name, _value in given.headers) and not is_head
        headers = [*given.headers, CHUNKED] if framed else given.headers
        try:
            self._write(head_of(given.status, headers) + _end_of_head(keep_alive=self.keep_alive))
            async with aclosing(given.chunks) as chunks:
                async for chunk in chunks:
                    await owner.flow.drain()
                    if self._is_over():
                        break
                    owner.transport.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if framed and chunk else chunk)
            self._write(LAST_CHUNK if framed else b"")
        except BaseException:
            self.keep_alive = False
            raise
        finally:
            self._end()

    def _write(self, data: bytes) -> None:
        if data and not self._is_over():
            self.owner.transport.write(data)

    def _end(self) -> None:
        """The next one, or the end of the connection."""
        self.response_complete = True
        owner, self.owner = self.owner, None
        if not self.keep_alive:
            owner.transport.close()
        owner.on_response_complete()


def head_of_plain(method: bytes, url: bytes, headers: Headers) -> tuple[str, bytes, bytes, Headers] | None:
    """The head of a request that is plainly an ordinary one: its method, path, what comes after the question mark, and
    its headers. None for others."""
    if not url.startswith(b"/") or b"#" in url or _is_unusual(headers):
        return None
    target, _mark, query = url.partition(b"?")
    return method.decode("ascii"), target, query, headers


def _is_unusual(headers: Headers) -> bool:
    """Whether they tell of a long body, of one of unknown length, or want something else than an answer."""
    for name, value in headers:
        if name in HEADERS_ELSEWHERE or (name == b"content-length" and not _is_small(value)):
            return True
    return False


def _is_small(length: bytes) -> bool:
    return length.isdigit() and len(length) < 10 and int(length) <= MAX_BODY


def head_of(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The first lines of an answer."""
    return STATUS_LINE[status] + b"".join(b"%s: %s\r\n" % one for one in headers if one is not HANG_UP)


def _end_of_head(*, keep_alive: bool) -> bytes:
    return b"\r\n" if keep_alive else b"connection: close\r\n\r\n"


OK = head_of(200, JSON_HEADERS)


def on_the_line(given: Answer, *, keep_alive: bool, is_head: bool = False) -> bytes:
    """An answer as it goes over the connection."""
    status, body, headers = given
    head = OK if status == 200 and headers is JSON_HEADERS else head_of(status, headers)
    said = b"" if is_head else body
    return b"%scontent-length: %d\r\n%s%s" % (head, len(body), _end_of_head(keep_alive=keep_alive), said)
