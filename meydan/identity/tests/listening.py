"""A relying party's program on loopback that is told of sign-ins that ended: it checks what it is told with a library
of others (joserfc), and can be in a bad mood."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from django.test import Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Listener(ThreadingHTTPServer):
    """`here` are the sign-ins (`sid`) that are open here, `got` the tokens that came, `mood` what it does with them."""

    daemon_threads = True

    def __init__(self, code: str = "bank") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mood = ""
        self.here: set[str] = set()
        self.got: list[str] = []
        self.keys = KeySet.import_key_set(Client().get("/id/connect/keys.json").json())
        issuer = Client().get("/.well-known/openid-configuration").json()["issuer"]
        self.ours = {"iss": issuer, "aud": code}

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/signed-out"

    def hear(self, token: str) -> bool:
        """OpenID Connect Back-Channel Logout 1.0, 2.6."""
        try:
            found = jwt.decode(token, self.keys, algorithms=["ES256"])
            rules: dict[str, Any] = {name: {"essential": True} for name in ("iat", "exp", "jti", "sub", "sid")}
            rules |= {name: {"essential": True, "value": value} for name, value in self.ours.items()}
            jwt.JWTClaimsRegistry(**rules).validate(found.claims)
        except JoseError:
            return False
        if found.header["typ"] != "logout+jwt" or found.claims["events"] != {EVENT: {}} or "nonce" in found.claims:
            return False
        self.here.discard(found.claims["sid"])
        return True


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is theirs."""

    def do_POST(self) -> None:
        server: Any = self.server
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        server.got += form["logout_token"]
        if server.mood == "hangs up":
            self.connection.close()
        elif server.mood == "slow":
            time.sleep(1.5)
        elif server.mood == "moved":
            self._say(307, {"Location": f"{server.uri}/elsewhere"})
        elif server.mood == "endless":
            self._say(200, {})
            self._drip()
        elif server.mood:
            self._say(int(server.mood), {})
        else:
            self._say(200 if server.hear(form["logout_token"][0]) else 400, {"Cache-Control": "no-store"})

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self) -> None:
        try:
            while True:
                self.wfile.write(b"x" * 1000)
                time.sleep(0.01)
        except OSError:
            return


@contextmanager
def running(listener: Listener) -> Iterator[Listener]:
    """It listens, in a thread of its own."""
    with listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield listener
        finally:
            listener.shutdown()
            thread.join()
