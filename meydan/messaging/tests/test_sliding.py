"""Sliding sync as Element X asks for it: `POST org.matrix.simplified_msc3575/sync` (MSC4186 as it is deployed)."""

import threading
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.sliding import ELEMENT_X_STATE, Slider, ask, read, room_list, say

ENCRYPTION = {"conn_id": "encryption", "extensions": {"to_device": {"enabled": True}, "e2ee": {"enabled": True}}}


@pytest.fixture
def alice(gateway: Gateway) -> Api:
    return gateway.register("alice")


@pytest.fixture
def bob(gateway: Gateway) -> Api:
    return gateway.register("bob")


def _bodies(part: dict[str, Any]) -> list[str]:
    return [one["content"].get("body", one["type"]) for one in part["timeline"]]


def _keys(part: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["type"], one["state_key"]) for one in part["required_state"]}


def test_first_window_holds_what_element_x_asks_for(alice: Api, bob: Api) -> None:
    room = alice.post("createRoom", {"preset": "public_chat", "name": "The square"})["room_id"]
    bob.join(room)
    say(bob, room, "hello", "1")
    said = Slider(alice).ask()
    part = said["rooms"][room]
    assert said["lists"] == {"all_rooms": {"count": 1}}
    assert part["initial"] is True
    assert (part["name"], part["joined_count"], part["invited_count"]) == ("The square", 2, 0)
    assert (part["notification_count"], part["highlight_count"]) == (1, 0)
    assert _bodies(part) == ["hello"]
    assert (part["limited"], part["num_live"]) == (True, 0)
    assert part["bump_stamp"] == part["timeline"][0]["origin_server_ts"]
    me, him = ("m.room.member", alice.user_id), ("m.room.member", bob.user_id)
    assert _keys(part) >= {("m.room.name", ""), ("m.room.create", ""), ("m.room.power_levels", ""), me, him}
    assert not _keys(part) & {("m.room.guest_access", "")}
    assert "heroes" not in part
    assert said["extensions"]["account_data"]["global"][0]["type"] == "m.push_rules"


def test_room_without_name_has_heroes(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    part = Slider(alice).ask()["rooms"][room]
    assert [one["user_id"] for one in part["heroes"]] == [bob.user_id]
    assert part["heroes"][0]["displayname"]


def test_prev_batch_leads_to_what_came_before(alice: Api) -> None:
    room = alice.make_room()
    for number in range(5):
        say(alice, room, str(number), str(number))
    part = Slider(alice, room_list(limit=2)).ask()["rooms"][room]
    page = alice.get(f"rooms/{quote(room)}/messages", dir="b", limit=2, **{"from": part["prev_batch"]})
    assert _bodies(part) == ["3", "4"]
    assert [one["content"]["body"] for one in page["chunk"]] == ["2", "1"]


def test_growing_ranges_add_only_new_rooms(alice: Api) -> None:
    rooms = [alice.make_room() for _number in range(5)]
    client = Slider(alice, room_list(1))
    assert set(client.ask()["rooms"]) == set(rooms[3:])
    assert client.count == 5
    said = client.ask(lists=room_list(4)["lists"])
    assert set(said["rooms"]) == set(rooms[:3])
    assert all(part["initial"] for part in said["rooms"].values())
    assert client.ask()["rooms"] == {}


def test_new_message_is_told_once_and_brings_the_room_into_the_window(alice: Api, bob: Api) -> None:
    old, new = alice.make_room(bob), alice.make_room(bob)
    client = Slider(alice, room_list(0))
    assert set(client.ask()["rooms"]) == {new}
    say(bob, old, "here", "1")
    said = client.ask()["rooms"]
    assert set(said) == {old}
    assert said[old]["initial"] is True
    assert said[old]["num_live"] == 1
    say(bob, old, "and here", "2")
    part = client.ask()["rooms"][old]
    assert _bodies(part) == ["and here"]
    assert "initial" not in part
    assert (part["limited"], part["num_live"], part["notification_count"]) == (False, 1, 2)
    assert client.ask()["rooms"] == {}


def test_gap_is_limited_and_tells_the_state_between(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    client = Slider(alice)
    client.ask()
    alice.put(f"rooms/{quote(room)}/state/m.room.name", {"name": "Harbour"})
    for number in range(3):
        say(bob, room, str(number), str(number))
    part = client.ask()["rooms"][room]
    assert (_bodies(part), part["limited"], part["name"]) == (["2"], True, "Harbour")
    assert ("m.room.name", "") in _keys(part)


def test_greater_limit_tells_the_timeline_again(alice: Api) -> None:
    room = alice.make_room()
    for number in range(4):
        say(alice, room, str(number), str(number))
    client = Slider(alice)
    client.ask()
    body = {"required_state": [*ELEMENT_X_STATE, ["m.room.pinned_events", ""]], "timeline_limit": 20}
    part = client.ask(room_subscriptions={room: body})["rooms"][room]
    assert _bodies(part)[-4:] == ["0", "1", "2", "3"]
    assert part["unstable_expanded_timeline"] is True
    assert "initial" not in part
    client.ask(room_subscriptions={})
    say(alice, room, "4", "4")
    assert _bodies(client.ask()["rooms"][room]) == ["4"]
    assert _bodies(client.ask(room_subscriptions={room: body})["rooms"][room])[-2:] == ["3", "4"]


def test_more_required_state_is_told_when_it_is_asked_for(alice: Api) -> None:
    room = alice.make_room()
    client = Slider(alice, {"lists": {"all": {"ranges": [[0, 9]], "required_state": [["m.room.create", ""]]}}})
    assert _keys(client.ask()["rooms"][room]) == {("m.room.create", "")}
    both = [["m.room.create", ""], ["*", "*"]]
    said = client.ask(lists={"all": {"ranges": [[0, 9]], "required_state": both}})["rooms"][room]
    assert ("m.room.guest_access", "") in _keys(said)
    assert ("m.room.member", alice.user_id) in _keys(said)
    assert client.ask()["rooms"] == {}


def test_lazy_members_are_told_once(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    client = Slider(alice, {"lists": {"all": {"ranges": [[0, 9]], "required_state": [["m.room.member", "$LAZY"]]}}})
    client.body["lists"]["all"]["timeline_limit"] = 1
    client.ask()
    him = ("m.room.member", bob.user_id)
    assert him in client.rooms[room]["state"]
    say(bob, room, "1", "1")
    assert "required_state" not in client.ask()["rooms"][room]


def test_invitation_and_its_acceptance(alice: Api, bob: Api) -> None:
    client = Slider(bob)
    client.ask()
    room = alice.post("createRoom", {"invite": [bob.user_id], "is_direct": True, "name": "Us"})["room_id"]
    part = client.ask()["rooms"][room]
    kinds = {one["type"] for one in part["invite_state"]}
    assert kinds >= {"m.room.create", "m.room.name", "m.room.member"}
    assert "timeline" not in part
    say(alice, room, "are you there", "1")
    assert client.ask()["rooms"] == {}
    bob.join(room)
    part = client.ask()["rooms"][room]
    assert part["initial"] is True
    assert (part["joined_count"], "invite_state" in part) == (2, False)


def test_leaving_is_told_once(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    client = Slider(bob)
    client.ask()
    bob.leave(room)
    say(alice, room, "gone?", "1")
    part = client.ask()["rooms"][room]
    own = [one for one in part["required_state"] if one["state_key"] == bob.user_id]
    assert own[0]["content"]["membership"] == "leave"
    assert [one["type"] for one in part["timeline"]] == ["m.room.member"]
    said = client.ask()
    assert (said["rooms"], said["lists"]["all_rooms"]["count"]) == ({}, 0)
    bob.join(room)
    assert client.ask()["rooms"][room]["initial"] is True


def test_what_was_said_before_one_came_stays_hidden_where_the_room_says_so(alice: Api, bob: Api) -> None:
    hidden = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    room = alice.post("createRoom", {"preset": "public_chat", "initial_state": [hidden]})["room_id"]
    say(alice, room, "secret", "1")
    bob.join(room)
    say(alice, room, "welcome", "2")
    part = Slider(bob, room_list(limit=20)).ask()["rooms"][room]
    assert _bodies(part)[-2:] == ["m.room.member", "welcome"]
    assert "secret" not in _bodies(part)
    client = Slider(bob, room_list(limit=20))
    client.ask()
    bob.leave(room)
    say(alice, room, "secret too", "3")
    bob.join(room)
    assert "secret too" not in _bodies(client.ask()["rooms"][room])


def test_kicked_is_told_without_what_follows(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    alice.post(f"rooms/{quote(room)}/kick", {"user_id": bob.user_id})
    say(alice, room, "he is out", "1")
    part = Slider(bob, room_list(limit=20)).ask()["rooms"][room]
    assert "he is out" not in _bodies(part)
    assert part["required_state"][0]["content"]["membership"] == "leave"


def test_receipts_typing_and_account_data(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    event = say(bob, room, "hi", "1")
    client = Slider(alice)
    client.ask()
    assert client.rooms[room]["notification_count"] == 1
    read(bob, room, event)
    alice.put(f"user/{quote(alice.user_id)}/rooms/{quote(room)}/tags/m.favourite", {"order": 0.1})
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.direct", {bob.user_id: [room]})
    bob.put(f"rooms/{quote(room)}/typing/{quote(bob.user_id)}", {"typing": True, "timeout": 9000})
    said = client.ask()
    more = said["extensions"]
    assert more["receipts"]["rooms"][room]["content"][event]["m.read"][bob.user_id]
    assert more["typing"]["rooms"][room]["content"] == {"user_ids": [bob.user_id]}
    assert more["account_data"]["rooms"][room][0]["type"] == "m.tag"
    assert [one["type"] for one in more["account_data"]["global"]] == ["m.direct"]
    assert client.ask()["extensions"] == {}
    read(alice, room, event, "m.read.private")
    said = client.ask()
    assert said["rooms"][room]["notification_count"] == 0
    assert alice.user_id in said["extensions"]["receipts"]["rooms"][room]["content"][event]["m.read.private"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"is_dm": True}, {"direct"}),
        ({"is_dm": False, "is_invite": False}, {"plain", "secret", "space", "child"}),
        ({"is_encrypted": True}, {"secret"}),
        ({"is_invite": True}, {"invited"}),
        ({"room_types": ["m.space"]}, {"space"}),
        ({"room_types": [None], "is_invite": False}, {"plain", "secret", "child", "direct"}),
        ({"not_room_types": ["m.space", None]}, set()),
        ({"tags": ["m.favourite"]}, {"plain"}),
        ({"not_tags": ["m.favourite"], "is_encrypted": False, "is_dm": False}, {"space", "child", "invited"}),
        ({"spaces": ["SPACE"]}, {"child"}),
    ],
)
def test_filters(alice: Api, bob: Api, filters: dict[str, Any], names: set[str]) -> None:
    locked = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    rooms = {name: alice.make_room() for name in ("plain", "direct", "child")}
    rooms["secret"] = alice.post("createRoom", {"initial_state": [locked]})["room_id"]
    rooms["space"] = alice.post("createRoom", {"creation_content": {"type": "m.space"}})["room_id"]
    rooms["invited"] = bob.post("createRoom", {"invite": [alice.user_id]})["room_id"]
    alice.put(f"rooms/{quote(rooms['space'])}/state/m.space.child/{quote(rooms['child'])}", {"via": ["localhost"]})
    alice.put(f"user/{quote(alice.user_id)}/rooms/{quote(rooms['plain'])}/tags/m.favourite", {})
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.direct", {bob.user_id: [rooms["direct"]]})
    if "spaces" in filters:
        filters = {"spaces": [rooms["space"]]}
    said = Slider(alice, {"lists": {"all": {"ranges": [[0, 99]], "filters": filters}}}).ask()
    assert {name for name, room in rooms.items() if room in said["rooms"]} == names
    assert said["lists"]["all"]["count"] == len(names)


def test_long_poll_ends_with_the_news(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    client = Slider(alice)
    client.ask()
    talking = threading.Timer(0.3, lambda: say(bob, room, "now", "1"))
    talking.start()
    part = client.ask(timeout=20_000)["rooms"][room]
    talking.join()
    assert _bodies(part) == ["now"]


def test_long_poll_without_news_ends_empty(alice: Api) -> None:
    client = Slider(alice)
    client.ask()
    said = client.ask(timeout=300)
    assert (said["rooms"], said["extensions"]) == ({}, {})


def test_repeated_request_has_the_same_answer(alice: Api, bob: Api) -> None:
    room = alice.make_room(bob)
    client = Slider(alice)
    client.ask()
    say(bob, room, "1", "1")
    first = ask(alice, client.body, client.pos)
    say(bob, room, "2", "2")
    assert ask(alice, client.body, client.pos) == first
    status, other = ask(alice, room_list(30), client.pos)
    assert (status, _bodies(other["rooms"][room])) == (200, ["2"])
    assert ask(alice, client.body, first[1]["pos"])[1]["errcode"] == "M_UNKNOWN_POS"


def test_unknown_position_is_refused(alice: Api) -> None:
    for pos in ("nonsense", "s1_2", "x" * 200):
        status, said = ask(alice, room_list(), pos)
        assert (status, said["errcode"]) == (400, "M_UNKNOWN_POS")
    client = Slider(alice)
    client.ask()
    assert ask(alice, {**client.body, "conn_id": "other"}, client.pos)[1]["errcode"] == "M_UNKNOWN_POS"


def test_connections_of_a_device_are_bounded(alice: Api) -> None:
    client = Slider(alice)
    client.ask()
    for number in range(6):
        ask(alice, {"conn_id": str(number)})
    assert ask(alice, client.body, client.pos)[1]["errcode"] == "M_UNKNOWN_POS"


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"{", "M_NOT_JSON"),
        (b"[]", "M_INVALID_PARAM"),
        ({"lists": {"a": {"ranges": [[0]]}}}, "M_INVALID_PARAM"),
        ({"lists": {"a": {"ranges": [[-1, 5]]}}}, "M_INVALID_PARAM"),
        ({"lists": {"a": {"required_state": [["m.room.name"]]}}}, "M_INVALID_PARAM"),
        ({"lists": {str(number): {} for number in range(51)}}, "M_INVALID_PARAM"),
        ({"conn_id": "x" * 300}, "M_INVALID_PARAM"),
        ({"extensions": {"to_device": {"enabled": True, "since": "?"}}}, "M_INVALID_PARAM"),
    ],
)
def test_bad_bodies_are_refused(alice: Api, body: Any, errcode: str) -> None:
    status, said = ask(alice, body)
    assert (status, said["errcode"]) == (400, errcode)


def test_encryption_connection_of_element_x(alice: Api, bob: Api, gateway: Gateway) -> None:
    client = Slider(alice, ENCRYPTION)
    said = client.ask()
    assert said["lists"] == said["rooms"] == {}
    assert said["extensions"]["e2ee"]["device_one_time_keys_count"] == {"signed_curve25519": 0}
    assert said["extensions"]["e2ee"]["device_unused_fallback_key_types"] == []
    bob.send_to("m.test", {alice.user_id: {alice.device_id: {"n": 1}}})
    said = client.ask(timeout=10_000)
    assert [one["content"] for one in said["extensions"]["to_device"]["events"]] == [{"n": 1}]
    since = said["extensions"]["to_device"]["next_batch"]
    more = {"to_device": {"enabled": True, "since": since}, "e2ee": {"enabled": True}}
    assert "events" not in client.ask(extensions=more)["extensions"]["to_device"]


def test_transaction_id_comes_back(alice: Api) -> None:
    assert ask(alice, {"txn_id": "t1"})[1]["txn_id"] == "t1"
