"""What opens the relay of a call."""

import base64
import hashlib
import hmac
import time

import pytest

from meydan.kernel.config import config
from meydan.messaging.gateway.doors import calling
from meydan.messaging.tests.served.conftest import Cast, Client, Served

RELAYS = ("turn:relay.example:3478?transport=udp", "turns:relay.example")


def test_what_a_relay_believes(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    relayed = config().model_copy(update={"turn_uris": RELAYS, "turn_secret": "both know it"})
    monkeypatch.setattr(calling, "config", lambda: relayed)
    said = alice.get("voip/turnServer")
    assert said["uris"] == list(RELAYS)
    expiry, _colon, user_id = said["username"].partition(":")
    assert user_id == alice.user_id
    assert 0 <= time.time() + said["ttl"] - int(expiry) < 60
    digest = hmac.new(b"both know it", said["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(said["password"]) == digest


def test_where_there_is_none(sign_in: Cast, served: Served) -> None:
    assert sign_in("alice").get("voip/turnServer") == {}
    nobody = Client(served.url)
    assert nobody.ask("GET", "voip/turnServer").errcode == "M_MISSING_TOKEN"
    nobody.pool.clear()
