"""Relying parties of others sign people in at a running city: Authlib in our sample's program, and openid-client."""

import importlib.util
import ipaddress
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer
from werkzeug.serving import make_server

from meydan.accounts.public import Person
from meydan.identity.actions.ending import tell_logout
from meydan.identity.actions.parties import change_party
from meydan.identity.models import SignIn
from meydan.identity.plugins.backchannel import Outcome, tell
from meydan.identity.queries import keys
from meydan.identity.queries.sign_ins import logout_payload
from meydan.identity.tests.holders import CANARY, make_identity, make_person, person_of
from meydan.identity.tests.relying import browser_of, code_in, go, led, make_bank, prove, say
from meydan.identity.tokens.jose import Signer, new_key
from meydan.kernel import fetch
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord
from meydan.site import sdk

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.wallet]
SAMPLE = Path(__file__).parents[3] / "docs" / "samples" / "sign-in" / "app.py"
HOME, THERE = "http://127.0.0.1:5000/", "http://127.0.0.1:5000/back"
NODE_SECONDS = 60


@pytest.fixture
def city(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where it runs, which is what it says of itself."""
    monkeypatch.setattr(keys, "config", lambda: SimpleNamespace(base_url=live_server.url))
    return str(live_server.url)


@pytest.fixture
def amina(city: str) -> Actor:
    actor = make_person()
    make_identity(actor)
    return actor


def here(address: str) -> str:
    """The path, for the browser of the tests."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def sample(city: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The sample's program, as its how-to starts it."""
    _party, secret = make_bank("library", redirects=[THERE], leave_to=[HOME])
    for name, value in (("CITY", city), ("CLIENT_ID", "library"), ("CLIENT_SECRET", secret), ("SECRET_KEY", "s")):
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("sample", SAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.app.config["SERVER_NAME"] = "127.0.0.1:5000"
    return module


def test_the_sample_by_authlib(amina: Actor, sample: Any) -> None:
    site, browser = sample.app.test_client(), browser_of(amina)
    back = say(browser, here(site.get("/sign-in").location))
    assert site.get(here(back)).status_code == 302
    first = site.get("/").json["person"]
    assert (first["acr"], site.get("/me").json["family_name"]) == ("light", CANARY)

    prove(browser, Person.objects.get(pk=person_of(amina)), at=now().timestamp() - 120)
    asked = site.get("/step-up").location
    assert go(browser, here(asked))["Location"].startswith("/accounts/2fa/reauthenticate/")
    prove(browser, Person.objects.get(pk=person_of(amina)))
    site.get(here(say(browser, here(asked))))
    second = site.get("/").json["person"]
    assert (second["sub"], second["acr"]) == (first["sub"], "light")
    assert second["auth_time"] > first["auth_time"] - 120

    copied = dict(sample.tokens[first["sub"]])
    assert site.post("/renew").json == {"renewed": True}
    assert sample.tokens[first["sub"]]["refresh_token"] != copied["refresh_token"]
    out = site.post("/sign-out").location
    assert browser.get(here(out)).status_code == 200
    assert browser.post(here(out), {"answer": "yes"})["Location"] == HOME
    assert browser.get("/id/").status_code == 302

    stranger = browser_of(make_person("omar"))
    asked = site.get("/step-up").location
    page = go(stranger, here(asked))
    refused = stranger.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"answer": "no"})
    assert site.get(here(refused["Location"])).json == {"error": "unmet_authentication_requirements"}


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The sample on a port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_sample_is_told_that_somebody_has_left(
    city: str, amina: Actor, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback = ipaddress.ip_network("127.0.0.0/8")
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(loopback,)))
    site, browser = sample.app.test_client(), browser_of(amina)
    site.get(here(say(browser, here(site.get("/sign-in").location))))
    assert site.get("/").json["person"]
    with served(sample.app) as address:
        change_party(SYSTEM, "library", values={"logout_uri": f"{address}/signed-out"})
        browser.post("/id/consents/library")
        row = SignIn.objects.get()
        assert row.ended_at
        other = Signer(new_key(), {"typ": "logout+jwt"}).sign(logout_payload(row))
        assert tell(f"{address}/signed-out", other) is tell(f"{address}/signed-out", "x") is Outcome.REFUSED
        assert site.get("/").json["person"]
        tell_logout.func(sign_in=str(row.pk))
    assert site.get("/").json == {"person": None}
    assert FactRecord.objects.filter(name="identity.party_told_of_end", data__told=True).count() == 1


def their(city: str, command: str, **asked: Any) -> Any:
    """What openid-client's program prints."""
    if not sdk.WALLET.is_installed():
        pytest.fail("openid-client is not there: `bin/meydan test` installs it.", pytrace=False)
    script = sdk.WALLET.folder / "relying.mjs"
    script.write_text((sdk.WALLET_SOURCE / "relying.mjs").read_text("utf-8"), "utf-8")
    words = [str(sdk.WALLET.node), str(script), city, command, json.dumps(asked)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=NODE_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_openid_client_by_a_secret(city: str, amina: Actor) -> None:
    browser = browser_of(amina)
    secrets = {code: make_bank(code, redirects=[THERE], leave_to=[HOME])[1] for code in ("bank", "shop")}

    def sign_in(code: str, **more: Any) -> Any:
        who = {"id": code, "secret": secrets[code], "back": THERE}
        begun = their(city, "begin", **who, more={"scope": "openid profile offline_access", **more})
        return their(city, "finish", **{**begun, **who, "url": say(browser, here(begun["url"]))})

    first, other = sign_in("bank"), sign_in("shop")
    assert first["claims"]["sub"] != other["claims"]["sub"]
    assert first["claims"]["acr"] == "light"
    who = {"id": "bank", "secret": secrets["bank"]}
    info = their(city, "userinfo", **who, access=first["tokens"]["access_token"], sub=first["claims"]["sub"])
    assert info["family_name"] == CANARY
    renewed = their(city, "renew", **who, refresh=first["tokens"]["refresh_token"])
    assert renewed["claims"]["sub"] == first["claims"]["sub"]
    assert their(city, "renew", **who, refresh=first["tokens"]["refresh_token"])["error"] == "invalid_grant"
    assert their(city, "renew", **who, refresh=renewed["tokens"]["refresh_token"])["error"] == "invalid_grant"
    again = sign_in("bank")
    assert again["claims"]["sub"] == first["claims"]["sub"]
    assert their(city, "revoke", **who, token=again["tokens"]["access_token"]) == {"active": False}
    out = their(city, "leave", **who, hint=again["tokens"]["id_token"], back=HOME)["url"]
    assert browser.post(here(out), {"answer": "yes"})["Location"] == f"{HOME}?state=out"


def test_openid_client_pushes_by_a_key_and_binds_its_tokens(city: str, amina: Actor) -> None:
    key, dpop = their(city, "key"), their(city, "key")
    make_bank(redirects=[THERE], proves="key", public_keys=[key["publicKey"]])
    who = {"id": "bank", "key": key["privateKey"], "back": THERE, "dpop": dpop}
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": ["light"]}}})
    begun = their(city, "begin", **who, push=True, more={"scope": "openid offline_access", "claims": essential})
    assert set(led(begun["url"])) == {"client_id", "request_uri"}
    browser = browser_of(amina, proven=False)
    assert go(browser, here(begun["url"]))["Location"].startswith("/accounts/2fa/reauthenticate/")
    prove(browser, Person.objects.get(pk=person_of(amina)))
    back = say(browser, here(begun["url"]))
    assert code_in(back)
    got = their(city, "finish", **{**begun, **who, "url": back})
    assert (got["tokens"]["token_type"].lower(), got["claims"]["acr"]) == ("dpop", "light")
    bare = {"Authorization": f"Bearer {got['tokens']['access_token']}"}
    assert Client().get("/id/connect/userinfo", headers=bare).status_code == 401
    info = their(city, "userinfo", **who, access=got["tokens"]["access_token"], sub=got["claims"]["sub"])
    assert info == {"sub": got["claims"]["sub"]}
    assert their(city, "renew", **who, refresh=got["tokens"]["refresh_token"])["claims"]["acr"] == "light"
