"""A relying party is told that a sign-in has ended, whatever ended it, and however its program takes that."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from meydan.accounts.public import end_sessions
from meydan.identity.actions.ending import PAUSES, tell_logout
from meydan.identity.actions.identities import freeze_identity
from meydan.identity.actions.parties import change_party
from meydan.identity.models import Identity, RelyingParty, SignIn
from meydan.identity.plugins import backchannel
from meydan.identity.queries.sign_ins import read_hint
from meydan.identity.reactions import end_what_rests_on_it
from meydan.identity.tests.holders import make_person, person_of
from meydan.identity.tests.listening import Listener, running
from meydan.identity.tests.relying import Program, browser_of, code_in, make_admin, make_bank, payload_of, say
from meydan.kernel import fetch, jobs, reactions
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import load
from meydan.kernel.models import FactRecord
from meydan.kernel.reactions import run_reaction

pytestmark = pytest.mark.django_db
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture
def listener(bank: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(LOOPBACK,)))
    monkeypatch.setattr(backchannel, "TIMEOUT", 0.5)
    bank.redeem(code_in(say(browser_of(make_person("first")), bank.address())))  # so that there is a key to check by
    with running(Listener()) as made:
        change_party(SYSTEM, "bank", values={"logout_uri": made.uri})
        yield made


def sign_in(actor: Actor, bank: Program, listener: Listener, **more: str) -> tuple[Client, dict[str, Any]]:
    """The browser and the tokens; the listener has them signed in."""
    browser = browser_of(actor)
    said = bank.redeem(code_in(say(browser, bank.address(**more)))).json()
    listener.here.add(payload_of(said["id_token"])["sid"])
    return browser, said


def react() -> None:
    """What the worker does with what has happened."""
    while jobs.run_waiting(run_reaction.name, reactions.run_many):
        continue
    for row in FactRecord.objects.filter(name="identity.frozen"):
        end_what_rests_on_it(load(row).fact)
    while jobs.run_waiting(run_reaction.name, reactions.run_many):
        continue


def waiting() -> list[tuple[dict[str, Any], datetime | None]]:
    """The jobs that tell of an end, taken out of the queue: their arguments, and when they are due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where task_name = %s returning args::text, scheduled_at", [tell_logout.name]
        )
        return [(json.loads(arguments), due) for arguments, due in cursor.fetchall()]


def work() -> list[datetime | None]:
    """The worker's turn, as if all pauses were over; when each job was due."""
    react()
    taken = waiting()
    for arguments, _due in taken:
        tell_logout.func(**arguments)
    return [due for _arguments, due in taken]


def told() -> list[bool]:
    return list(FactRecord.objects.filter(name="identity.party_told_of_end").values_list("data__told", flat=True))


def test_discovery_says_so() -> None:
    said = Client().get("/.well-known/openid-configuration").json()
    assert said["backchannel_logout_supported"] is said["backchannel_logout_session_supported"] is True


def leave(browser: Client, _said: dict[str, Any], _actor: Actor, _bank: Program) -> None:
    browser.post("/accounts/logout/")


def leave_there(browser: Client, said: dict[str, Any], _actor: Actor, _bank: Program) -> None:
    browser.post(f"/id/connect/leave?id_token_hint={said['id_token']}", {"answer": "no"})


def withdraw(browser: Client, _said: dict[str, Any], _actor: Actor, _bank: Program) -> None:
    browser.post("/id/consents/bank")


def freeze(_browser: Client, _said: dict[str, Any], actor: Actor, _bank: Program) -> None:
    freeze_identity(actor, Identity.objects.get().pk, why="holder")


def end_others(_browser: Client, _said: dict[str, Any], actor: Actor, _bank: Program) -> None:
    end_sessions(actor, keys=[], elsewhere=None)


def copy(_browser: Client, said: dict[str, Any], _actor: Actor, bank: Program) -> None:
    bank.renew(said["refresh_token"])
    bank.renew(said["refresh_token"])


ENDS: dict[str, tuple[Callable[..., None], str]] = {
    "out of the browser": (leave, "openid profile"),
    "out of this one": (leave_there, "openid profile"),
    "withdrawn": (withdraw, "openid profile"),
    "frozen": (freeze, "openid profile"),
    "out of all others": (end_others, "openid offline_access"),
    "a refresh token twice": (copy, "openid offline_access"),
}


@pytest.mark.parametrize("name", ENDS)
def test_whatever_ends_it_is_told(amina: Actor, bank: Program, listener: Listener, name: str) -> None:
    end, scope = ENDS[name]
    browser, said = sign_in(amina, bank, listener, scope=scope)
    end(browser, said, amina, bank)
    assert work() == [None]
    assert (listener.here, len(listener.got), told()) == (set(), 1, [True])
    token = payload_of(listener.got[0])
    assert token["sub"] == payload_of(said["id_token"])["sub"]
    assert token["exp"] - token["iat"] == 120
    assert str(person_of(amina)) not in str(token)


def test_what_it_ended_itself_it_is_not_told(amina: Actor, bank: Program, listener: Listener) -> None:
    _browser, said = sign_in(amina, bank, listener, scope="openid offline_access")
    bank.post("revoke", {"token": said["refresh_token"]})
    assert (work(), listener.got, told()) == ([], [], [])


def test_who_never_came_for_tokens_and_who_does_not_want_to_hear(
    amina: Actor, bank: Program, listener: Listener
) -> None:
    browser = browser_of(amina)
    say(browser, bank.address())
    browser.post("/accounts/logout/")
    assert work() == []
    change_party(SYSTEM, "bank", values={"logout_uri": ""})
    browser, _said = sign_in(amina, bank, listener)
    browser.post("/accounts/logout/")
    assert (work(), listener.got) == ([], [])


@pytest.mark.parametrize("mood", ["500", "503", "429", "408", "slow", "hangs up"])
def test_who_is_not_there_is_told_later_and_then_given_up(
    amina: Actor, bank: Program, listener: Listener, mood: str
) -> None:
    browser, _said = sign_in(amina, bank, listener)
    listener.mood = mood
    browser.post("/accounts/logout/")
    assert work() == [None]
    for pause in PAUSES:
        assert told() == []
        due = work()[0]
        assert due is not None
        assert abs(due - now() - pause) < timedelta(seconds=30)
    assert (waiting(), told()) == ([], [False])
    assert len({payload_of(token)["jti"] for token in listener.got}) == len(listener.got) == len(PAUSES) + 1


def test_who_is_back_is_told(amina: Actor, bank: Program, listener: Listener) -> None:
    browser, _said = sign_in(amina, bank, listener)
    listener.mood = "503"
    browser.post("/accounts/logout/")
    work()
    listener.mood = ""
    work()
    assert (listener.here, told(), waiting()) == (set(), [True], [])


@pytest.mark.parametrize(("mood", "outcome"), [("400", False), ("404", False), ("moved", False), ("endless", True)])
def test_its_answer_counts_once(amina: Actor, bank: Program, listener: Listener, mood: str, outcome: bool) -> None:
    browser, _said = sign_in(amina, bank, listener)
    listener.mood = mood
    browser.post("/accounts/logout/")
    work()
    assert (len(listener.got), told(), waiting()) == (1, [outcome], [])
    words = browser_of(amina).get("/me/history").content.decode()
    assert ("could not be told that you have signed out" in words) is not outcome


def test_no_hand_into_the_citys_own_network(
    amina: Actor, bank: Program, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _said = sign_in(amina, bank, listener)
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=()))
    browser.post("/accounts/logout/")
    work()
    assert (listener.got, told(), waiting()) == ([], [False], [])


def test_each_is_told_of_its_own_alone(amina: Actor, bank: Program, listener: Listener) -> None:
    shop = Program("shop", make_bank("shop")[1])
    browser, _said = sign_in(amina, bank, listener)
    with running(Listener("shop")) as other:
        change_party(SYSTEM, "shop", values={"logout_uri": other.uri})
        shop.redeem(code_in(say(browser, shop.address())))
        other.here = {str(SignIn.objects.get(party__code="shop").pk)}
        browser.post("/accounts/logout/")
        assert len(work()) == 2
        assert (listener.here, other.here, len(listener.got), len(other.got)) == (set(), set(), 1, 1)
        assert payload_of(listener.got[0])["sub"] != payload_of(other.got[0])["sub"]
        assert not other.hear(listener.got[0])


def test_a_logout_token_is_of_no_other_use(amina: Actor, bank: Program, listener: Listener) -> None:
    browser, _said = sign_in(amina, bank, listener)
    browser.post("/accounts/logout/")
    work()
    assert read_hint(listener.got[0]) is None
    assert bank.userinfo(listener.got[0]).status_code == 401


def test_an_administrator_registers_the_address(bank: Program) -> None:
    browser = browser_of(make_admin())
    grant = {"redirects": "https://bank.example/back", "proves": "secret", "sign_in_level": "light"}
    way = "/verify/parties/bank/sign-in"
    from_admin = [browser.post(way, {**grant, "logout_uri": uri}).status_code for uri in WRONG]
    assert from_admin == [422] * len(WRONG)
    assert browser.post(way, {**grant, "logout_uri": "https://bank.example/out"}).status_code == 302
    assert RelyingParty.objects.get().logout_uri == "https://bank.example/out"
    assert "https://bank.example/out" in browser.get(way).content.decode()


WRONG = ("http://bank.example/out", "bank.example", "https://u:p@bank.example/out", "https://bank.example/#x")
