"""The wallet of others at our doors: over HTTP on loopback, served in this thread between two of its steps, so that the
test's transaction is seen and nothing has to be torn down."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meydan.identity.queries.keys import issuer
from meydan.site import sdk

NODE_SECONDS = 60
KEPT_BACK = {"host", "connection", "content-length", "content-type"}


class AtTheDoor(BaseHTTPRequestHandler):
    """Hands each request to Django."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        """Any method."""
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in KEPT_BACK}
        kind = self.headers.get("Content-Type") or "application/octet-stream"
        answer = Client().generic(self.command, self.path, self.rfile.read(length), content_type=kind, headers=headers)
        self.send_response(answer.status_code)
        for name, value in answer.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def standing_door() -> Iterator[HTTPServer]:
    """A server that answers when it is asked to."""
    with HTTPServer(("127.0.0.1", 0), AtTheDoor) as server:
        server.timeout = 0.05
        yield server


class TheirWallet:
    """Runs its commands one by one."""

    def __init__(self, folder: Path) -> None:
        if not sdk.WALLET.is_installed():
            pytest.fail("the wallet of others is not there: `bin/meydan test` installs it.", pytrace=False)
        self.folder = folder
        shutil.copy(sdk.WALLET_SOURCE / "wallet.mjs", folder)
        (folder / "node_modules").symlink_to(sdk.WALLET.folder / "node_modules")

    def do(self, command: str, **asked: Any) -> Any:
        """What it prints. Fails with what it said when it stumbles."""
        with (
            standing_door() as server,
            (self.folder / "said").open("w+") as said,
            (self.folder / "log").open("w+") as log,
        ):
            here = f"http://127.0.0.1:{server.server_port}"
            words = [str(sdk.WALLET.node), "wallet.mjs", issuer(), here, command, json.dumps(asked)]
            with subprocess.Popen(words, cwd=self.folder, stdout=said, stderr=log) as process:
                while process.poll() is None:
                    server.handle_request()
            said.seek(0)
            log.seek(0)
            assert process.returncode == 0, log.read()[-4000:]
            return json.loads(said.read())
