"""Who is told that somebody is there."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.actions import presence as keeping
from meydan.messaging.actions.presence import PresenceKeeper
from meydan.messaging.models import presence as words
from meydan.messaging.queries import presence_news
from meydan.messaging.tests.served.conftest import Cast, Client, Served, wait_for


@pytest.fixture
def keeper(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[PresenceKeeper]:
    """What keeps it, with nobody waiting long for anything."""
    for name in ("TICK_SECONDS", "SWEEP_SECONDS", "SPACING_SECONDS"):
        monkeypatch.setattr(keeping, name, 0.05)
    monkeypatch.setattr(keeping, "GRACE_SECONDS", 1.5)
    assert served.gateway is not None
    yield served.gateway.presence


def status(client: Client, other: Client) -> Any:
    return client.get(f"presence/{quote(other.user_id)}/status")


def meet(*people: Client, **body: Any) -> str:
    """A closed room with these in it."""
    first, *others = people
    room = first.make_room(invite=[one.user_id for one in others], **body)
    for one in others:
        one.join(room)
    return room


def told(client: Client, since: str, **query: Any) -> tuple[dict[str, Any], str]:
    """By whom, what /sync says of presence, and the next token."""
    said = client.get("sync", since=since, timeout=0, **query)
    events = said.get("presence", {}).get("events", [])
    assert {event["type"] for event in events} <= {"m.presence"}
    return {event["sender"]: event["content"] for event in events}, said["next_batch"]


def hear(client: Client, since: str, other: Client, state: str) -> dict[str, Any]:
    """What is told once the other one is said to be so."""

    def look() -> Any:
        nonlocal since
        news, since = told(client, since, set_presence="offline")
        found = news.get(other.user_id)
        return found if found and found["presence"] == state else None

    found = wait_for(look)
    assert found, f"nobody said that they are {state}"
    return dict(found)


def test_who_comes_idles_and_goes(sign_in: Cast, keeper: PresenceKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = meet(ada, ben)
    since = ben.get("sync", set_presence="offline")["next_batch"]
    assert told(ben, since, set_presence="offline")[0] == {}
    ada.get("sync")
    assert hear(ben, since, ada, "online") == {"presence": "online", "currently_active": True}
    gone = hear(ben, since, ada, "offline")
    assert not gone["currently_active"]
    assert 0 <= gone["last_active_ago"] < 20_000
    assert status(ben, ada)["presence"] == "offline"
    monkeypatch.setattr(keeping, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(keeping, "GRACE_SECONDS", 30.0)
    ada.get("sync")
    assert hear(ben, since, ada, "unavailable")["last_active_ago"] >= 0
    monkeypatch.setattr(keeping, "IDLE_SECONDS", 300.0)
    ada.send(room, "I am back")
    hear(ben, since, ada, "online")


def test_what_they_say_of_themselves(sign_in: Cast, keeper: PresenceKeeper) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    meet(ada, ben)
    since = ben.get("sync", set_presence="offline")["next_batch"]
    own = f"presence/{quote(ada.user_id)}/status"
    ada.put(own, {"presence": "unavailable", "status_msg": "in the بازار"})
    assert status(ada, ada)["status_msg"] == "in the بازار"
    said = hear(ben, since, ada, "unavailable")
    assert (said["status_msg"], said["currently_active"]) == ("in the بازار", False)
    first = ben.get("sync", set_presence="offline")["presence"]["events"]
    assert [event["sender"] for event in first] == [ada.user_id]
    ada.put(own, {"presence": "online"})
    assert "status_msg" not in hear(ben, since, ada, "online")


def test_a_device_that_wants_not_to_be_seen(sign_in: Cast, keeper: PresenceKeeper) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    meet(ada, ben)
    ada.get("sync", set_presence="offline")
    time.sleep(0.3)
    assert status(ben, ada) == {"presence": "offline", "currently_active": False}
    assert ada.ask("GET", "sync", set_presence="busy").errcode == "M_INVALID_PARAM"


def test_who_meets_later_hears_of_each_other(sign_in: Cast, keeper: PresenceKeeper, monkeypatch: Any) -> None:
    monkeypatch.setattr(keeping, "GRACE_SECONDS", 30.0)
    ada, ben = sign_in("ada"), sign_in("ben")
    since, before = (one.get("sync")["next_batch"] for one in (ada, ben))
    assert wait_for(lambda: keeper.messenger.live.presence.of(ben.user_id).state == "online")
    assert wait_for(lambda: keeper.messenger.live.presence.of(ada.user_id).state == "online")
    meet(ada, ben)
    assert hear(ada, since, ben, "online")
    assert hear(ben, before, ada, "online")


def test_strangers_hear_nothing(sign_in: Cast, keeper: PresenceKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben, eve = sign_in("ada"), sign_in("ben"), sign_in("eve")
    square = ada.make_room(preset="public_chat")
    eve.join(square)
    meet(ada, ben)
    ada.get("sync")
    assert wait_for(lambda: status(ben, ada)["presence"] == "online")
    assert "presence" not in eve.get("sync")
    refused = eve.ask("GET", f"presence/{quote(ada.user_id)}/status")
    assert (refused.status, refused.errcode) == (403, "M_FORBIDDEN")
    nobody = eve.ask("GET", "presence/%40nobody%3Alocalhost/status")
    assert (nobody.status, nobody.json) == (refused.status, refused.json)
    monkeypatch.setattr(presence_news, "MOST_PEOPLE", 1)
    assert ben.ask("GET", f"presence/{quote(ada.user_id)}/status").errcode == "M_FORBIDDEN"
    assert "presence" not in ben.get("sync")


def test_who_is_ignored_or_filtered_out(sign_in: Cast, keeper: PresenceKeeper) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    meet(ada, ben)
    since = ben.get("sync", set_presence="offline")["next_batch"]
    ada.put(f"presence/{quote(ada.user_id)}/status", {"presence": "online"})
    hear(ben, since, ada, "online")
    for wish in (
        '{"presence":{"not_types":["*"]}}',
        '{"presence":{"types":[]}}',
        f'{{"presence":{{"not_senders":["{ada.user_id}"]}}}}',
        '{"presence":{"senders":[]}}',
    ):
        assert told(ben, since, filter=wish, set_presence="offline")[0] == {}
    ben.put(f"user/{quote(ben.user_id)}/account_data/m.ignored_user_list", {"ignored_users": {ada.user_id: {}}})
    assert told(ben, since, set_presence="offline")[0] == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "M_MISSING_PARAM"),
        ({"presence": 1}, "M_BAD_JSON"),
        ({"presence": "busy"}, "M_INVALID_PARAM"),
        ({"presence": "online", "status_msg": "x" * (words.MOST_STATUS + 1)}, "M_INVALID_PARAM"),
        ({"presence": "online", "status_msg": "\0"}, "M_INVALID_PARAM"),
        ({"presence": "online", "status_msg": []}, "M_BAD_JSON"),
    ],
)
def test_what_cannot_be_said(sign_in: Cast, body: dict[str, Any], code: str) -> None:
    ada = sign_in("ada")
    assert ada.ask("PUT", f"presence/{quote(ada.user_id)}/status", body).errcode == code


def test_nobody_speaks_for_another(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    refused = ada.ask("PUT", f"presence/{quote(ben.user_id)}/status", {"presence": "online"})
    assert refused.errcode == "M_FORBIDDEN"


def test_a_city_that_has_it_off(sign_in: Cast, keeper: PresenceKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "is_on", False)
    ada, ben = sign_in("ada"), sign_in("ben")
    meet(ada, ben)
    since = ben.get("sync")["next_batch"]
    ada.put(f"presence/{quote(ada.user_id)}/status", {"presence": "online", "status_msg": "hello"})
    ada.get("sync")
    time.sleep(0.3)
    assert told(ben, since)[0] == {}
    assert status(ben, ada) == {"presence": "offline"}


def test_a_poll_writes_nothing(sign_in: Cast, keeper: PresenceKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "GRACE_SECONDS", 30.0)
    ada = sign_in("ada")
    since = ada.get("sync")["next_batch"]
    assert wait_for(lambda: keeper.messenger.live.presence.of(ada.user_id).state == "online")
    shown = keeper.messenger.live.presence.of(ada.user_id)  # and where; those of other tests still come and go
    for _time in range(20):
        since = ada.get("sync", since=since, timeout=0)["next_batch"]
    time.sleep(0.3)
    assert keeper.messenger.live.presence.of(ada.user_id) == shown


def test_one_who_flickers_is_told_of_now_and_then(
    sign_in: Cast, keeper: PresenceKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SPACING_SECONDS", 60.0)
    ada = sign_in("ada")
    own = f"presence/{quote(ada.user_id)}/status"
    ada.put(own, {"presence": "online", "status_msg": "0"})
    assert wait_for(lambda: keeper.messenger.live.presence.of(ada.user_id).status == "0")
    pos = keeper.messenger.live.positions[0]
    for number in range(10):
        ada.put(own, {"presence": ("unavailable", "online")[number % 2], "status_msg": str(number)})
        time.sleep(0.05)
    assert keeper.messenger.live.positions[0] == pos
    assert keeper.messenger.live.presence.of(ada.user_id).status == "0"
    assert status(ada, ada)["status_msg"] == "9"
    monkeypatch.setattr(keeping, "SPACING_SECONDS", 0.05)
    assert wait_for(lambda: keeper.messenger.live.presence.of(ada.user_id).status == "9")


def test_what_is_said_is_there_after_a_start(sign_in: Cast, served: Served, keeper: PresenceKeeper) -> None:
    ada = sign_in("ada")
    ada.put(f"presence/{quote(ada.user_id)}/status", {"presence": "online", "status_msg": "on the way"})
    assert wait_for(lambda: keeper.messenger.live.presence.of(ada.user_id).status == "on the way")
    served.stop()
    served.restart()
    assert served.gateway is not None
    again = served.gateway.presence.messenger
    assert again.live.presence.of(ada.user_id).status == "on the way"
    assert wait_for(lambda: again.live.presence.of(ada.user_id).state == "offline"), "its gateway has died"
