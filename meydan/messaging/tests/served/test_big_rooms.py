"""Rooms of many: what all members are told is made once, and of the state only what is asked for is looked at. What a
few are told must be the same as ever."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.queries import unread
from meydan.messaging.tests.served.conftest import Cast, Client, Served

LAZY = json.dumps({"room": {"state": {"lazy_load_members": True}}})
MEMBER = "m.room.member"


@pytest.fixture
def alice(sign_in: Cast) -> Client:
    return sign_in("alice")


@pytest.fixture
def others(sign_in: Cast) -> list[Client]:
    return [sign_in("other") for _ in range(7)]


def sync(client: Client, since: str = "", **query: Any) -> Any:
    return client.get("sync", **({"since": since} if since else {}), **query)


def crowded(alice: Client, others: list[Client], **body: Any) -> str:
    room = alice.make_room(preset="public_chat", **body)
    for other in others:
        other.join(room)
    return room


def members(events: Any) -> set[str]:
    return {one["state_key"] for one in events if one["type"] == MEMBER}


def rename(client: Client, name: str) -> None:
    client.put(f"profile/{quote(client.user_id)}/displayname", {"displayname": name})


def test_who_loads_members_as_they_meet_them_is_told_after_whom_the_room_is_called(
    alice: Client, others: list[Client]
) -> None:
    room = crowded(alice, others)
    for _ in range(3):
        others[-1].send(room, "last")
    wish = json.dumps({"room": {"timeline": {"limit": 2}, "state": {"lazy_load_members": True}}})
    part = sync(others[-1], filter=wish)["rooms"]["join"][room]
    heroes = [alice.user_id, *(other.user_id for other in others[:4])]
    assert part["summary"]["m.heroes"] == heroes
    assert members(part["state"]["events"]) == {*heroes, others[-1].user_id}
    assert "m.room.create" in {one["type"] for one in part["state"]["events"]}


def test_with_a_name_only_those_who_speak_are_told(alice: Client, others: list[Client]) -> None:
    room = crowded(alice, others, name="square")
    alice.send(room, "one")
    wish = json.dumps({"room": {"timeline": {"limit": 1}, "state": {"lazy_load_members": True}}})
    part = sync(others[0], filter=wish)["rooms"]["join"][room]
    assert members(part["state"]["events"]) == {alice.user_id, others[0].user_id}
    whole = json.dumps({"room": {"timeline": {"limit": 1}}})
    part = sync(others[0], filter=whole)["rooms"]["join"][room]
    assert members(part["state"]["events"]) == {alice.user_id, *(other.user_id for other in others)}


def test_who_comes_is_told_to_all_alike_and_to_heroes_of_the_others(
    alice: Client, others: list[Client], sign_in: Cast
) -> None:
    room, carol = crowded(alice, others), sign_in("carol")
    stands = {one.user_id: sync(one)["next_batch"] for one in (alice, *others[-2:])}
    carol.join(room)
    told = {one.user_id: sync(one, stands[one.user_id])["rooms"]["join"][room] for one in (alice, *others[-2:])}
    assert all(members(part["timeline"]["events"]) == {carol.user_id} for part in told.values())
    assert all(part["summary"]["m.joined_member_count"] == 9 for part in told.values())
    first = [alice.user_id, *(other.user_id for other in others[:5])]
    assert told[alice.user_id]["summary"]["m.heroes"] == first[1:]
    assert told[others[-1].user_id]["summary"]["m.heroes"] == first[:5]
    assert told[others[-1].user_id] == told[others[-2].user_id]


def test_the_state_after_is_told_to_all_alike(alice: Client, others: list[Client]) -> None:
    room = crowded(alice, others[:2])
    stands = [sync(one)["next_batch"] for one in others[:2]]
    for topic in ("one", "two"):
        alice.put(f"rooms/{quote(room)}/state/m.room.topic/", {"topic": topic})
    for one, since in zip(others[:2], stands, strict=True):
        part = sync(one, since, use_state_after="true")["rooms"]["join"][room]
        assert [event["content"] for event in part["state_after"]["events"]] == [{"topic": "two"}]
        assert len(part["timeline"]["events"]) == 2
        assert sync(one, since)["rooms"]["join"][room]["state"]["events"] == []


def test_receipts_are_told_to_all_and_private_ones_to_nobody_else(alice: Client, others: list[Client]) -> None:
    room = crowded(alice, others[:3])
    event = alice.send(room, "read me")
    stands = {one.user_id: sync(one)["next_batch"] for one in (alice, *others[:3])}
    others[0].post(f"rooms/{quote(room)}/receipt/m.read/{quote(event)}")
    others[1].post(f"rooms/{quote(room)}/receipt/m.read.private/{quote(event)}")
    for one in (alice, others[2], others[0], others[1]):
        part = sync(one, stands[one.user_id])["rooms"]["join"][room]
        said = part["ephemeral"]["events"][0]["content"][event]
        assert set(said["m.read"]) == {others[0].user_id}
        assert set(said.get("m.read.private", ())) == ({others[1].user_id} if one is others[1] else set())
    alice.put(f"rooms/{quote(room)}/typing/{quote(alice.user_id)}", {"typing": True, "timeout": 20000})
    part = sync(others[2], stands[others[2].user_id])["rooms"]["join"][room]
    assert {one["type"] for one in part["ephemeral"]["events"]} == {"m.receipt", "m.typing"}


def test_members_and_state_of_then(alice: Client, others: list[Client]) -> None:
    room, bob, gone = crowded(alice, others[:2], topic="old"), others[0], others[1]
    then = sync(alice)["next_batch"]
    rename(bob, "Robert")
    gone.post(f"rooms/{quote(room)}/leave")
    alice.put(f"rooms/{quote(room)}/state/m.room.topic/", {"topic": "new"})
    path = f"rooms/{quote(room)}"
    told = {one["state_key"]: one["content"] for one in alice.get(f"{path}/members", at=then)["chunk"]}
    assert told[bob.user_id]["displayname"] != "Robert"
    assert told[gone.user_id]["membership"] == "join"
    stayed = alice.get(f"{path}/members", at=then, not_membership="leave")["chunk"]
    assert members(stayed) == {alice.user_id, bob.user_id, gone.user_id}
    assert members(alice.get(f"{path}/members", membership="leave")["chunk"]) == {gone.user_id}
    assert gone.get(f"{path}/state/m.room.topic/") == {"topic": "old"}
    state = {(one["type"], one["state_key"]): one["content"] for one in gone.ask("GET", f"{path}/state").json}
    assert state["m.room.topic", ""] == {"topic": "old"}
    assert state[MEMBER, bob.user_id]["displayname"] == "Robert"
    assert set(alice.get(f"{path}/joined_members")["joined"]) == {alice.user_id, bob.user_id}


def test_what_was_redacted_was_something_before(alice: Client) -> None:
    room, path = alice.make_room(topic="first"), "rooms/{}/state/m.room.topic/"
    path = path.format(quote(room))
    then = sync(alice)["next_batch"]
    second = alice.put(path, {"topic": "second"})["event_id"]
    alice.put(f"rooms/{quote(room)}/redact/{quote(second)}/1")
    for _ in range(12):
        alice.send(room, "on")
    alice.put(path, {"topic": "third"})
    wish = json.dumps({"room": {"timeline": {"limit": 1}}})
    state = sync(alice, filter=wish)["rooms"]["join"][room]["state"]["events"]
    assert [one["content"] for one in state if one["type"] == "m.room.topic"] == [{}]
    state = sync(alice, then, filter=wish)["rooms"]["join"][room]["state"]["events"]
    assert [one["content"] for one in state if one["type"] == "m.room.topic"] == [{}]


def test_what_is_set_twice_at_once_says_what_was_before(alice: Client) -> None:
    topics = [{"type": "m.room.topic", "content": {"topic": text}} for text in ("one", "two")]
    room = alice.make_room(initial_state=topics)
    found = alice.get(f"rooms/{quote(room)}/messages", dir="b", limit=50)["chunk"]
    newest = next(one for one in found if one["type"] == "m.room.topic")
    assert newest["unsigned"]["prev_content"] == {"topic": "one"}


def test_what_stands_around_an_event_needs_no_members_but_those_who_speak(alice: Client, others: list[Client]) -> None:
    room = crowded(alice, others[:3])
    event = alice.send(room, "here")
    path = f"rooms/{quote(room)}/context/{quote(event)}"
    wish = json.dumps({"lazy_load_members": True})
    assert members(alice.get(path, limit=0, filter=wish)["state"]) == {alice.user_id}
    assert len(members(alice.get(path, limit=0)["state"])) == 4


def test_who_leaves_is_told_whose_keys_to_forget(alice: Client, others: list[Client]) -> None:
    room, other = crowded(alice, others[:3]), crowded(alice, others[:1])
    since = sync(others[0])["next_batch"]
    others[2].post(f"rooms/{quote(room)}/leave")
    others[0].post(f"rooms/{quote(room)}/leave")
    assert sync(others[0], since)["device_lists"]["left"] == sorted([others[1].user_id, others[2].user_id])
    assert other


def test_a_first_sync_reads_no_state_from_the_database(
    alice: Client, others: list[Client], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded(alice, others)
    assert served.gateway is not None
    pool, asked = served.gateway.messenger.reader.pool, []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(pool, name)

        def fetch(self, statement: str, *values: Any) -> Any:
            asked.append(statement)
            return pool.fetch(statement, *values)

    monkeypatch.setattr(served.gateway.messenger.reader, "pool", Watched())
    sync(others[0], filter=LAZY)
    assert asked
    assert not [one for one in asked if "state_key is not null" in one]


def test_where_many_count_the_past_is_read_once(
    alice: Client, others: list[Client], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "CROWD", 2)
    room = crowded(alice, others[:3])
    events = [alice.send(room, f"{number}") for number in range(70)]

    def count(client: Client) -> int:
        part = sync(client, filter=LAZY)["rooms"]["join"][room]
        return int(part["unread_notifications"]["notification_count"])

    assert served.gateway is not None
    held = served.gateway.messenger.live.by_id[room]
    assert held.past is None
    assert count(others[0]) == 70
    past = held.past
    assert past is not None
    others[1].post(f"rooms/{quote(room)}/receipt/m.read/{quote(events[1])}")
    alice.send(room, "one more")
    assert [count(other) for other in others[:3]] == [71, 69, 71]
    assert held.past is past, "it moves on with the room"
    alice.put(f"rooms/{quote(room)}/redact/{quote(events[0])}/1")
    assert held.past is None
    assert [count(other) for other in others[:3]] == [70, 69, 70]
    with monkeypatch.context() as patch:
        patch.setattr(unread, "CROWD", 1000)
        held.unread.clear()
        assert [count(other) for other in others[:3]] == [70, 69, 70]
