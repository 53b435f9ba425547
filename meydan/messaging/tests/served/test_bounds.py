"""What people may do how often, and how much of it; whom they ignore; what they say of themselves."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.actions import limits, rooming
from meydan.messaging.actions.limits import Rate
from meydan.messaging.models.shapes import MOST_DEPTH
from meydan.messaging.tests.served.conftest import PASSWORD, Cast, Client

V1 = "/_matrix/client/v1/rooms"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person may do each thing three times a minute, and one device twice."""
    rates = {name: Rate(3, 2, 60) for name in limits.RATES}
    monkeypatch.setattr(limits, "RATES", rates)
    yield
    limits._paid.clear()


def second_device(client: Client) -> Client:
    """Another one of theirs."""
    identifier = {"type": "m.id.user", "user": client.user_id}
    body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
    return Client(client.url, client.user_id, client.post("login", body)["access_token"])


def doings(client: Client, room: str, number: int) -> dict[str, tuple[str, str, Any]]:
    """A request of each kind that is counted."""
    here = f"rooms/{quote(room)}"
    own = f"user/{quote(client.user_id)}"
    return {
        "send": ("PUT", f"{here}/send/m.room.message/{client.token[-8:]}{number}", {"body": "x"}),
        "signal": ("PUT", f"{here}/typing/{quote(client.user_id)}", {"typing": False}),
        "to_device": ("PUT", f"sendToDevice/m.test/{client.token[-8:]}{number}", {"messages": {}}),
        "claim": ("POST", "keys/claim", {"one_time_keys": {}}),
        "keys": ("POST", "keys/upload", {}),
        "backup": ("DELETE", "room_keys/version/9", {}),
        "openid": ("POST", f"{own}/openid/request_token", {}),
        "presence": ("PUT", f"presence/{quote(client.user_id)}/status", {"presence": "online"}),
        "query": ("POST", "keys/query", {"device_keys": {}}),
        "create": ("POST", "createRoom", {}),
        "join": ("POST", f"join/{quote(room)}", {}),
        "search": ("POST", "user_directory/search", {"search_term": "x"}),
        "settings": ("PUT", f"{own}/account_data/x", {}),
        "profile": ("PUT", f"profile/{quote(client.user_id)}/m.tz", {"m.tz": "UTC"}),
        "pusher": ("POST", "pushers/set", {"app_id": "a", "pushkey": "b", "kind": None}),
        "invite": ("POST", f"{here}/kick", {"user_id": "@nobody:localhost"}),
    }


def test_each_person_and_each_device_has_a_measure(sign_in: Cast, counted: None) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    other = second_device(alice)
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    limits._paid.clear()
    kinds = set(limits.RATES) - {"create", "join"}
    for kind in sorted(kinds):
        asked = [alice.ask(*doings(alice, room, number)[kind]) for number in range(3)]
        assert [one.status == 429 for one in asked] == [False, False, True], kind
        refused = asked[-1]
        assert refused.errcode == "M_LIMIT_EXCEEDED", kind
        assert 0 < refused.json["retry_after_ms"] <= 120_000, kind
        assert refused.headers["Retry-After"] == str(refused.json["retry_after_ms"] // 1000), kind
        assert other.ask(*doings(other, room, 1)[kind]).status != 429, kind
        assert other.ask(*doings(other, room, 2)[kind]).status == 429, kind
        assert bob.ask(*doings(bob, room, 1)[kind]).status != 429, kind


def test_rooms_are_made_and_entered_by_the_measure(sign_in: Cast, counted: None) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    rooms = [alice.make_room(preset="public_chat") for _number in range(2)]
    assert alice.ask("POST", "createRoom", {}).errcode == "M_LIMIT_EXCEEDED"
    for room in rooms:
        bob.join(room)
    assert bob.ask("POST", f"join/{quote(rooms[0])}", {}).errcode == "M_LIMIT_EXCEEDED"
    many = {"invite": [f"@nobody{number}:localhost" for number in range(3)]}
    assert bob.ask("POST", "createRoom", many).errcode == "M_LIMIT_EXCEEDED"


def test_an_operator_may_switch_the_measure_off(sign_in: Cast, counted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "config", lambda: SimpleNamespace(rate_limits=False))
    alice = sign_in("alice")
    assert {alice.ask("POST", "keys/query", {"device_keys": {}}).status for _number in range(6)} == {200}


def test_a_packet_asks_the_database_once(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(limits, "check", lambda key, **_bounds: asked.append(key))
    alice = sign_in("alice")
    room = alice.make_room()
    asked.clear()
    for number in range(limits.RATES["send"].packet + 1):
        alice.send(room, f"{number}")
    assert len(asked) == 4


def test_nobody_has_more_rooms_than_one_can_have(sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    rooms = [alice.make_room(preset="public_chat") for _number in range(3)]
    monkeypatch.setattr(rooming, "MOST_ROOMS", 2)
    bob.join(rooms[0])
    alice.post(f"rooms/{quote(rooms[1])}/invite", {"user_id": bob.user_id})
    bob.join(rooms[1])
    assert bob.ask("POST", f"join/{quote(rooms[2])}", {}).errcode == "M_LIMIT_EXCEEDED"
    assert bob.ask("POST", "createRoom", {}).errcode == "M_LIMIT_EXCEEDED"
    assert alice.ask("POST", f"rooms/{quote(rooms[2])}/invite", {"user_id": bob.user_id}).errcode == "M_LIMIT_EXCEEDED"
    bob.post(f"rooms/{quote(rooms[0])}/leave")
    bob.join(rooms[2])


def nested(depth: int) -> bytes:
    """JSON so deep."""
    return b'{"a":' * depth + b"1" + b"}" * depth


def test_events_are_neither_too_deep_nor_too_long(sign_in: Cast) -> None:
    alice = sign_in("alice")
    room = alice.make_room()
    path = f"rooms/{quote(room)}/send/m.test"
    assert alice.ask("PUT", f"{path}/1", nested(MOST_DEPTH - 5)).status == 200
    for depth in (MOST_DEPTH + 1, 3_000, 10_000):
        assert alice.ask("PUT", f"{path}/2", nested(depth)).errcode in ("M_BAD_JSON", "M_NOT_JSON")
    assert alice.ask("PUT", f"{path}/3", {"wide": [{}] * 2_000}).status == 200
    assert alice.ask("PUT", f"{path}/4", {"body": "x" * 65_536}).errcode == "M_TOO_LARGE"
    assert alice.ask("PUT", f"{path}/5", {"body": "x" * 80_000}).errcode == "M_TOO_LARGE"
    assert alice.ask("PUT", f"rooms/{quote(room)}/send/{'t' * 256}/6", {}).errcode == "M_TOO_LARGE"


# Whom somebody ignores


def timeline(said: Any, room: str, part: str = "join") -> list[str]:
    """The messages' bodies that a sync tells of a room."""
    events = said.get("rooms", {}).get(part, {}).get(room, {}).get("timeline", {}).get("events", [])
    return [one["content"]["body"] for one in events if one["type"] == "m.room.message"]


def test_who_is_ignored_is_not_heard(sign_in: Cast) -> None:
    alice, bob, carol = sign_in("alice"), sign_in("bob"), sign_in("carol")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    carol.join(room)
    since = alice.get("sync")["next_batch"]
    ignored: dict[str, Any] = {"ignored_users": {bob.user_id: {}, alice.user_id: {}}}
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.ignored_user_list", ignored)
    unheard = bob.send(room, "from bob")
    carol.send(room, "from carol")
    alice.send(room, "from alice")
    said = alice.get("sync", since=since)
    assert timeline(said, room) == ["from carol", "from alice"]
    assert timeline(alice.get("sync"), room) == ["from carol", "from alice"]
    assert said["rooms"]["join"][room]["unread_notifications"]["notification_count"] == 1
    chunk = alice.get(f"rooms/{quote(room)}/messages")["chunk"]
    assert [one["content"]["body"] for one in chunk if one["type"] == "m.room.message"] == ["from alice", "from carol"]
    assert alice.ask("GET", f"rooms/{quote(room)}/event/{quote(unheard)}").errcode == "M_NOT_FOUND"
    bob.make_room(invite=[alice.user_id])
    assert "invite" not in alice.get("sync", since=since)["rooms"]
    assert "from bob" in timeline(carol.get("sync"), room)
    path = f"profile/{quote(bob.user_id)}/displayname"
    bob.put(path, {"displayname": "Bob the Unheard"})
    events = alice.get("sync", since=since)["rooms"]["join"][room]["timeline"]["events"]
    assert [one["content"]["displayname"] for one in events if one["type"] == "m.room.member"] == ["Bob the Unheard"]
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.ignored_user_list", {"ignored_users": {}})
    assert "from bob" in timeline(alice.get("sync"), room)
    assert len(alice.get("sync")["rooms"]["invite"]) == 1


def test_sliding_sync_ignores_them_too(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    ignored: dict[str, Any] = {"ignored_users": {bob.user_id: {}}}
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.ignored_user_list", ignored)
    bob.send(room, "from bob")
    alice.send(room, "from alice")
    bob.make_room(invite=[alice.user_id])
    one = {"ranges": [[0, 9]], "required_state": [], "timeline_limit": 5}
    path = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
    said = alice.ask("POST", path, {"lists": {"all": one}}).json
    assert said["lists"]["all"]["count"] == 1
    bodies = [event["content"].get("body") for event in said["rooms"][room]["timeline"]]
    assert "from alice" in bodies
    assert "from bob" not in bodies


def test_a_room_that_was_left_is_told_with_its_edits(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    since = bob.get("sync")["next_batch"]
    first = alice.send(room, "first")
    replaces = {"rel_type": "m.replace", "event_id": first}
    new = {"msgtype": "m.text", "body": "second"}
    alice.send(room, {**new, "m.new_content": new, "m.relates_to": replaces})
    bob.post(f"rooms/{quote(room)}/leave")
    alice.send(room, "after")
    events = bob.get("sync", since=since)["rooms"]["leave"][room]["timeline"]["events"]
    told = next(one for one in events if one["event_id"] == first)
    assert told["unsigned"]["m.relations"]["m.replace"]["content"]["body"] == "second"
    assert "after" not in [one["content"].get("body") for one in events]


# What people say of themselves


def test_profiles_have_fields(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    own = f"profile/{quote(alice.user_id)}"
    alice.put(f"{own}/m.tz", {"m.tz": "Asia/Dushanbe"})
    alice.put(f"{own}/city.pronouns", {"city.pronouns": [{"language": "fr"}]})
    assert bob.get(f"{own}/m.tz") == {"m.tz": "Asia/Dushanbe"}
    assert bob.get(own) == {
        "city.pronouns": [{"language": "fr"}],
        "displayname": bob.get(f"{own}/displayname")["displayname"],
        "m.tz": "Asia/Dushanbe",
    }
    unstable = f"/_matrix/client/unstable/uk.tcpip.msc4133/{own}/m.tz"
    assert bob.ask("GET", unstable).json == {"m.tz": "Asia/Dushanbe"}
    assert alice.ask("DELETE", f"{own}/m.tz").json == {}
    assert bob.ask("GET", f"{own}/m.tz").errcode == "M_NOT_FOUND"
    assert bob.ask("PUT", f"{own}/m.tz", {"m.tz": "x"}).errcode == "M_FORBIDDEN"
    assert bob.ask("DELETE", f"{own}/city.pronouns").errcode == "M_FORBIDDEN"
    assert alice.ask("PUT", f"{own}/m.tz", {"other": 1}).errcode == "M_MISSING_PARAM"
    assert alice.ask("PUT", f"{own}/{'k' * 256}", {}).errcode == "M_KEY_TOO_LARGE"
    assert alice.ask("PUT", f"{own}/Not%20a%20name", {}).errcode == "M_INVALID_PARAM"
    assert alice.ask("PUT", f"{own}/m.big", {"m.big": "x" * 70_000}).errcode == "M_PROFILE_TOO_LARGE"
    assert bob.ask("GET", f"{own}/m.big").errcode == "M_NOT_FOUND"
    assert alice.ask("DELETE", f"{own}/displayname").errcode == "M_FORBIDDEN"
    alice.put(f"{own}/avatar_url", {"avatar_url": "mxc://localhost/abc"})
    alice.ask("DELETE", f"{own}/avatar_url")
    assert bob.get(f"{own}/avatar_url") == {}
