"""How requests come in over a connection: uvicorn's way, with bounds for what comes before a body (`http.py` has those
of bodies)."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from meydan.messaging.gateway.parking import ADDRESS, PARKING, Parked

MOST_HEAD = 64 * 1024
"""Bytes of the request line and the headers; a little more passes when it comes at once."""
HEAD_SECONDS = 30.0
TOO_LARGE = b'{"errcode":"M_TOO_LARGE","error":"The headers are too long."}'
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\nconnection: close\r\n"


class Protocol(HttpToolsProtocol):
    """Hangs up on who sends headers without end, or none."""

    head = 0
    in_head = True
    waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself does
        """Somebody is there."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        super().data_received(data)
        if self.in_head:
            if self.waiting is None:
                self._wait()
            self.head += len(data)
            if self.head > MOST_HEAD and not self.transport.is_closing():
                length = b"content-length: %d\r\n\r\n" % len(TOO_LARGE)
                self.transport.write(REFUSAL + length + TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.in_head, self.head = True, 0

    def on_headers_complete(self) -> None:
        """Its headers are here."""
        self.in_head = False
        self._stop_waiting()
        if (poll := self._find_poll()) is None:
            super().on_headers_complete()
            return
        self.cycle, self.scope, self.headers, self.url = poll, None, None, b""  # type: ignore[assignment]  # uvicorn too
        poll.start()

    def _find_poll(self) -> Parked | None:
        """The request, where it is a poll that can wait without ASGI."""
        if not self.url.startswith(ADDRESS) or (self.cycle is not None and not self.cycle.response_complete):
            return None
        parser, parking = self.parser, self.app_state.get(PARKING)
        is_plain = parser.get_method() == b"GET" and parser.get_http_version() == "1.1" and parser.should_keep_alive()
        if parking is None or not is_plain or self.flow.write_paused or self.server_state.default_headers:
            return None
        found: Parked | None = parking.find(self, self.url, self.headers)
        return found

    def _wait(self) -> None:
        self.waiting = self.loop.call_later(HEAD_SECONDS, self._look_once_more)

    def _look_once_more(self) -> None:
        """Perhaps it is this process that was held up: what came meanwhile is read first."""
        self.waiting = self.loop.call_later(1, self._hang_up)

    def _hang_up(self) -> None:
        self.waiting = None
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None
