"""A civil registry over HTTP, on loopback, that can misbehave in every way that a real one does.

By hand: `python -m meydan.identity.tests.registry_server 8300` serves the demo's invented people.
"""

import base64
import csv
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

TOKEN = "let-me-ask"
PEOPLE = Path(__file__).parents[3] / "cities" / "casablanca" / "registry.csv"


class RegistryServer(ThreadingHTTPServer):
    """`mood`: well, slow, late, broken, wrong, garbage, huge, drops, proxy404, or drips."""

    daemon_threads = True
    mood = "well"
    asked = 0
    portrait = b""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        with PEOPLE.open(encoding="utf-8", newline="") as file:
            self.people = {row["number"]: row for row in csv.DictReader(file)}

    def portrait_of(self, _number: str) -> bytes:
        """Everybody has the same."""
        return self.portrait

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.server_port}/people"


class Handler(BaseHTTPRequestHandler):
    """One question."""

    def do_GET(self) -> None:
        """Answer, or misbehave."""
        server = self.server
        assert isinstance(server, RegistryServer)
        server.asked += 1
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, b"{}")
            return
        number = unquote(self.path.rpartition("/")[2])
        row = server.people.get(number)
        getattr(self, f"_{server.mood}")(dict(row) if row else None)

    def _well(self, row: dict[str, str] | None) -> None:
        if row is None:
            self._say(404, b'{"found": false}')
            return
        server = self.server
        assert isinstance(server, RegistryServer)
        row["portrait"] = base64.b64encode(server.portrait_of(row["number"])).decode()
        self._say(200, json.dumps(row).encode())

    def _slow(self, row: dict[str, str] | None) -> None:
        time.sleep(0.3)
        self._well(row)

    def _late(self, row: dict[str, str] | None) -> None:
        time.sleep(2)
        self._well(row)

    def _broken(self, _row: dict[str, str] | None) -> None:
        self._say(500, b"<h1>Internal Server Error</h1>")

    def _wrong(self, row: dict[str, str] | None) -> None:
        self._well({**(row or {}), "number": "SOMEBODY-ELSE"})

    def _garbage(self, _row: dict[str, str] | None) -> None:
        self._say(200, b"\x00\xff not json [[[")

    def _huge(self, _row: dict[str, str] | None) -> None:
        self._say(200, b'{"number": "' + b"9" * 4_000_000 + b'"}')

    def _half(self, row: dict[str, str] | None) -> None:
        self._well({"number": (row or {}).get("number", "")})

    def _drops(self, _row: dict[str, str] | None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b'{"number": "BK1')
        self.wfile.flush()
        self.connection.close()

    def _proxy404(self, _row: dict[str, str] | None) -> None:
        self._say(404, b"<h1>Not here</h1>")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: numbers are not to stand in logs."""


@contextmanager
def registry_server() -> Iterator[RegistryServer]:
    """Started, and stopped."""
    with RegistryServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


if __name__ == "__main__":
    RegistryServer(int(sys.argv[1])).serve_forever()
