"""A channel's readers learn of nobody who reads it, by no way that the server has; who leads it does when they ask."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.served.conftest import Cast, Client

SLIDING = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
CHANNEL = {
    "preset": "public_chat",
    "name": "News of the square",
    "creation_content": {"type": "org.meydan.channel"},
    "power_level_content_override": {"events_default": 50, "invite": 50},
}
ALL = {"all": {"ranges": [[0, 9]], "timeline_limit": 50, "required_state": [["*", "*"]]}}
HEARD = {"receipts": {"enabled": True}, "typing": {"enabled": True}, "e2ee": {"enabled": True}}


class Scene:
    """A channel with its leader, one who reads, and one of whom that one is to learn nothing."""

    def __init__(self, sign_in: Cast) -> None:
        self.leader, self.reader, self.other = sign_in("leader"), sign_in("reader"), sign_in("other")
        self.room = self.leader.make_room(**CHANNEL)
        self.reader.join(self.room)
        self.since = self.reader.get("sync")["next_batch"]
        self.said = self.leader.send(self.room, "Hear, hear")
        self.other.join(self.room)
        self.other.post(f"rooms/{quote(self.room)}/receipt/m.read/{quote(self.said)}")

    def at(self, rest: str) -> str:
        """A path of the room."""
        return f"rooms/{quote(self.room)}/{rest}"


@pytest.fixture
def scene(sign_in: Cast) -> Scene:
    return Scene(sign_in)


def sliding(client: Client) -> Any:
    return client.post(SLIDING, {"conn_id": "c", "lists": ALL, "extensions": HEARD})


FULL = json.dumps({"room": {"timeline": {"limit": 50}, "state": {"lazy_load_members": False}}})
LAZY = json.dumps({"room": {"timeline": {"limit": 50, "lazy_load_members": True}}})
WAYS: dict[str, Callable[[Scene, Client], Any]] = {
    "members": lambda scene, client: client.get(scene.at("members")),
    "joined members": lambda scene, client: client.get(scene.at("joined_members")),
    "state": lambda scene, client: client.get(scene.at("state")),
    "messages": lambda scene, client: client.get(scene.at("messages"), dir="b", limit=100),
    "messages, lazily": lambda scene, client: client.get(
        scene.at("messages"), dir="b", limit=100, filter='{"lazy_load_members": true}'
    ),
    "context": lambda scene, client: client.get(scene.at(f"context/{quote(scene.said)}"), limit=50),
    "first sync": lambda _scene, client: client.get("sync", filter=FULL),
    "first sync, lazily": lambda _scene, client: client.get("sync", filter=LAZY),
    "next sync": lambda scene, client: client.get("sync", since=scene.since),
    "sync with all state": lambda scene, client: client.get("sync", since=scene.since, full_state="true"),
    "sliding sync": lambda _scene, client: sliding(client),
    "people": lambda _scene, client: client.post("user_directory/search", {"search_term": "other"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_learns_of_no_other_reader(scene: Scene, way: str) -> None:
    said = json.dumps(WAYS[way](scene, scene.reader))
    assert scene.other.user_id not in said
    assert way == "people" or scene.leader.user_id in said


def test_a_reader_is_refused_what_they_ask_for_by_name(scene: Scene) -> None:
    state = scene.at(f"state/m.room.member/{quote(scene.other.user_id)}")
    assert scene.reader.ask("GET", state).errcode == "M_NOT_FOUND"
    events = scene.leader.get(scene.at("members"))["chunk"]
    joined = next(one["event_id"] for one in events if one["state_key"] == scene.other.user_id)
    assert scene.reader.ask("GET", scene.at(f"event/{quote(joined)}")).errcode == "M_NOT_FOUND"
    own = scene.reader.get(scene.at(f"state/m.room.member/{quote(scene.reader.user_id)}"))
    assert own["membership"] == "join"


def test_readers_do_not_write_and_nobody_sees_that_they_would(scene: Scene) -> None:
    message = {"msgtype": "m.text", "body": "me too"}
    assert scene.reader.ask("PUT", scene.at("send/m.room.message/1"), message).errcode == "M_FORBIDDEN"
    scene.other.put(scene.at(f"typing/{quote(scene.other.user_id)}"), {"typing": True, "timeout": 9000})
    assert scene.other.user_id not in json.dumps(sliding(scene.reader))


def test_the_leader_has_the_list_and_both_have_the_number(scene: Scene) -> None:
    everybody = {scene.leader.user_id, scene.reader.user_id, scene.other.user_id}
    assert set(scene.leader.get(scene.at("joined_members"))["joined"]) == everybody
    assert {one["state_key"] for one in scene.leader.get(scene.at("members"))["chunk"]} == everybody
    assert sliding(scene.reader)["rooms"][scene.room]["joined_count"] == 3
    scene.leader.post(scene.at("kick"), {"user_id": scene.other.user_id})
    assert sliding(scene.reader)["rooms"][scene.room]["joined_count"] == 2


def test_who_may_write_is_known_to_all(scene: Scene) -> None:
    levels = scene.leader.get(scene.at("state/m.room.power_levels"))
    levels["users"][scene.other.user_id] = 50
    scene.leader.put(scene.at("state/m.room.power_levels"), levels)
    assert scene.other.user_id in scene.reader.get(scene.at("joined_members"))["joined"]
    scene.other.send(scene.room, "I write here now")
    assert scene.other.user_id in json.dumps(sliding(scene.reader))


def test_a_channel_that_is_upgraded_stays_one(scene: Scene) -> None:
    new = scene.leader.post(scene.at("upgrade"), {"new_version": "11"})["replacement_room"]
    scene.reader.join(new)
    scene.other.join(new)
    assert scene.other.user_id not in scene.reader.get(f"rooms/{quote(new)}/joined_members")["joined"]
    assert scene.reader.post("user_directory/search", {"search_term": "other"})["results"] == []
