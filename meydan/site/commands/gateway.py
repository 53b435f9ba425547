"""`meydan gateway`: the messenger's doors, as raw ASGI."""

import argparse
import asyncio
import gc
import importlib
import socket
from collections.abc import Callable
from types import FrameType

import django
import uvicorn

from meydan.kernel.config import config
from meydan.site.processes import name_process

BACKLOG = 4096
STOP_SECONDS = 5
GARBAGE = (10_000, 20, 20)
"""Python looks for cycles after so many new objects, and in older ones after so many looks. Requests in flight are
mostly alive when it looks: by its own numbers (700, 10, 10) it looks a dozen times as often, which took up to a seventh
of the process's time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gateway-port", type=int, help="where the messenger is served (MEYDAN_GATEWAY_PORT, 8008)")
    parser.add_argument("--bind", help="the address to listen on (MEYDAN_BIND, 127.0.0.1)")


class Server(uvicorn.Server):
    """Uvicorn waits for every request before it ends, and a poll would keep it waiting: those are answered first. And
    it looks ten times a second whether it shall end, which took most of what a quiet gateway costs: here it is told."""

    end_polls: Callable[[], None]

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.asked_to_end = asyncio.Event()

    async def main_loop(self) -> None:
        self.loop = asyncio.get_running_loop()
        while not self.should_exit:
            await self.asked_to_end.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.asked_to_end.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.end_polls()
        await super().shutdown(sockets)


def run(_options: argparse.Namespace) -> int:
    """Serve until told to end."""
    name_process("gateway")
    django.setup(set_prefix=False)
    gateway = importlib.import_module("meydan.messaging.gateway")  # its tables exist only after the set-up
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    app = gateway.make_app()
    server = Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=gateway.Protocol,
            ws="none",
            lifespan="on",
            backlog=BACKLOG,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # whose word counts is the city's setting (`Request.address`)
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    server.end_polls = app.end_polls
    server.run(sockets=[_listen(config().bind, config().gateway_port)])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A socket that a successor may share while the one before ends."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(address)
    return listening
