"""The gateway: one ASGI callable. It finds the door, asks who is there, and turns refusals into the spec's errors."""

import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.gateway import doors
from meydan.messaging.gateway.http import (
    CORS,
    Answer,
    Receive,
    Request,
    Send,
    answer,
    refusal,
    send_answer,
)
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.reading import open_pool

log = logging.getLogger(__name__)
Lifespan = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
UNKNOWN = MatrixError(404, "M_UNRECOGNIZED", "There is no such address here.")
FAULT = MatrixError(500, "M_UNKNOWN", "Something went wrong on the server; it has been written down.")


class App:
    """The callable that uvicorn serves."""

    def __init__(self) -> None:
        self.gateway: Gateway | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.gateway = await start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.gateway.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            given = await self._answer(request)
        except MatrixError as error:
            given = refusal(error)
        except Exception:
            log.exception("%s %s", request.method, scope["path"])
            given = refusal(FAULT)
        if given is not None:
            await send_answer(send, given, head=request.method == "HEAD")

    async def _answer(self, request: Request) -> Answer | None:
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0].rstrip("/") or "/"
        if request.method == "OPTIONS":
            return 200, b"", CORS
        found = doors.ROUTES.find("GET" if request.method == "HEAD" else request.method, path)
        if found is None:
            if doors.ROUTES.methods_of(path):
                raise MatrixError(405, "M_UNRECOGNIZED", "This address does not know that method.")
            raise UNKNOWN
        door, request.path = found
        if self.gateway is None:
            raise MatrixError(503, "M_UNKNOWN", "The messenger is starting.")
        said = await door(self.gateway, request)
        return said if isinstance(said, tuple) else answer(said)


async def start() -> Gateway:
    """The gateway of this process, with its streams taken over."""
    settings = config().database()
    pool = await open_pool(settings)
    messenger = Messenger(pool, config().server_name)
    await messenger.start(f"{os.uname().nodename}:{os.getpid()}")
    return Gateway(messenger)


def make_app() -> App:
    """For uvicorn."""
    return App()
