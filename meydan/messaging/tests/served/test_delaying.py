"""Events that are sent later, unless somebody says otherwise (MSC4140)."""

import time
from typing import Any
from urllib.parse import quote

import pytest

from meydan.kernel.config import config
from meydan.messaging.actions import delaying
from meydan.messaging.gateway.doors.sending import DELAY
from meydan.messaging.queries import discovery
from meydan.messaging.tests.served.conftest import Cast, Client, Reply, Served, wait_for

HERE = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
CALL = "org.matrix.msc3401.call.member"
LONG = 60_000


def later(delay: Any) -> dict[str, Any]:
    return {DELAY: delay}


def key_of(client: Client) -> str:
    return f"_{client.user_id}_DEVICE_m.call"


def leave(client: Client, room: str, delay: Any = LONG, kind: str = CALL, key: str | None = None) -> Reply:
    """That they are in the call no more, to be said later."""
    key = quote(key_of(client) if key is None else key)
    return client.ask("PUT", f"rooms/{quote(room)}/state/{kind}/{key}", {}, **later(delay))


def enter(client: Client, room: str) -> None:
    client.put(f"rooms/{quote(room)}/state/{CALL}/{quote(key_of(client))}", {"application": "m.call"})


def is_in(client: Client, room: str) -> bool:
    return bool(client.get(f"rooms/{quote(room)}/state/{CALL}/{quote(key_of(client))}"))


def waiting(client: Client, **query: Any) -> Any:
    return client.get(HERE, **query)


def bodies(client: Client, room: str) -> list[str]:
    chunk = client.get(f"rooms/{quote(room)}/messages", dir="f", limit=100)["chunk"]
    return [one["content"].get("body") for one in chunk if one["type"] == "m.room.message"]


def test_a_call_whose_telephone_falls_silent(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room(preset="public_chat")
    ben.join(room)
    enter(ada, room)
    delay_id = leave(ada, room, 700).json["delay_id"]
    for _time in range(4):
        time.sleep(0.3)
        assert ada.post(f"{HERE}/{delay_id}/restart") == {}
    assert is_in(ada, room)
    since = ben.get("sync")["next_batch"]
    said = ben.get("sync", since=since, timeout=20_000)["rooms"]["join"][room]["timeline"]["events"]
    assert [(one["type"], one["sender"], one["content"]) for one in said] == [(CALL, ada.user_id, {})]
    assert not is_in(ada, room)
    gone = ada.ask("POST", f"{HERE}/{delay_id}/restart", {})
    assert (gone.status, gone.errcode) == (404, "M_NOT_FOUND")


def test_said_at_once_or_never(sign_in: Cast, served: Served) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    enter(ada, room)
    assert ada.post(f"{HERE}/{leave(ada, room).json['delay_id']}", {"action": "cancel"}) == {}
    assert waiting(ada)["delayed_events"] == []
    delay_id = leave(ada, room).json["delay_id"]
    service = Client(served.url)  # it carries the call, and has the id alone
    assert service.post(f"{HERE}/{delay_id}/send") == {}
    assert wait_for(lambda: not is_in(ada, room))
    assert wait_for(lambda: service.ask("POST", f"{HERE}/{delay_id}/cancel", {}).errcode == "M_NOT_FOUND")
    service.pool.clear()


def test_what_waits_is_listed_for_whose_it_is(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room(preset="public_chat")
    ben.join(room)
    delay_id = leave(ada, room).json["delay_id"]
    message = ada.ask("PUT", f"rooms/{quote(room)}/send/m.room.message/1", {"body": "later"}, **later(LONG)).json
    state, said = waiting(ada)["scheduled"]
    assert (state["delay_id"], state["state_key"], state["content"]) == (delay_id, key_of(ada), {})
    assert (said["delay_id"], said["delay"], said["content"]) == (message["delay_id"], LONG, {"body": "later"})
    assert "state_key" not in said
    assert abs(said["running_since"] / 1000 - time.time()) < 60
    assert [one["delay_id"] for one in waiting(ada, delay_id=delay_id)["delayed_events"]] == [delay_id]
    assert waiting(ada, status="finalised") == {"finalised": []}
    assert ada.ask("GET", HERE, status="x").errcode == "M_INVALID_PARAM"
    assert waiting(ben)["delayed_events"] == []
    assert ben.ask("POST", f"{HERE}/{delay_id}/cancel", {}).errcode == "M_NOT_FOUND"


def test_the_same_transaction_is_one_event(sign_in: Cast) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    address = f"rooms/{quote(room)}/send/m.room.message/t"
    first, again = (ada.ask("PUT", address, {"body": "once"}, **later(300)).json for _time in range(2))
    assert first == again
    assert wait_for(lambda: bodies(ada, room))
    time.sleep(0.4)
    assert bodies(ada, room) == ["once"]


def test_the_rules_are_asked_when_it_is_sent(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room(preset="public_chat")
    ben.join(room)
    leave(ben, room, 300, kind="m.room.topic", key="")
    leave(ben, room, 300, key=key_of(ada))
    ben.ask("PUT", f"rooms/{quote(room)}/send/m.room.message/1", {"body": "late"}, **later(1500))
    assert wait_for(lambda: len(waiting(ben)["scheduled"]) == 1)
    ben.post(f"rooms/{quote(room)}/leave")
    assert wait_for(lambda: waiting(ben)["scheduled"] == [])
    assert bodies(ada, room) == []
    assert ada.ask("GET", f"rooms/{quote(room)}/state/m.room.topic").errcode == "M_NOT_FOUND"


def test_who_says_something_else_meanwhile_is_not_overruled(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room(preset="public_chat", power_level_content_override={"state_default": 0})
    ben.join(room)
    address = f"rooms/{quote(room)}/state/m.room.topic"
    for topic in ("mine", "still mine"):
        ada.ask("PUT", f"{address}/", {"topic": "later"}, **later(500))
        ada.put(address, {"topic": topic})
        assert wait_for(lambda: ada.get(address) == {"topic": "later"}), "one's own word cancels nothing"
    ada.ask("PUT", f"{address}/", {"topic": "later still"}, **later(500))
    ben.put(address, {"topic": "another's"})
    assert wait_for(lambda: waiting(ada)["scheduled"] == [])
    assert ada.get(address) == {"topic": "another's"}


@pytest.mark.parametrize("delay", ["", "-1", "soon", "1.5", "9" * 20, "²"])
def test_what_is_no_delay(sign_in: Cast, delay: str) -> None:
    ada = sign_in("ada")
    assert leave(ada, ada.make_room(), delay).errcode == "M_INVALID_PARAM"


def test_bounds(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room()
    long = leave(ada, room, 86_400_001)
    assert (long.status, long.errcode) == (400, "M_UNKNOWN")
    assert long.json["org.matrix.msc4140.errcode"] == "M_MAX_DELAY_EXCEEDED"
    assert long.json["org.matrix.msc4140.max_delay"] == 86_400_000
    assert leave(ben, room).errcode == "M_FORBIDDEN"
    assert leave(ada, room, kind="x" * 256).errcode == "M_TOO_LARGE"
    monkeypatch.setattr(delaying, "MOST_WAITING", 1)
    delay_id = leave(ada, room).json["delay_id"]
    assert leave(ada, room).json["org.matrix.msc4140.errcode"] == "M_MAX_DELAYED_EVENTS_EXCEEDED"
    for action in ("hold", ""):
        assert ada.ask("POST", f"{HERE}/{delay_id}", {"action": action}).errcode == "M_INVALID_PARAM"
    assert ada.ask("POST", f"{HERE}/{delay_id}", {}).errcode == "M_MISSING_PARAM"


def test_it_outlives_the_gateway(sign_in: Cast, served: Served) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    enter(ada, room)
    leave(ada, room, 1500)
    served.stop()
    time.sleep(1.6)
    served.restart()
    ada.url = served.url
    assert wait_for(lambda: not is_in(ada, room), 20)


def test_what_carries_calls_of_many(sign_in: Cast, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = sign_in("ada")
    doors = ("/_matrix/client/unstable/org.matrix.msc4143/rtc/transports", "/_matrix/client/v1/rtc/transports")
    assert [ada.get(one) for one in doors] == [{"rtc_transports": []}] * 2
    assert set(ada.get("/.well-known/matrix/client")) == {"m.homeserver"}
    urls = ("https://rtc.city.example/livekit/jwt",)
    monkeypatch.setattr(discovery, "config", lambda: config().model_copy(update={"livekit_urls": urls}))
    transports = [{"type": "livekit", "livekit_service_url": urls[0]}]
    assert [ada.get(one) for one in doors] == [{"rtc_transports": transports}] * 2
    assert ada.get("/.well-known/matrix/client")["org.matrix.msc4143.rtc_foci"] == transports
    features = ada.get("/_matrix/client/versions")["unstable_features"]
    assert features["org.matrix.msc4140"]
    assert features["org.matrix.msc4143"]
    nobody = Client(served.url)
    assert nobody.ask("GET", doors[0]).errcode == "M_MISSING_TOKEN"
    nobody.pool.clear()
