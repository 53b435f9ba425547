"""Rooms, people, messages and moments are found, and nobody finds what they may not see."""

from typing import Any
from urllib.parse import quote

import pytest

from meydan.accounts.actions import confirm_email
from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import Channel
from meydan.messaging.actions.finding import set_finding
from meydan.messaging.models import Found
from meydan.messaging.tests.served.conftest import Cast, Client, Served

V1 = "/_matrix/client/v1/rooms"


def people(client: Client, term: str) -> list[str]:
    """Whom somebody finds."""
    return [one["user_id"] for one in client.post("user_directory/search", {"search_term": term})["results"]]


def listed(client: Client, **body: Any) -> list[str]:
    """The rooms of the directory."""
    return [room["room_id"] for room in client.post("publicRooms", body)["chunk"]]


def test_the_directory_of_rooms(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    public = alice.make_room(visibility="public", name="ساحة المدينة", topic="Lights", room_alias_name="square")
    hidden = alice.make_room(preset="public_chat", name="ساحة أخرى")
    bob.join(public)
    assert listed(bob, filter={"generic_search_term": "ساحه"}) == [public]
    assert listed(bob, filter={"generic_search_term": "SQUARE"}) == [public]
    assert listed(bob, filter={"generic_search_term": "nothing"}) == []
    face = next(one for one in bob.get("publicRooms")["chunk"] if one["room_id"] == public)
    assert (face["num_joined_members"], face["topic"], face["join_rule"]) == (2, "Lights", "public")
    assert face["canonical_alias"] == "#square:localhost"
    path = f"directory/list/room/{quote(hidden)}"
    assert bob.get(path) == {"visibility": "private"}
    assert bob.ask("PUT", path, {"visibility": "public"}).errcode == "M_FORBIDDEN"
    alice.put(path, {"visibility": "public"})
    assert set(listed(bob, filter={"generic_search_term": "ساحة"})) == {public, hidden}
    first = bob.post("publicRooms", {"limit": 1})
    assert [one["room_id"] for one in first["chunk"]] == [public]
    assert listed(bob, limit=1, since=first["next_batch"]) == [hidden]
    assert bob.get(f"rooms/{quote(public)}/aliases") == {"aliases": ["#square:localhost"]}


def test_spaces_in_the_directory(sign_in: Cast) -> None:
    alice = sign_in("alice")
    space = alice.make_room(visibility="public", name="spaced out", creation_content={"type": "m.space"})
    room = alice.make_room(visibility="public", name="spaced in")
    term = "spaced"
    assert listed(alice, filter={"generic_search_term": term, "room_types": ["m.space"]}) == [space]
    assert listed(alice, filter={"generic_search_term": term, "room_types": [None]}) == [room]


def test_people_who_share_a_room(sign_in: Cast) -> None:
    alice, bob, carol, dave = (sign_in(name) for name in ("alice", "bob", "carol", "dave"))
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    dave.join(dave.make_room(visibility="public", name="Dave's"))
    assert people(alice, bob.user_id[1:].partition(":")[0]) == [bob.user_id]
    assert people(alice, dave.user_id.partition(":")[0]) == [dave.user_id]
    assert people(alice, carol.user_id[1:8]) == []
    bob.put(f"profile/{quote(bob.user_id)}/displayname", {"displayname": "أحمد علي ك"})
    assert people(alice, "احمد") == [bob.user_id]
    assert people(alice, "علی ک") == [bob.user_id]
    assert people(alice, "%") == people(alice, "  ") == []


def test_a_hierarchy_shows_what_the_asker_may_see(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    space = alice.make_room(preset="public_chat", name="All", creation_content={"type": "m.space"})
    secret = alice.make_room(name="Secret")
    rooms = [alice.make_room(preset="public_chat", name=f"Room {number}") for number in range(3)]
    allow = [{"type": "m.room_membership", "room_id": space}]
    rule = {"join_rule": "restricted", "allow": allow}
    restricted = alice.make_room(initial_state=[{"type": "m.room.join_rules", "content": rule}])
    for number, room in enumerate([*rooms, secret, restricted]):
        content = {"via": ["localhost"], "order": f"{number}", "suggested": number == 0}
        alice.put(f"rooms/{quote(space)}/state/m.space.child/{quote(room)}", content)
    path = f"{V1}/{quote(space)}/hierarchy"

    def ids(client: Client, **query: Any) -> list[str]:
        return [one["room_id"] for one in client.get(path, **query)["rooms"]]

    assert ids(alice) == [space, *rooms, secret, restricted]
    assert ids(bob) == [space, *rooms]
    bob.join(space)
    assert ids(bob) == [space, *rooms, restricted]
    assert ids(bob, suggested_only="true") == [space, rooms[0]]
    assert ids(bob, max_depth=0) == [space]
    page = bob.get(path, limit=2)
    assert [one["room_id"] for one in page["rooms"]] == [space, rooms[0]]
    assert len(page["rooms"][0]["children_state"]) == 5
    assert ids(bob, limit=2, **{"from": page["next_batch"]}) == rooms[1:]
    assert bob.ask("GET", f"{V1}/{quote(secret)}/hierarchy").errcode == "M_FORBIDDEN"


def test_summaries(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    open_room = alice.make_room(preset="public_chat", name="Open", room_alias_name="open")
    closed = alice.make_room(name="Closed")
    path = "/_matrix/client/v1/room_summary/"
    said = bob.get(f"{path}{quote('#open:localhost')}")
    assert (said["room_id"], said["name"], said["membership"]) == (open_room, "Open", "leave")
    assert "membership" not in Client(bob.url).get(path + quote(open_room))
    assert bob.ask("GET", path + quote(closed)).errcode == "M_NOT_FOUND"
    assert alice.get(f"/_matrix/client/unstable/im.nheko.summary/summary/{quote(closed)}")["membership"] == "join"


def test_the_event_at_a_time(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    ids = [alice.send(room, f"{number}") for number in range(30)]
    times = [alice.get(f"rooms/{quote(room)}/event/{quote(one)}")["origin_server_ts"] for one in ids]
    path = f"{V1}/{quote(room)}/timestamp_to_event"
    said = alice.get(path, ts=times[10])
    assert said["origin_server_ts"] == times[10]
    assert alice.get(path, ts=times[-1] + 1000, dir="b")["event_id"] == ids[-1]
    assert alice.ask("GET", path, ts=times[-1] + 1000).errcode == "M_NOT_FOUND"
    assert alice.ask("GET", path, ts=1, dir="b").errcode == "M_NOT_FOUND"
    assert bob.ask("GET", path, ts=1).errcode == "M_FORBIDDEN"


def find(client: Client, term: str, **more: Any) -> Any:
    """Search messages."""
    body = {"search_categories": {"room_events": {"search_term": term, "order_by": "recent", **more}}}
    return client.post("search", body)["search_categories"]["room_events"]


def bodies(said: Any) -> list[str]:
    """What was found."""
    return [one["result"]["content"]["body"] for one in said["results"]]


def test_messages_are_found_by_their_words(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat", name="Market")
    bob.join(room)
    alice.send(room, "The lamp is broken")
    alice.send(room, "كُتب المَدينة القديمة")
    alice.send(room, "کتاب‌های شهر ۱۴۰۵")
    alice.send(room, "nul \0 and ' quotes & | !")
    assert bodies(find(bob, "LAMP broken")) == ["The lamp is broken"]
    assert bodies(find(bob, "lam")) == ["The lamp is broken"]
    assert bodies(find(bob, "lamp whole")) == []
    assert bodies(find(bob, "كتب المدينه")) == ["كُتب المَدينة القديمة"]
    assert bodies(find(bob, "كتاب 1405")) == ["کتاب‌های شهر ۱۴۰۵"]
    assert len(bodies(find(bob, "'quotes & |!"))) == 1
    assert find(bob, "market", keys=["content.name"])["count"] == 1
    assert find(bob, "&|!")["results"] == []
    around = find(bob, "lamp", event_context={"after_limit": 1, "include_profile": True})["results"][0]["context"]
    assert around["events_after"][0]["content"]["body"] == "كُتب المَدينة القديمة"
    assert alice.user_id in around["profile_info"]


def test_pages_of_messages(sign_in: Cast) -> None:
    alice = sign_in("alice")
    room = alice.make_room()
    for number in range(5):
        alice.send(room, f"apple {number}")
    body = {
        "search_categories": {"room_events": {"search_term": "apple", "order_by": "recent", "filter": {"limit": 2}}}
    }
    found: list[str] = []
    after: dict[str, Any] = {}
    for _page in range(3):
        reply = alice.ask("POST", "search", body, **after)
        said = reply.json["search_categories"]["room_events"]
        found += bodies(said)
        after = {"next_batch": said.get("next_batch", "")}
    assert found == [f"apple {number}" for number in range(4, -1, -1)]
    assert after == {"next_batch": ""}


def test_nobody_finds_what_they_may_not_see(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    private = alice.make_room()
    alice.send(private, "a secret word")
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    late = alice.make_room(preset="public_chat", initial_state=[rule])
    alice.send(late, "a secret before")
    bob.join(late)
    alice.send(late, "a secret after")
    locked = alice.make_room(
        preset="public_chat",
        initial_state=[{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}],
    )
    bob.join(locked)
    alice.send(locked, "a secret in the open")
    assert bodies(find(bob, "secret")) == ["a secret after"]
    assert find(bob, "secret", filter={"rooms": [private]})["results"] == []
    gone = alice.send(late, "a secret slip")
    assert len(bodies(find(bob, "secret"))) == 2
    alice.put(f"rooms/{quote(late)}/redact/{quote(gone)}/r1")
    assert bodies(find(bob, "secret")) == ["a secret after"]
    bob.post(f"rooms/{quote(late)}/leave")
    assert find(bob, "secret")["results"] == []


def test_names_and_pictures(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    own = f"profile/{quote(alice.user_id)}"
    alice.put(f"{own}/displayname", {"displayname": "Alice of the Square"})
    alice.put(f"{own}/avatar_url", {"avatar_url": "mxc://localhost/abc"})
    said = {"displayname": "Alice of the Square", "avatar_url": "mxc://localhost/abc"}
    assert bob.get(own) == said
    member = bob.get(f"rooms/{quote(room)}/state/m.room.member/{quote(alice.user_id)}")
    assert member == {"membership": "join", **said}
    assert bob.get(f"{own}/avatar_url") == {"avatar_url": "mxc://localhost/abc"}
    alice.put(f"{own}/avatar_url", {"avatar_url": ""})
    assert bob.get(f"{own}/avatar_url") == {}
    assert bob.ask("PUT", f"{own}/displayname", {"displayname": "x"}).errcode == "M_FORBIDDEN"
    for wrong in ({"displayname": ""}, {"displayname": "x" * 81}):
        assert alice.ask("PUT", f"{own}/displayname", wrong).errcode == "M_INVALID_PARAM"
    assert alice.ask("PUT", f"{own}/avatar_url", {"avatar_url": "https://x.test/"}).errcode == "M_INVALID_PARAM"
    assert bob.ask("GET", "profile/@nobody:localhost").errcode == "M_NOT_FOUND"


@pytest.mark.parametrize("since", ["x", "o", "o-1", "o" + "9" * 20])
def test_tokens_that_are_none(sign_in: Cast, since: str) -> None:
    assert sign_in("alice").ask("POST", "publicRooms", {"since": since}).errcode == "M_INVALID_PARAM"


def wish(served: Served, client: Client, **said: Any) -> None:
    """What somebody has said on their page about being found."""

    def keep() -> None:
        person = Person.objects.get(username=client.user_id[1:].partition(":")[0])
        set_finding(actor_for(person, channel=Channel.WEB), **said)

    served.run(keep)


def test_people_are_found_as_they_wish(sign_in: Cast, served: Served) -> None:
    alice, bob = sign_in("wisher"), sign_in("seeker")
    name = alice.user_id[1:].partition(":")[0]
    assert people(bob, name) == []
    wish(served, alice, by_name=Found.CITY, by_address=False)
    assert people(bob, name) == [alice.user_id]
    bob.join(alice.make_room(preset="public_chat"))
    wish(served, alice, by_name=Found.NOBODY, by_address=False)
    assert people(bob, name) == []
    wish(served, alice, by_name=Found.NEAR, by_address=False)
    assert people(bob, name) == [alice.user_id]


def test_a_whole_address_finds_who_wants_that(sign_in: Cast, served: Served) -> None:
    alice, bob = sign_in("mailed"), sign_in("seeker")
    name = alice.user_id[1:].partition(":")[0]
    address = f"{name}@mail.example"

    def confirm() -> None:
        person = Person.objects.get(username=name)
        confirm_email(actor_for(person, channel=Channel.WEB), person.pk, email=address)

    served.run(confirm)
    assert people(bob, address) == []
    wish(served, alice, by_name=Found.NOBODY, by_address=True)
    assert people(bob, address.upper()) == [alice.user_id]
    assert people(bob, f"{name}@mail") == people(bob, address[1:]) == []


def test_rooms_are_found_by_what_they_are_about(sign_in: Cast) -> None:
    alice = sign_in("alice")
    state = [{"type": "org.meydan.interest", "state_key": "", "content": {"interest": "beekeeping"}}]
    bees = alice.make_room(visibility="public", name="Bees", initial_state=state)
    alice.make_room(visibility="public", name="Wasps")
    assert listed(alice, filter={"org.meydan.interest": "beekeeping"}) == [bees]
    assert listed(alice, filter={"org.meydan.interest": "beekeeping", "generic_search_term": "wasp"}) == []
    assert listed(alice, filter={"org.meydan.interest": "nothing"}) == []
