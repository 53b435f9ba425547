"""Relations, threads, and what is bundled with an event."""

import time
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.served.conftest import Cast, Client

V1 = "/_matrix/client/v1/rooms"


def edit(client: Client, room: str, event_id: str, body: str) -> str:
    """Replace a message."""
    new = {"msgtype": "m.text", "body": body}
    relates = {"rel_type": "m.replace", "event_id": event_id}
    return client.send(room, {**new, "body": f"* {body}", "m.new_content": new, "m.relates_to": relates})


def answer(client: Client, room: str, root: str, body: str, rel_type: str = "m.thread") -> str:
    """Speak in a thread."""
    relates = {"rel_type": rel_type, "event_id": root}
    return client.send(room, {"msgtype": "m.text", "body": body, "m.relates_to": relates})


def bundle(client: Client, room: str, event_id: str) -> Any:
    """What is said under `m.relations` of an event."""
    return client.get(f"rooms/{quote(room)}/event/{quote(event_id)}").get("unsigned", {}).get("m.relations")


@pytest.fixture
def pair(sign_in: Cast) -> tuple[Client, Client, str]:
    """Alice, Bob, and a room with both."""
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    return alice, bob, room


def test_the_newest_edit_of_the_same_sender(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    first = alice.send(room, "helo")
    edit(alice, room, first, "hallo")
    time.sleep(0.002)  # of two edits of one millisecond the greater event id is the newer (client-server API, 11.6)
    newest = edit(alice, room, first, "hello")
    edit(bob, room, first, "nonsense")
    answer(alice, room, first, "no new content", "m.replace")
    said = bundle(bob, room, first)
    assert said["m.replace"]["event_id"] == newest
    assert said["m.replace"]["content"]["m.new_content"]["body"] == "hello"
    assert bundle(bob, room, newest) is None
    alice.put(f"rooms/{quote(room)}/redact/{quote(newest)}/1")
    assert bundle(bob, room, first)["m.replace"]["content"]["m.new_content"]["body"] == "hallo"


def test_a_threads_summary(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    root = alice.send(room, "a question")
    answer(alice, room, root, "more of it")
    last = answer(alice, room, root, "and mor")
    edit(alice, room, last, "and more")
    said = bundle(bob, room, root)["m.thread"]
    assert (said["count"], said["current_user_participated"]) == (2, False)
    assert said["latest_event"]["event_id"] == last
    edited = said["latest_event"]["unsigned"]["m.relations"]["m.replace"]
    assert edited["content"]["m.new_content"]["body"] == "and more"
    assert bundle(alice, room, root)["m.thread"]["current_user_participated"] is True
    answer(bob, room, root, "an answer")
    assert bundle(bob, room, root)["m.thread"]["current_user_participated"] is True


def test_references(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    root = alice.send(room, "a poll")
    votes = [answer(client, room, root, "yes", "m.reference") for client in (alice, bob)]
    assert bundle(alice, room, root) == {"m.reference": {"chunk": [{"event_id": vote} for vote in votes]}}


def test_bundles_everywhere_but_in_the_live_tail(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    since = bob.get("sync")["next_batch"]
    root = alice.send(room, "a question")
    answer(alice, room, root, "more of it")

    def with_thread(events: list[Any]) -> bool:
        return any("m.thread" in one.get("unsigned", {}).get("m.relations", {}) for one in events)

    assert with_thread(bob.get(f"rooms/{quote(room)}/messages", dir="b")["chunk"])
    assert with_thread([bob.get(f"rooms/{quote(room)}/context/{quote(root)}")["event"]])
    assert with_thread(bob.get("sync")["rooms"]["join"][room]["timeline"]["events"])
    assert not with_thread(bob.get("sync", since=since)["rooms"]["join"][room]["timeline"]["events"])


@pytest.mark.parametrize("direction", ["b", "f"])
def test_pages_of_relations(pair: tuple[Client, Client, str], direction: str) -> None:
    alice, bob, room = pair
    root = alice.send(room, "a question")
    sent = [answer(alice, room, root, str(number)) for number in range(5)]
    answer(alice, room, sent[0], "no part of it", "m.reference")
    path, found = f"{V1}/{quote(room)}/relations/{quote(root)}/m.thread", []
    since: dict[str, str] = {}
    while True:
        page = bob.get(path, dir=direction, limit=2, **since)
        found += [one["event_id"] for one in page["chunk"]]
        if "next_batch" not in page:
            break
        since = {"from": page["next_batch"]}
    assert found == (sent if direction == "f" else sent[::-1])


def test_relations_by_type_and_depth(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    root = alice.send(room, "a question")
    child = answer(alice, room, root, "an answer")
    like = {"m.relates_to": {"rel_type": "m.annotation", "event_id": child, "key": "👍"}}
    reaction = bob.send(room, like, "m.reaction")
    base = f"{V1}/{quote(room)}/relations"

    def ids(path: str, **query: str) -> list[str]:
        return [one["event_id"] for one in bob.get(f"{base}/{path}", **query)["chunk"]]

    assert ids(quote(root)) == [child]
    assert ids(quote(root), recurse="true") == [reaction, child]
    assert ids(f"{quote(child)}/m.annotation/m.reaction") == [reaction]
    assert ids(f"{quote(child)}/m.annotation/m.room.message") == []
    assert ids(f"{quote(root)}/m.annotation", recurse="true") == [reaction]
    assert bob.ask("GET", f"{base}/{quote(root)}", dir="x").errcode == "M_INVALID_PARAM"
    assert bob.ask("GET", f"{base}/$nothing").errcode == "M_NOT_FOUND"


def test_threads(pair: tuple[Client, Client, str]) -> None:
    alice, bob, room = pair
    roots = [alice.send(room, f"question {number}") for number in range(3)]
    for root in roots:
        answer(alice, room, root, "more")
    answer(bob, room, roots[0], "an answer")
    path = f"{V1}/{quote(room)}/threads"
    page = alice.get(path, limit=2)
    assert [one["event_id"] for one in page["chunk"]] == [roots[0], roots[2]]
    rest = alice.get(path, limit=2, **{"from": page["next_batch"]})
    assert [one["event_id"] for one in rest["chunk"]] == [roots[1]]
    assert "next_batch" not in rest
    assert [one["event_id"] for one in bob.get(path, include="participated")["chunk"]] == [roots[0]]


def test_who_is_out_sees_nothing(pair: tuple[Client, Client, str], sign_in: Cast) -> None:
    alice, bob, room = pair
    root = alice.send(room, "a question")
    answer(alice, room, root, "before")
    bob.post(f"rooms/{quote(room)}/leave")
    secret = answer(alice, room, root, "after")
    edit(alice, room, root, "changed after")
    said = bundle(bob, room, root)
    assert "m.replace" not in said
    assert said["m.thread"]["latest_event"]["content"]["body"] == "before"
    found = bob.get(f"{V1}/{quote(room)}/relations/{quote(root)}")["chunk"]
    assert secret not in [one["event_id"] for one in found]
    carol = sign_in("carol")
    assert carol.ask("GET", f"{V1}/{quote(room)}/relations/{quote(root)}").errcode == "M_FORBIDDEN"
    assert carol.ask("GET", f"{V1}/{quote(room)}/threads").errcode == "M_FORBIDDEN"
