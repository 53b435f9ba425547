"""Unread counts in `/sync` (client-server API, "Receipts", `unread_notifications`)."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.queries.live import TAIL
from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.sliding import Slider, read, say

THREADS = json.dumps({"room": {"timeline": {"unread_thread_notifications": True}}})


@pytest.fixture
def alice(gateway: Gateway) -> Api:
    return gateway.register("alice")


@pytest.fixture
def bob(gateway: Gateway) -> Api:
    return gateway.register("bob")


@pytest.fixture
def room(alice: Api, bob: Api) -> str:
    return alice.make_room(bob)


def _unread(api: Api, room: str, since: str = "", **query: Any) -> tuple[int, int]:
    counts = api.sync(since, **query)["rooms"]["join"][room]["unread_notifications"]
    return counts["notification_count"], counts["highlight_count"]


def test_messages_of_others_are_counted_until_they_are_read(alice: Api, bob: Api, room: str) -> None:
    say(alice, room, "one", "1")
    two = say(alice, room, f"two, {bob.user_id}", "2", **{"m.mentions": {"user_ids": [bob.user_id]}})
    assert _unread(bob, room) == (2, 1)
    assert _unread(alice, room) == (0, 0)
    read(bob, room, two)
    assert _unread(bob, room) == (0, 0)


@pytest.mark.parametrize("kind", ["m.read", "m.read.private"])
def test_reading_is_told_to_ones_other_polls(alice: Api, bob: Api, room: str, kind: str) -> None:
    event = say(alice, room, "one", "1")
    say(alice, room, "two", "2")
    since = bob.sync()["next_batch"]
    read(bob, room, event, kind)
    assert _unread(bob, room, since) == (1, 0)


def test_full_read_marker_reads_nothing(alice: Api, bob: Api, room: str) -> None:
    event = say(alice, room, "one", "1")
    bob.post(f"rooms/{quote(room)}/read_markers", {"m.fully_read": event})
    assert _unread(bob, room) == (1, 0)
    events = bob.sync()["rooms"]["join"][room]["account_data"]["events"]
    assert events == [{"type": "m.fully_read", "content": {"event_id": event}}]
    client = Slider(bob)
    assert client.ask()["extensions"]["account_data"]["rooms"][room] == events
    newer = say(alice, room, "two", "2")
    client.ask()
    bob.post(f"rooms/{quote(room)}/read_markers", {"m.fully_read": newer})
    assert client.ask()["extensions"]["account_data"]["rooms"][room][0]["content"] == {"event_id": newer}
    assert client.ask()["extensions"] == {}


def test_counts_move_on_with_each_poll(alice: Api, bob: Api, room: str) -> None:
    since = bob.sync()["next_batch"]
    for number in range(3):
        say(alice, room, "more", str(number))
        say(bob, room, "mine", str(number))
        said = bob.sync(since)
        since = said["next_batch"]
        assert said["rooms"]["join"][room]["unread_notifications"]["notification_count"] == number + 1


def test_nothing_before_the_join_counts_and_a_new_name_is_no_join(alice: Api, bob: Api) -> None:
    room = alice.make_room()
    say(alice, room, "before", "1")
    bob.join(room)
    say(alice, room, "after", "2")
    member = {"membership": "join", "displayname": "Bobby"}
    bob.put(f"rooms/{quote(room)}/state/m.room.member/{quote(bob.user_id)}", member)
    assert _unread(bob, room) == (1, 0)
    bob.leave(room)
    bob.join(room)
    assert _unread(bob, room) == (0, 0)


def test_more_than_memory_holds_is_counted_too(alice: Api, bob: Api, room: str) -> None:
    for number in range(TAIL + 6):
        say(alice, room, "again", str(number))
    assert _unread(bob, room) == (TAIL + 6, 0)


def test_redacted_message_counts_no_more(alice: Api, bob: Api, room: str) -> None:
    mention = {"m.mentions": {"user_ids": [bob.user_id]}}
    event = say(alice, room, "oh", "1", **mention)
    assert _unread(bob, room) == (1, 1)
    alice.put(f"rooms/{quote(room)}/redact/{quote(event)}/2", {})
    assert _unread(bob, room) == (0, 0)


def test_own_rules_decide(alice: Api, bob: Api, room: str) -> None:
    bob.put("pushrules/global/content/cats", {"pattern": "cats", "actions": ["notify", {"set_tweak": "highlight"}]})
    say(alice, room, "cats!", "1")
    assert _unread(bob, room) == (1, 1)
    bob.put("pushrules/global/override/.m.rule.master/enabled", {"enabled": True})
    assert _unread(bob, room) == (0, 0)


def test_threads_are_counted_apart_where_the_filter_says_so(alice: Api, bob: Api, room: str) -> None:
    root = say(alice, room, "root", "1")
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
    first = say(alice, room, "in the thread", "2", **thread)
    say(alice, room, "there too", "3", **thread)
    assert _unread(bob, room) == (3, 0)
    assert _unread(bob, room, filter=THREADS) == (1, 0)
    read(bob, room, root, thread_id="main")
    read(bob, room, first, thread_id=root)
    part = bob.sync(filter=THREADS)["rooms"]["join"][room]
    assert part["unread_notifications"] == {"notification_count": 0, "highlight_count": 0}
    assert part["unread_thread_notifications"] == {root: {"notification_count": 1, "highlight_count": 0}}
    assert _unread(bob, room) == (1, 0)
    read(bob, room, say(alice, room, "all of it", "4"))
    assert _unread(bob, room) == (0, 0)
