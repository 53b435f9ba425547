"""How requests come in over a connection: uvicorn's way, with bounds for what comes before a body (`http.py` has those
of bodies)."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from meydan.messaging.gateway.exchange import APP, Exchange, head_of_plain
from meydan.messaging.gateway.http import BODY_SECONDS
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
        elif (exchange := self._exchange()) is not None and exchange.more_body:
            self._stop_waiting()
            self.waiting = self.loop.call_later(BODY_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        """A request begins. Its scope is made when it comes by ASGI."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self.in_head, self.head = True, 0

    def on_headers_complete(self) -> None:
        """Its headers are here."""
        self.in_head = False
        self._stop_waiting()
        if not self._is_ordinary():
            self._go_by_asgi()
        elif (poll := self._find_poll()) is not None:
            self.cycle, self.headers, self.url = poll, None, b""  # type: ignore[assignment]  # as uvicorn's cycle
            poll.start()
        elif (head := head_of_plain(self.parser.get_method(), self.url, self.headers)) is not None:
            keep_alive = self.parser.should_keep_alive()
            self.cycle = Exchange(self.app_state[APP], self, head, keep_alive=keep_alive)  # type: ignore[assignment]  # as uvicorn's
        else:
            self._go_by_asgi()

    def on_body(self, body: bytes) -> None:
        """A piece of its body is here. One that is taken whole is bounded by the length that was said."""
        if (exchange := self._exchange()) is not None:
            exchange.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        if (exchange := self._exchange()) is None:
            super().on_message_complete()
        elif exchange.more_body:
            self._stop_waiting()
            exchange.begin()

    def _go_by_asgi(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        super().on_headers_complete()

    def _is_ordinary(self) -> bool:
        """Whether a request waits for no other, and its answer for nobody who does not read."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and self.parser.get_http_version() == "1.1"
            and not self.flow.write_paused
            and not self.server_state.default_headers
            and APP in self.app_state
        )

    def _find_poll(self) -> Parked | None:
        """The request, where it is a poll that can wait without a task."""
        if not self.url.startswith(ADDRESS) or self.parser.get_method() != b"GET":
            return None
        if not self.parser.should_keep_alive():
            return None
        found: Parked | None = self.app_state[PARKING].find(self, self.url, self.headers)
        return found

    def _give_up(self) -> None:
        self.waiting = None
        exchange = self._exchange()
        if exchange is not None and exchange.more_body and not exchange.response_complete:
            exchange.give_up()

    def _exchange(self) -> Exchange | None:
        cycle: Any = self.cycle
        return cycle if isinstance(cycle, Exchange) else None

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
