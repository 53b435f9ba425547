"""A gateway in a thread of the tests' own process, so that they can change what it is bound by; and people who speak to
it. One for each file of tests, over a copy of the empty database: it commits, and other tests count on an empty one."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import psycopg
import pytest
import urllib3
import uvicorn
from django.db import connections
from psycopg import sql

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.gateway import Protocol
from meydan.messaging.gateway.app import make_app
from meydan.messaging.gateway.exchange import APP
from meydan.messaging.gateway.parking import PARKING, Parking
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.queries.reading import open_pool

SERVER = "localhost"
PASSWORD = "correct horse battery staple"
WORKERS = 4
T = TypeVar("T")
_numbers = count(1)


class Served:
    """A gateway in a thread of its own."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.port = 0
        self.gateway: Gateway | None = None
        self.desk = ThreadPoolExecutor(1, initializer=self._look_at_copy)
        self.ready = threading.Event()
        self.ended: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="gateway")

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve."""
        self.thread.start()
        assert self.ready.wait(30), "the gateway did not start"

    def stop(self) -> None:
        """End, and give the database's connections back."""
        assert self.loop is not None
        assert self.ended is not None
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(30)

    def restart(self) -> None:
        """Serve again, elsewhere."""
        again = threading.Thread(target=lambda: asyncio.run(self._run()), name="gateway")
        self.thread, self.ready = again, threading.Event()
        self.start()

    def run(self, work: Callable[..., T], *values: Any) -> T:
        """What Django's side of the gateway finds or does."""
        return self.desk.submit(work, *values).result(60)

    def close(self) -> None:
        """Nothing more is asked."""
        self.desk.submit(connections.close_all).result(10)
        self.desk.shutdown()

    def _look_at_copy(self) -> None:
        connections["default"].settings_dict = self.settings

    async def _run(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        workers = ThreadPoolExecutor(WORKERS, initializer=self._look_at_copy)
        self.loop.set_default_executor(workers)
        pool = await open_pool(self.settings, 4)
        messenger, app = Messenger(pool, self.settings, SERVER, "a secret of the tests"), make_app()
        await messenger.start("127.0.0.1")
        app.gateway = self.gateway = Gateway(messenger)
        await self.gateway.start()
        quiet = {"ws": "none", "lifespan": "off", "log_level": "warning", "timeout_keep_alive": 75}
        bare = {"server_header": False, "date_header": False, "proxy_headers": False}
        options: dict[str, Any] = {"http": Protocol, **quiet, **bare}
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        server.lifespan.state.update({APP: app, PARKING: Parking(self.gateway)})  # as its own start does
        self.port = server.servers[0].sockets[0].getsockname()[1]
        self.ready.set()
        await self.ended.wait()
        server.should_exit = server.force_exit = True
        await app.gateway.stop()
        await serving
        await pool.close()
        _close_connections(workers)


def _close_connections(workers: ThreadPoolExecutor) -> None:
    """Each worker closes its own, and waits until all have."""
    together = threading.Barrier(WORKERS)

    def close() -> None:
        together.wait(10)
        connections.close_all()

    for closing in [workers.submit(close) for _ in range(WORKERS)]:
        closing.result()


@dataclass
class Reply:
    """An answer of the gateway."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    @property
    def errcode(self) -> str:
        """Of a refusal."""
        return str(self.json["errcode"])


@dataclass
class Client:
    """Somebody's client: requests with their token."""

    url: str
    user_id: str = ""
    token: str = ""
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=30))

    def ask(
        self, method: str, path: str, body: Any = None, /, *, headers: dict[str, str] | None = None, **query: Any
    ) -> Reply:
        """Any request; `path` from the root, or below `/_matrix/client/v3/`."""
        address = path if path.startswith("/") else f"/_matrix/client/v3/{path}"
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}{address}{'?' + urlencode(query) if query else ''}"
        answer = self.pool.request(method, url, body=data, headers={**sent, **(headers or {})})
        return Reply(answer.status, answer.headers, answer.data)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an address that answers."""
        reply = self.ask("GET", path, **query)
        assert reply.status == 200, reply.body
        return reply.json

    def post(self, path: str, body: Any = None) -> Any:
        """The same after a POST."""
        reply = self.ask("POST", path, {} if body is None else body)
        assert reply.status == 200, reply.body
        return reply.json

    def put(self, path: str, body: Any = None) -> Any:
        """The same after a PUT."""
        reply = self.ask("PUT", path, {} if body is None else body)
        assert reply.status == 200, reply.body
        return reply.json

    def make_room(self, **body: Any) -> str:
        """A room's id."""
        return str(self.post("createRoom", body)["room_id"])

    def send(self, room: str, content: dict[str, Any] | str, kind: str = "m.room.message") -> str:
        """Send a message; its event id."""
        said = {"msgtype": "m.text", "body": content} if isinstance(content, str) else content
        return str(self.put(f"rooms/{quote(room)}/send/{kind}/{next(_numbers)}", said)["event_id"])

    def join(self, room: str) -> None:
        """Enter."""
        self.post(f"join/{quote(room)}")


Cast = Callable[[str], Client]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whoever asks for the gateway asks for the database that it is made from."""
    if "served" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="module")
def served(django_db_setup: None) -> Iterator[Served]:
    """A gateway that runs while the file's tests do."""
    place = connections["default"].settings_dict
    connections.close_all()
    _copy_database(place)
    running = Served({**place, "NAME": _copy_of(place)})
    running.start()
    yield running
    running.stop()
    running.close()


def _copy_of(place: dict[str, Any]) -> str:
    """Its name; each process of the tests has its own."""
    return f"{place['NAME']}_served"


def _copy_database(place: dict[str, Any]) -> None:
    """Nobody may be connected to what is copied."""
    keys = {"host": place["HOST"], "port": place["PORT"], "user": place["USER"], "password": place["PASSWORD"]}
    copy, original = sql.Identifier(_copy_of(place)), sql.Identifier(place["NAME"])
    with psycopg.connect(dbname="postgres", autocommit=True, **keys) as line:
        for _try in range(50):
            try:
                line.execute(sql.SQL("drop database if exists {} with (force)").format(copy))
                break
            except psycopg.errors.InsufficientPrivilege:  # the database's own cleaner is in it
                time.sleep(0.2)
        line.execute(sql.SQL("create database {} template {}").format(copy, original))


@pytest.fixture
def sign_in(served: Served) -> Iterator[Cast]:
    """Opens an account whose name begins so, and signs a client in."""
    clients: list[Client] = []

    def make(stem: str) -> Client:
        name = f"{stem}{next(_numbers)}"
        client = Client(served.url)
        clients.append(client)
        body = {"username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        said = client.post("register", body)
        client.user_id, client.token = said["user_id"], said["access_token"]
        return client

    yield make
    for client in clients:
        client.pool.clear()


def wait_for(what: Callable[[], Any], seconds: float = 10) -> Any:
    """What it gives once that is something."""
    ends = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found
