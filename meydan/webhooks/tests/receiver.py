"""Another program's address on loopback, which keeps what it gets and can be in a bad mood."""

import json
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One request that arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver(ThreadingHTTPServer):
    """`mood` says what it does with the next events; `consent` what it answers to being asked: the allowed origin, ""
    for none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[Got] = []
        self.mood = ""
        self.consent, self.rate = "*", ""
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/events?from=city"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is theirs."""

    def do_OPTIONS(self) -> None:
        server: Any = self.server
        server.asked.append(self.headers["WebHook-Request-Origin"])
        self.send_response(200)
        if server.consent:
            self.send_header("WebHook-Allowed-Origin", server.consent)
        if server.rate:
            self.send_header("WebHook-Allowed-Rate", server.rate)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
        if server.mood == "late":
            time.sleep(2)
        elif server.mood == "noise":
            self.wfile.write(b"\x16\x03\x01 this is not HTTP")
        elif server.mood == "huge":
            self._say(200, b"x" * 3_000_000)
        elif server.mood == "drips":
            self.send_response(200)
            self.end_headers()
            for _drop in range(20):
                self.wfile.write(b"x")
                time.sleep(0.2)
        elif server.mood.isdigit():
            self._say(int(server.mood), b"<html>oops\0</html>")
        elif server.mood != "drops":
            self._say(204, b"")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status in (301, 307):
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(body)
