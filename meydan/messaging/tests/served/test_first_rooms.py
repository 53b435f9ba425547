"""Rooms whose names stand in the messenger's page: a person's own, in the order of their list, and nobody else's."""

import re
from urllib.parse import quote

import pytest
from django.test import Client as Browser

from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import Channel
from meydan.kernel.errors import SignInFirst
from meydan.messaging.actions import messenger
from meydan.messaging.queries import first_rooms
from meydan.messaging.queries.first_rooms import list_first_rooms
from meydan.messaging.queries.reading import milliseconds
from meydan.messaging.tests.served.conftest import Cast, Client, Served
from meydan.reports.tests.test_pages import BACKEND


def person_of(client: Client) -> Person:
    return Person.objects.get(username=client.user_id[1:].partition(":")[0])


def names_of(served: Served, client: Client) -> list[str]:
    """What the rows say."""
    return served.run(
        lambda: [room.name for room in list_first_rooms(actor_for(person_of(client), channel=Channel.WEB))]
    )


def tag(client: Client, room: str, name: str) -> None:
    client.put(f"user/{quote(client.user_id)}/rooms/{quote(room)}/tags/{name}", {})


def test_the_first_rooms_are_the_lists_own(served: Served, sign_in: Cast) -> None:
    alice, bob, eve = sign_in("alice"), sign_in("bob"), sign_in("eve")
    old, pinned, kept = (alice.make_room(name=name) for name in ("Old", "Pinned", "Kept away"))
    tag(alice, pinned, "m.favourite")
    tag(alice, kept, "u.archive")
    left = alice.make_room(name="Left")
    alice.post(f"rooms/{quote(left)}/leave")
    talk = alice.make_room(preset="private_chat", invite=[bob.user_id])
    bob.join(talk)
    bob.make_room(name="Bob's own")
    bob.make_room(name="Come in", invite=[alice.user_id])
    eve.make_room(name="Spam", invite=[alice.user_id])
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.ignored_user_list", {"ignored_users": {eve.user_id: {}}})
    alice.send(talk, "new")
    bob_name = bob.user_id[1:].partition(":")[0]
    assert names_of(served, alice) == ["Come in", "Pinned", bob_name, "Old"]
    alice.send(old, "newer still")
    assert names_of(served, alice) == ["Come in", "Pinned", "Old", bob_name]


def test_rooms_of_one_moment_stand_as_sliding_sync_tells_them(
    served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in("alice")
    now = milliseconds()
    monkeypatch.setattr(messenger, "milliseconds", lambda: now)
    names = [f"Room {number}" for number in range(4)]
    for name in names:
        alice.make_room(name=name)
    wish = {"lists": {"all": {"ranges": [[0, 9]], "timeline_limit": 0, "required_state": []}}}
    told = alice.post("/_matrix/client/unstable/org.matrix.simplified_msc3575/sync", wish)["rooms"].values()
    assert [one["name"] for one in told] == names[::-1]
    assert names_of(served, alice) == names[::-1]


def test_names_are_tamed(served: Served, sign_in: Cast) -> None:
    alice = sign_in("alice")
    alice.make_room(name="<b>\u202eevil</b> a" + "\u0301" * 50 + "\n  b")
    alice.make_room()
    assert names_of(served, alice) == ["", "<b>evil</b> a" + "\u0301" * 3 + " b"]


def test_who_has_very_many_rooms_waits_for_the_scripts(
    served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in("alice")
    for name in ("One", "Two", "Three"):
        alice.make_room(name=name)
    monkeypatch.setattr(first_rooms, "MOST", 2)
    assert names_of(served, alice) == ["Three", "Two"]
    monkeypatch.setattr(first_rooms, "MOST_WEIGHED", 2)
    assert names_of(served, alice) == []


def test_the_page_shows_them_to_their_person_alone_and_the_kept_frame_to_nobody(served: Served, sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    alice.make_room(name="Alice & <i>others</i>")

    def page(client: Client, address: str = "/chat/") -> str:
        def ask() -> str:
            browser = Browser()
            browser.force_login(person_of(client), backend=BACKEND)
            answer = browser.get(address)
            assert "no-store" in answer["Cache-Control"]
            return answer.content.decode()

        return served.run(ask)

    rows = re.compile(r"<bdi>Alice &amp; &lt;i&gt;others&lt;/i&gt;</bdi>")
    assert rows.search(page(alice))
    assert not rows.search(page(bob))
    assert not rows.search(page(alice, "/chat/?frame"))
    with pytest.raises(SignInFirst):
        served.run(list_first_rooms, actor_for(None, channel=Channel.WEB))
