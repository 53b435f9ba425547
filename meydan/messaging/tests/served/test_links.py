"""Links lead into a room whoever has them, as long as they last and their makers may invite."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from meydan.kernel.clock import now
from meydan.messaging.actions.forgetting import forget_links
from meydan.messaging.actions.inviting import MOST_DAYS
from meydan.messaging.models import JoinLink
from meydan.messaging.tests.served.conftest import Cast, Client, Served

DOOR = "/_matrix/client/unstable/org.meydan.links"


def links(room: str) -> str:
    return f"{DOOR}/rooms/{quote(room)}/links"


def make(client: Client, room: str, **body: Any) -> Any:
    return client.post(links(room), body)


def look(client: Client, token: str) -> Any:
    return client.ask("GET", f"{DOOR}/link/{token}")


def enter(client: Client, token: str) -> Any:
    return client.ask("POST", f"{DOOR}/link/{token}/join", {})


@pytest.fixture
def room(sign_in: Cast) -> tuple[Client, str]:
    alice = sign_in("alice")
    return alice, alice.make_room(name="Allotments", topic="Seeds", preset="private_chat")


def test_a_link_shows_what_it_is_and_leads_in(sign_in: Cast, room: tuple[Client, str]) -> None:
    alice, name = room
    bob, token = sign_in("bob"), make(alice, name, days=3)["token"]
    shown = look(bob, token).json
    told = (shown["name"], shown["topic"], shown["num_joined_members"], shown["membership"])
    assert told == ("Allotments", "Seeds", 1, "leave")
    assert bob.ask("POST", f"join/{quote(name)}", {}).errcode == "M_FORBIDDEN"
    assert enter(bob, token).json == {"room_id": name}
    assert enter(bob, token).status == 200  # twice is once
    assert set(alice.get(f"rooms/{quote(name)}/joined_members")["joined"]) == {alice.user_id, bob.user_id}
    (kept,) = alice.get(links(name))["links"]
    assert (kept["uses"], kept["maker"], "token" in kept) == (1, alice.user_id, False)


def test_a_link_that_was_withdrawn_leads_nowhere(sign_in: Cast, room: tuple[Client, str]) -> None:
    alice, name = room
    made, bob = make(alice, name), sign_in("bob")
    assert bob.ask("DELETE", f"{links(name)}/{made['id']}").errcode == "M_FORBIDDEN"
    assert alice.ask("DELETE", f"{links(name)}/{made['id']}").status == 200
    assert look(bob, made["token"]).errcode == "M_NOT_FOUND"
    assert enter(bob, made["token"]).errcode == "M_NOT_FOUND"
    assert alice.ask("DELETE", f"{links(name)}/{made['id']}").errcode == "M_NOT_FOUND"
    assert alice.ask("DELETE", f"{links(name)}/x").errcode == "M_NOT_FOUND"


def test_a_link_ends(sign_in: Cast, room: tuple[Client, str], served: Served) -> None:
    alice, name = room
    token, bob = make(alice, name)["token"], sign_in("bob")
    served.run(lambda: JoinLink.objects.update(expires_at=now() - timedelta(seconds=1)))
    assert look(bob, token).errcode == "M_NOT_FOUND"
    assert alice.get(links(name)) == {"links": []}
    assert served.run(forget_links) >= 1


def test_a_link_is_worth_what_its_maker_is(sign_in: Cast, room: tuple[Client, str]) -> None:
    alice, name = room
    bob, carol = sign_in("bob"), sign_in("carol")
    enter(bob, make(alice, name)["token"])
    token = make(bob, name)["token"]
    levels = {"users": {alice.user_id: 100}, "invite": 50}
    alice.put(f"rooms/{quote(name)}/state/m.room.power_levels", levels)
    assert enter(carol, token).errcode == "M_NOT_FOUND"
    assert bob.ask("POST", links(name), {}).errcode == "M_FORBIDDEN"
    assert bob.ask("GET", links(name)).errcode == "M_FORBIDDEN"
    alice.put(f"rooms/{quote(name)}/state/m.room.power_levels", {"users": {alice.user_id: 100}, "invite": 0})
    bob.post(f"rooms/{quote(name)}/leave")
    assert enter(carol, token).errcode == "M_NOT_FOUND"


def test_who_was_sent_out_for_good_comes_in_by_no_link(sign_in: Cast, room: tuple[Client, str]) -> None:
    alice, name = room
    bob, token = sign_in("bob"), make(alice, name)["token"]
    enter(bob, token)
    alice.post(f"rooms/{quote(name)}/ban", {"user_id": bob.user_id})
    assert enter(bob, token).errcode == "M_FORBIDDEN"


@pytest.mark.parametrize("days", [0, MOST_DAYS + 1, "7", 2**70])
def test_links_are_bounded(room: tuple[Client, str], days: Any) -> None:
    alice, name = room
    assert alice.ask("POST", links(name), {"days": days}).status == 400


def test_whoever_is_not_in_makes_none(sign_in: Cast, room: tuple[Client, str]) -> None:
    _alice, name = room
    bob = sign_in("bob")
    assert bob.ask("POST", links(name), {}).errcode == "M_FORBIDDEN"
    assert look(bob, "x" * 32).errcode == "M_NOT_FOUND"
    assert look(bob, "%00").status == 400
