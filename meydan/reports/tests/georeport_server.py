"""Another authority's Open311 server on loopback, which keeps what it gets and can be in a bad mood."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SLOW = 2.0
"""Seconds; more than the client's patience in the tests."""


class GeoReportServer(ThreadingHTTPServer):
    """`requests` are those that were filed, by number. `mood` says what goes wrong with the next POST, `list_mood` with
    the next GET; "" is a good server."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.mood = self.list_mood = ""
        self.asked: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/open311/v2"

    def keep(self, fields: dict[str, str]) -> str:
        number = str(700 + len(self.requests))
        self.requests[number] = {**fields, "service_request_id": number, "status": "open", "status_notes": ""}
        return number


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is theirs."""

    def do_POST(self) -> None:
        server: Any = self.server
        length = int(self.headers.get("Content-Length") or 0)
        fields = dict(parse_qsl(self.rfile.read(length).decode()))
        mood, path = server.mood, urlsplit(self.path).path
        server.asked.append(f"POST {path}")
        if mood == "drops before":
            return
        if mood in ("declines", "busy", "500 before"):
            status = {"declines": 400, "busy": 503}.get(mood, 500)
            self._say([{"code": "400", "description": "No <b>such</b> service"}], status)
            return
        number = server.keep(fields)
        if path.endswith(".xml"):
            self._xml(
                f"<service_requests><request><service_request_id>{number}</service_request_id></request></service_requests>"
            )
            return
        self._spoil(mood, number) if mood else self._say([{"service_request_id": number}])

    def _spoil(self, mood: str, number: str) -> None:
        server: Any = self.server
        good = json.dumps([{"service_request_id": number}]).encode()
        if mood == "token":
            server.tokens["t1"] = number
            self._say([{"token": "t1"}])
        elif mood == "late":
            time.sleep(SLOW)
        elif mood == "drips":
            self._head(200, len(good))
            for index in range(len(good)):
                self.wfile.write(good[index : index + 1])
                time.sleep(0.2)
        elif mood == "bare":
            self._say({"service_request_id": int(number)})
        elif mood == "twice":
            self._say([{"service_request_id": number}, {"service_request_id": number}])
        elif mood != "drops after":
            body = {
                "html": b"<!doctype html><h1>Welcome</h1>",
                "half": good[:9],
                "500 after": b"oops",
                "no id": b'[{"service_notice": "thanks"}]',
                "list in list": b"[[[[]]]]",
                "deep": b"[" * 100_000,
                "huge": b"[" + b"1," * 3_000_000,
                "long id": json.dumps([{"service_request_id": "9" * 5000}]).encode(),
                "redirect": b"",
            }[mood]
            self._head({"500 after": 500, "redirect": 302}.get(mood, 200), len(body))
            self.wfile.write(body)

    def do_GET(self) -> None:
        server: Any = self.server
        path = urlsplit(self.path).path
        server.asked.append(f"GET {path}")
        if server.list_mood == "html":
            self._xml("<html><body>busy</body></html>")
        elif server.list_mood == "drops":
            return
        elif server.list_mood == "wrong id":
            self._say([{"service_request_id": "1", "status": "closed"}])
        elif "/tokens/" in path:
            self._say([{"token": "t1", "service_request_id": server.tokens["t1"]}])
        elif path.endswith("/requests.json"):
            self._say(list(server.requests.values()))
        else:
            self._say([server.requests[path.rpartition("/")[2].partition(".")[0]]])

    def _say(self, found: Any, status: int = 200) -> None:
        body = json.dumps(found).encode()
        self._head(status, len(body))
        self.wfile.write(body)

    def _xml(self, text: str) -> None:
        self._head(200, len(text.encode()))
        self.wfile.write(text.encode())

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server, until the test is over."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
