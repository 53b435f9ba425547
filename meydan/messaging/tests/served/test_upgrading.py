"""Rooms are replaced; messages, rooms and people are reported."""

from typing import Any
from urllib.parse import quote

from meydan.kernel.actor import Actor, Role
from meydan.messaging.queries.reported import look_at_message
from meydan.messaging.tests.served.conftest import Cast, Client, Served
from meydan.moderation.models import Flag


def state(client: Client, room: str, kind: str, key: str = "") -> Any:
    """A piece of a room's state."""
    return client.get(f"rooms/{quote(room)}/state/{kind}/{quote(key)}")


def test_a_room_is_upgraded(sign_in: Cast) -> None:
    alice, bob, mallory = sign_in("alice"), sign_in("bob"), sign_in("mallory")
    old = alice.make_room(
        room_version="10", visibility="public", name="Square", topic="Lights", room_alias_name="upgraded"
    )
    bob.join(old)
    alice.post(f"rooms/{quote(old)}/ban", {"user_id": mallory.user_id, "reason": "spam"})
    path = f"rooms/{quote(old)}/upgrade"
    assert bob.ask("POST", path, {"new_version": "11"}).errcode == "M_FORBIDDEN"
    assert alice.ask("POST", path, {"new_version": "12"}).errcode == "M_UNSUPPORTED_ROOM_VERSION"
    assert mallory.ask("POST", path, {"new_version": "11"}).errcode == "M_FORBIDDEN"
    new = alice.post(path, {"new_version": "11"})["replacement_room"]
    assert state(alice, old, "m.room.tombstone")["replacement_room"] == new
    created = state(alice, new, "m.room.create")
    assert (created["room_version"], created["predecessor"]["room_id"]) == ("11", old)
    assert state(alice, new, "m.room.name") == {"name": "Square"}
    assert state(alice, new, "m.room.power_levels") == {
        **state(alice, old, "m.room.power_levels"),
        "events_default": 0,
        "invite": 0,
    }
    assert alice.get(f"directory/room/{quote('#upgraded:localhost')}")["room_id"] == new
    assert state(alice, new, "m.room.canonical_alias") == {"alias": "#upgraded:localhost"}
    assert alice.get(f"directory/list/room/{quote(new)}") == {"visibility": "public"}
    assert alice.get(f"directory/list/room/{quote(old)}") == {"visibility": "private"}
    assert mallory.ask("POST", f"join/{quote(new)}", {}).errcode == "M_FORBIDDEN"
    bob.join(new)
    message = {"msgtype": "m.text", "body": "too late"}
    assert bob.ask("PUT", f"rooms/{quote(old)}/send/m.room.message/1", message).errcode == "M_FORBIDDEN"


def test_half_a_power_upgrades_and_stays_half(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    users = {alice.user_id: 100, bob.user_id: 50}
    levels = {"users": users, "events": {"m.room.tombstone": 50, "m.room.history_visibility": 100}}
    old = alice.make_room(preset="public_chat", power_level_content_override=levels)
    bob.join(old)
    new = bob.post(f"rooms/{quote(old)}/upgrade", {"new_version": "11"})["replacement_room"]
    assert state(bob, new, "m.room.power_levels")["users"] == users


def test_reports_reach_the_moderators(sign_in: Cast, served: Served) -> None:
    alice, bob, carol = sign_in("alice"), sign_in("bob"), sign_in("carol")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    message = alice.send(room, "an insult")
    path = f"rooms/{quote(room)}/report/{quote(message)}"
    for _time in range(2):
        bob.post(path, {"reason": "it insults me", "score": -100})
    bob.post(f"rooms/{quote(room)}/report", {"reason": "all of it"})
    bob.post(f"users/{quote(alice.user_id)}/report", {"reason": "always"})
    assert carol.ask("POST", path, {}).errcode == "M_FORBIDDEN"
    assert bob.ask("POST", f"rooms/{quote(room)}/report/$none", {}).errcode == "M_NOT_FOUND"
    assert bob.ask("POST", "users/@nobody:localhost/report", {}).errcode == "M_NOT_FOUND"
    flags = served.run(lambda: list(Flag.objects.order_by("pk").values_list("reference", "words")))
    assert [words for _reference, words in flags] == ["it insults me", "all of it", "always"]
    reference = flags[0][0]
    assert reference == f"message:{message}"
    moderator = Actor(name="m", roles=frozenset({Role.MODERATOR}))
    thing = served.run(look_at_message, moderator, reference)
    assert thing is not None
    assert thing.text == "an insult"
    assert served.run(look_at_message, Actor(), reference) is None
