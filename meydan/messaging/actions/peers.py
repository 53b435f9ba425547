"""Gateways ask each other: who does not write a stream hands the work to the one that does.

Frames over TCP: four bytes of length, then msgpack. The first frame proves that both know the city's secret key; what
is said is trusted after that, for it comes from a gateway that has asked its own doors who is there.
"""

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from meydan.messaging.models.errors import MatrixError

MAX_FRAME = 8_000_000
ASK_SECONDS = 10.0
HELLO_SECONDS = 5.0
Handler = Callable[[str, bytes], Awaitable[bytes]]
pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder().decode
log = logging.getLogger(__name__)


class NotMine(Exception):
    """A peer says that it does not write this stream any more."""


def frame(value: Any) -> bytes:
    """A value as it travels."""
    data = pack(value)
    return len(data).to_bytes(4) + data


async def read_frame(reader: asyncio.StreamReader) -> Any:
    """The next value. EOFError at the end, ValueError beyond `MAX_FRAME`."""
    length = int.from_bytes(await reader.readexactly(4))
    if length > MAX_FRAME:
        raise ValueError("a frame too long")
    return unpack(await reader.readexactly(length))


class Line:
    """A line to another gateway, for many questions at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.numbers = itertools.count(1)
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.task = asyncio.create_task(self._read(reader), name="peer")

    @property
    def is_open(self) -> bool:
        """Whether questions can be asked."""
        return not self.task.done() and not self.writer.is_closing()

    async def ask(self, verb: str, values: bytes) -> Any:
        """The answer: [True, bytes], or [False, what is wrong]."""
        number = next(self.numbers)
        future = self.waiting[number] = asyncio.get_running_loop().create_future()
        self.writer.write(frame([number, verb, values]))
        try:
            return await asyncio.wait_for(future, ASK_SECONDS)
        finally:
            self.waiting.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                number, *said = await read_frame(reader)
                if (future := self.waiting.get(number)) is not None and not future.done():
                    future.set_result(said)
        except (OSError, EOFError, ValueError, msgspec.DecodeError):
            for future in self.waiting.values():
                if not future.done():
                    future.set_exception(EOFError())
        finally:
            self.writer.close()


class Peers:
    """This gateway's own door for the others, and its lines to theirs. `handle(verb, values)` does what is asked."""

    def __init__(self, secret: str, handle: Handler) -> None:
        self.proof = hmac.new(secret.encode(), b"meydan gateways", hashlib.sha256).digest()
        self.handle = handle
        self.address = ""
        self.lines: dict[str, Line] = {}
        self.server: asyncio.Server | None = None

    async def start(self, host: str) -> None:
        """Listen on a free port of this address."""
        self.server = await asyncio.start_server(self._serve, host, 0)
        name, port = self.server.sockets[0].getsockname()[:2]
        self.address = f"{name}:{port}"

    async def stop(self) -> None:
        """Hang up."""
        for line in self.lines.values():
            line.task.cancel()
            line.writer.close()
        if self.server is not None:
            self.server.close()

    async def ask(self, address: str, verb: str, values: Any) -> bytes:
        """What the gateway there answers. Raises its `MatrixError`; `NotMine`; OSError, EOFError for a broken line."""
        line = self.lines.get(address)
        if line is None or not line.is_open:
            line = self.lines[address] = await self._open(address)
        done, said = await line.ask(verb, pack(values))
        if done:
            answer: bytes = said
            return answer
        if said is None:
            raise NotMine
        status, errcode, message, more = said
        raise MatrixError(status, errcode, message, **more)

    async def _open(self, address: str) -> Line:
        host, _colon, port = address.rpartition(":")
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), HELLO_SECONDS)
        writer.write(frame(self.proof))
        return Line(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: set[asyncio.Task[None]] = set()
        try:
            hello = await asyncio.wait_for(read_frame(reader), HELLO_SECONDS)
            if not isinstance(hello, bytes) or not hmac.compare_digest(hello, self.proof):
                return
            while True:
                number, verb, values = await read_frame(reader)
                task = asyncio.create_task(self._answer(writer, number, verb, values))
                asked.add(task)
                task.add_done_callback(asked.discard)
        except (OSError, EOFError, ValueError, TimeoutError, msgspec.DecodeError):
            pass  # whoever asked hears nothing, and asks again
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, number: int, verb: str, values: bytes) -> None:
        try:
            said: list[Any] = [number, True, await self.handle(verb, values)]
        except NotMine:
            said = [number, False, None]
        except MatrixError as error:
            said = [number, False, [error.status, error.errcode, error.message, error.more]]
        except Exception:
            log.exception("a peer's %s", verb)
            said = [number, False, [500, "M_UNKNOWN", "Something went wrong on the server.", {}]]
        writer.write(frame(said))
