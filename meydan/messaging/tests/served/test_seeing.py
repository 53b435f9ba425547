"""What a model of rooms finds, each in its smallest form: who is told what of a room when they come, go, or return."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.served.conftest import Cast, Client

SINCE_JOINED = [{"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": "joined"}}]


@pytest.fixture
def alice(sign_in: Cast) -> Client:
    return sign_in("alice")


@pytest.fixture
def bob(sign_in: Cast) -> Client:
    return sign_in("bob")


def move(client: Client, room: str, verb: str, **body: Any) -> None:
    client.post(f"rooms/{quote(room)}/{verb}", body)


def sync(client: Client, since: str = "", **query: Any) -> Any:
    return client.get("sync", **({"since": since} if since else {}), **query)


def bodies(part: Any) -> list[str]:
    return [one["content"]["body"] for one in part["timeline"]["events"] if one["type"] == "m.room.message"]


def kinds(part: Any, section: str = "state") -> set[str]:
    return {one["type"] for one in part[section]["events"]}


def topic(client: Client, room: str, text: str) -> str:
    return str(client.put(f"rooms/{quote(room)}/state/m.room.topic/", {"topic": text})["event_id"])


def test_a_refused_invitation_tells_only_that_it_is_gone(alice: Client, bob: Client) -> None:
    room, since = alice.make_room(topic="secret"), sync(bob)["next_batch"]
    move(alice, room, "invite", user_id=bob.user_id)
    alice.send(room, "secret")
    move(bob, room, "leave")
    part = sync(bob, since)["rooms"]["leave"][room]
    assert [one["content"]["membership"] for one in part["timeline"]["events"]] == ["leave"]
    assert part["state"]["events"] == []
    for path in ("messages", "state", "members"):
        assert bob.ask("GET", f"rooms/{quote(room)}/{path}").errcode == "M_FORBIDDEN"


def test_who_came_and_went_between_two_syncs_is_told_their_stay(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat", initial_state=SINCE_JOINED)
    since = sync(bob)["next_batch"]
    alice.send(room, "before")
    bob.join(room)
    alice.send(room, "meanwhile")
    move(bob, room, "leave")
    alice.send(room, "after")
    part = sync(bob, since)["rooms"]["leave"][room]
    assert bodies(part) == ["meanwhile"]
    assert {"m.room.create", "m.room.power_levels"} <= kinds(part) | kinds(part, "timeline")


def test_who_returns_is_not_told_what_was_said_behind_them(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat", initial_state=SINCE_JOINED)
    bob.join(room)
    since = sync(bob)["next_batch"]
    move(bob, room, "leave")
    alice.send(room, "behind")
    topic(alice, room, "new")
    bob.join(room)
    part = sync(bob, since)["rooms"]["join"][room]
    assert bodies(part) == []
    assert [one["content"] for one in part["state"]["events"]] == [{"topic": "new"}]


def test_a_newcomer_knows_the_state_though_its_events_are_hidden(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat", initial_state=SINCE_JOINED)
    topic(alice, room, "hidden")
    since = sync(bob)["next_batch"]
    bob.join(room)
    part = sync(bob, since)["rooms"]["join"][room]
    assert part["timeline"]["limited"]
    assert "m.room.topic" not in kinds(part, "timeline")
    assert "m.room.topic" in kinds(part)


def test_a_timelines_filter_hides_no_state(alice: Client) -> None:
    room, wish = alice.make_room(), json.dumps({"room": {"timeline": {"types": ["m.room.message"]}}})
    since = sync(alice)["next_batch"]
    topic(alice, room, "new")
    assert kinds(sync(alice, since, filter=wish)["rooms"]["join"][room]) == {"m.room.topic"}


def test_the_state_after_the_timeline(alice: Client) -> None:
    room, since = alice.make_room(topic="old"), sync(alice)["next_batch"]
    topic(alice, room, "new")
    part = sync(alice, since, use_state_after="true")["rooms"]["join"][room]
    assert [one["content"] for one in part["state_after"]["events"]] == [{"topic": "new"}]
    assert "state" not in part
    part = sync(alice, **{"org.matrix.msc4222.use_state_after": "true"})["rooms"]["join"][room]
    assert {"topic": "new"} in [one["content"] for one in part["org.matrix.msc4222.state_after"]["events"]]


def test_the_state_is_that_of_when_they_left_though_they_were_banned_later(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat", topic="old")
    bob.join(room)
    move(bob, room, "leave")
    topic(alice, room, "new")
    move(alice, room, "ban", user_id=bob.user_id)
    path = f"rooms/{quote(room)}"
    assert bob.get(f"{path}/state/m.room.topic/") == {"topic": "old"}
    now = sync(alice)["next_batch"]
    told = {one["state_key"]: one["content"]["membership"] for one in bob.get(f"{path}/members", at=now)["chunk"]}
    assert told[bob.user_id] == "leave"


def test_who_was_in_reads_on_while_they_are_invited_again(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    alice.send(room, "then")
    move(bob, room, "leave")
    alice.send(room, "now")
    move(alice, room, "invite", user_id=bob.user_id)
    said = bob.get(f"rooms/{quote(room)}/messages", dir="b", limit=100)["chunk"]
    assert [one["content"]["body"] for one in said if one["type"] == "m.room.message"] == ["then"]


def test_what_is_redacted_is_not_said_by_its_successor(alice: Client) -> None:
    room = alice.make_room()
    first = topic(alice, room, "regretted")
    topic(alice, room, "better")
    alice.put(f"rooms/{quote(room)}/redact/{quote(first)}/1")
    assert b"regretted" not in alice.ask("GET", f"rooms/{quote(room)}/messages", dir="b", limit=100).body
    assert b"regretted" not in alice.ask("GET", "sync").body


def test_what_is_redacted_is_not_said_by_its_edits(alice: Client) -> None:
    room = alice.make_room()
    first, new = alice.send(room, "first"), {"msgtype": "m.text", "body": "regretted"}
    alice.send(room, {**new, "m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": first}})
    alice.put(f"rooms/{quote(room)}/redact/{quote(first)}/1")
    assert b"regretted" not in alice.ask("GET", f"rooms/{quote(room)}/event/{quote(first)}").body


def test_who_has_forgotten_a_room_reads_it_no_more(alice: Client, bob: Client) -> None:
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    move(bob, room, "leave")
    assert bob.get(f"rooms/{quote(room)}/messages")["chunk"] != []
    move(bob, room, "forget")
    assert bob.ask("GET", f"rooms/{quote(room)}/messages").errcode == "M_FORBIDDEN"
    bob.join(room)
    assert bob.get(f"rooms/{quote(room)}/messages")["chunk"] != []


@pytest.mark.parametrize("token", ["s²_0_0_0_0", "s0_999999999999_0_0_0", "s" + "9" * 30 + "_0_0_0_0", "t1"])
def test_a_token_that_nobody_gave(alice: Client, token: str) -> None:
    assert alice.ask("GET", "sync", since=token).errcode == "M_INVALID_PARAM"
