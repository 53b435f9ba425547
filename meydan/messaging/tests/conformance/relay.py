"""coturn on loopback, which it refuses to relay to unless it is told."""

import base64
import hashlib
import hmac
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 60
CONFIGURATION = """
listening-ip=127.0.0.1
listening-port={port}
relay-ip=127.0.0.1
allow-loopback-peers
cli-password={secret}
no-cli
use-auth-secret
static-auth-secret={secret}
realm=meydan.test
no-tls
no-dtls
log-file=stdout
simple-log
verbose
pidfile={folder}/relay.pid
userdb={folder}/relay.db
"""


@dataclass(frozen=True)
class Relay:
    """One that runs."""

    port: int
    secret: str
    log: Path

    @property
    def uri(self) -> str:
        """As clients are told."""
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    def pass_for(self, name: str, transport: str = "udp") -> dict[str, Any]:
        """What the gateway's `voip/turnServer` says for a day."""
        username = f"{int(time.time()) + 86_400}:{name}"
        digest = hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)
        uris = [f"turn:127.0.0.1:{self.port}?transport={transport}"]
        return {"username": username, "password": base64.b64encode(digest).decode(), "uris": uris, "ttl": 86_400}

    def carried(self) -> list[str]:
        """What its log says of bytes that it took."""
        return [line for line in self.log.read_text("utf-8", "replace").splitlines() if "usage: " in line]


@contextmanager
def relaying(folder: Path) -> Iterator[Relay]:
    """Debian's coturn, for as long as this lasts."""
    relay = Relay(_free_port(), secrets.token_hex(16), folder / "relay.log")
    path = folder / "relay.conf"
    path.write_text(CONFIGURATION.format(port=relay.port, secret=relay.secret, folder=folder))
    with relay.log.open("wb") as log:
        try:
            process = subprocess.Popen(["turnserver", "-c", str(path)], cwd=folder, stdout=log, stderr=log)
        except FileNotFoundError:
            pytest.fail("coturn is missing: `apt install coturn`, or `bin/meydan test --long` as root.", pytrace=False)
    try:
        _wait_for(relay, process)
        yield relay
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _wait_for(relay: Relay, process: "subprocess.Popen[bytes]") -> None:
    """It listens by TCP too."""
    for _try in range(START_SECONDS * 20):
        assert process.poll() is None, relay.log.read_text("utf-8", "replace")
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", relay.port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("coturn did not start")
