"""A push gateway on loopback, which keeps what it gets and can be in a bad mood; and a browser's service."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    answered: int

    @property
    def notification(self) -> dict[str, Any]:
        """What a push gateway is told."""
        said: dict[str, Any] = json.loads(self.body)["notification"]
        return said


@dataclass
class Moods:
    """What is answered to the next requests, one after the other, and then to all others: a status, or a word."""

    next: list[str] = field(default_factory=list)
    always: str = "200"

    def take(self) -> str:
        return self.next.pop(0) if self.next else self.always


class PushGateway(ThreadingHTTPServer):
    """Give it moods, and look at what it `got`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[Got] = []
        self.moods = Moods()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/_matrix/push/v1/notify"

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The notifications that were taken well."""
        return [one.notification for one in list(self.got) if one.answered == 200]

    def events(self) -> list[str]:
        """Their events."""
        return [one["event_id"] for one in self.taken if "event_id" in one]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is theirs."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mood = server.moods.take()
        status = int(mood) if mood.isdigit() else 200 if mood in ("rejects", "noise") else 0
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.got.append(Got(self.path, headers, body, status if mood != "noise" else 0))
        if mood == "slow":
            time.sleep(3)
        elif mood == "rejects":
            self._say(200, {"rejected": [json.loads(body)["notification"]["devices"][0]["pushkey"]]})
        elif mood == "noise":
            self._say(200, "<html>")
        elif mood != "drops":
            self._say(status, {"rejected": []})

    def _say(self, status: int, said: Any) -> None:
        data = json.dumps(said).encode()
        self.send_response(status)
        if status in (301, 307):
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def push_gateway() -> Iterator[PushGateway]:
    """One that answers until the block ends."""
    running = PushGateway()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
