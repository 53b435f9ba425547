"""The gateway: one ASGI callable. It finds the door, asks who is there, and turns refusals into the spec's errors."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.messenger import Messenger, WrongName
from meydan.messaging.gateway import doors
from meydan.messaging.gateway.exchange import APP
from meydan.messaging.gateway.http import (
    LEAVE,
    Answer,
    Receive,
    Request,
    Send,
    Streamed,
    answer,
    answer_to,
    send_answer,
    send_stream,
)
from meydan.messaging.gateway.parking import PARKING, Parking
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.reading import open_pool

Lifespan = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
UNKNOWN = MatrixError(404, "M_UNRECOGNIZED", "There is no such address here.")
NO_ZERO = MatrixError(400, "M_INVALID_PARAM", "No name has a zero in it: the database could not hold it.")


class App:
    """The callable that uvicorn serves."""

    def __init__(self) -> None:
        self.gateway: Gateway | None = None

    def end_polls(self) -> None:
        """Answer all who wait: the process is about to end."""
        if self.gateway is not None:
            self.gateway.messenger.live.end_polls()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope["state"], receive, send)

    async def _live(self, state: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        try:
            self.gateway = await start()
        except WrongName as error:
            await send({"type": "lifespan.startup.failed", "message": f"The messenger cannot start: {error}"})
            return
        state[PARKING], state[APP] = Parking(self.gateway), self
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.gateway.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        peer = (scope.get("client") or ("", 0))[0]
        request = Request(
            scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], peer, receive=receive
        )
        given = await self.answer(request)
        if isinstance(given, Streamed):
            await send_stream(send, given)
        else:
            await send_answer(send, given, head=request.method == "HEAD")

    async def answer(self, request: Request) -> Answer | Streamed:
        """What is said to a request, in whichever way it came."""
        try:
            return await self._answer(request)
        except Exception as error:
            asked = f"{request.method} {request.target.decode('latin-1')}"
            return answer_to(error, asked, hang_up=request.is_without_end(error))

    async def _answer(self, request: Request) -> Answer | Streamed:
        if b"%00" in request.target or b"%00" in request.query_string:
            raise NO_ZERO
        if request.method == "OPTIONS":
            return 200, b"", LEAVE
        path = request.target.decode("latin-1").rstrip("/") or "/"
        found = doors.ROUTES.find("GET" if request.method == "HEAD" else request.method, path)
        if found is None:
            if doors.ROUTES.methods_of(path):
                raise MatrixError(405, "M_UNRECOGNIZED", "This address does not know that method.")
            raise UNKNOWN
        door, request.path = found
        if self.gateway is None:
            raise MatrixError(503, "M_UNKNOWN", "The messenger is starting.")
        said = await door(self.gateway, request)
        return said if isinstance(said, tuple | Streamed) else answer(said)


async def start() -> Gateway:
    """The gateway of this process, with its streams taken over."""
    settings = config().database()
    pool = await open_pool(settings)
    messenger = Messenger(pool, settings, config().server_name, config().secret_key)
    await messenger.start(config().bind)
    gateway = Gateway(messenger)
    await gateway.start()
    return gateway


def make_app() -> App:
    """For uvicorn."""
    return App()
