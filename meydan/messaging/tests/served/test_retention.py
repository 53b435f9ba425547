"""Messages are deleted when their time is over, with the files that nothing else shows."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.messaging.actions import forgetting
from meydan.messaging.actions.forgetting import forget_media, forget_messages
from meydan.messaging.actions.stickers import keep_stickers
from meydan.messaging.models import EventWords, Media, MediaUse, RoomEvent
from meydan.messaging.models.retention import DAY_MS, lifetime_in
from meydan.messaging.models.stickers import sticker_id
from meydan.messaging.tests.served.conftest import Cast, Client, Served, wait_for
from meydan.messaging.tests.served.test_media import fetch, upload


def make_old(served: Served, room: str, days: int) -> None:
    """All that was said in a room was said so many days earlier."""
    number = room_number(served, room)

    def age() -> None:
        for row in RoomEvent.objects.filter(room=number, state_key=None):
            at = row.at - days * DAY_MS
            body = bytes(row.body).replace(str(row.at).encode(), str(at).encode())
            RoomEvent.objects.filter(shard=row.shard, pos=row.pos).update(at=at, body=body)

    served.run(age)


def room_number(served: Served, room: str) -> int:
    gateway = served.gateway
    assert gateway is not None
    return gateway.messenger.live.by_id[room].number


def forget_in_memory(served: Served, room: str) -> None:
    """What the aged bodies say is read anew."""
    gateway = served.gateway
    assert gateway is not None
    live = gateway.messenger.live
    live.forget(live.by_id[room])


def bodies(client: Client, room: str) -> list[str]:
    chunk = client.get(f"rooms/{quote(room)}/messages", dir="b", limit=100)["chunk"]
    return [one["content"].get("body", "") for one in chunk if one["type"] == "m.room.message"]


def sweep(served: Served) -> None:
    """The worker's hour, and one more."""

    def work() -> None:
        forget_messages()
        Media.objects.filter(unused_at__isnull=False).update(unused_at=now() - timedelta(hours=2))
        forget_media()

    served.run(work)


def test_a_room_forgets_what_is_too_old_and_its_files(served: Served, sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    gone, shared = upload(alice, b"gone"), upload(alice, b"shared")
    for address in (gone, shared):
        alice.send(room, {"msgtype": "m.file", "body": "old file", "url": f"mxc://{address}"})
    alice.send(room, "old words")
    alice.post("search", {"search_categories": {"room_events": {"search_term": "words"}}})
    retention = f"rooms/{quote(room)}/state/m.room.retention"
    assert bob.ask("PUT", retention, {"max_lifetime": 7 * DAY_MS}).errcode == "M_FORBIDDEN"
    alice.put(retention, {"max_lifetime": 7 * DAY_MS})
    make_old(served, room, 8)
    forget_in_memory(served, room)
    alice.send(room, {"msgtype": "m.file", "body": "new file", "url": f"mxc://{shared}"})
    assert "old words" in bodies(bob, room)
    sweep(served)
    gateway = served.gateway
    assert gateway is not None
    gateway.runner.named_at = 0.0
    assert wait_for(lambda: bodies(bob, room) == ["new file"]), bodies(bob, room)
    number = room_number(served, room)
    assert served.run(lambda: RoomEvent.objects.filter(room=number, type="m.room.message").count()) == 1
    assert served.run(lambda: EventWords.objects.filter(room=number).count()) <= 1
    assert (fetch(bob, gone).status, fetch(bob, shared).status) == (404, 200)
    timeline = bob.get("sync")["rooms"]["join"][room]["timeline"]["events"]
    assert "old words" not in [one["content"].get("body") for one in timeline]


def test_what_is_redacted_loses_its_file(served: Served, sign_in: Cast) -> None:
    alice = sign_in("alice")
    room = alice.make_room()
    address = upload(alice, b"a mistake")
    event = alice.send(room, {"msgtype": "m.file", "body": "x", "url": f"mxc://{address}"})
    alice.put(f"rooms/{quote(room)}/redact/{quote(event)}/1")
    sweep(served)
    assert fetch(alice, address).status == 404
    media_id = address.partition("/")[2]
    assert served.run(lambda: MediaUse.objects.filter(media=media_id).exists()) is False


def test_the_city_may_set_a_time_for_all_rooms(served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    plain, own = alice.make_room(), alice.make_room()
    alice.put(f"rooms/{quote(own)}/state/m.room.retention", {"max_lifetime": 100 * DAY_MS})
    for room in (plain, own):
        alice.send(room, "old words")
        make_old(served, room, 40)
    sweep(served)
    counts = {room: room_number(served, room) for room in (plain, own)}

    def left() -> list[int]:
        return [RoomEvent.objects.filter(room=one, type="m.room.message").count() for one in counts.values()]

    assert served.run(left) == [1, 1]
    monkeypatch.setattr(forgetting, "city_lifetime", lambda: 30 * DAY_MS)
    sweep(served)
    assert served.run(left) == [0, 1]


@pytest.mark.parametrize(
    ("content", "lifetime"),
    [
        ({"max_lifetime": 30 * DAY_MS}, 30 * DAY_MS),
        ({"max_lifetime": 5}, DAY_MS),
        ({"max_lifetime": 0}, None),
        ({"max_lifetime": True}, None),
        ({"max_lifetime": "1d"}, None),
        ({"max_lifetime": 10**15}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_a_room_may_say(content: Any, lifetime: int | None) -> None:
    assert lifetime_in(content) == lifetime
    assert lifetime_in({"max_lifetime": 0}, at_once=True) == 0


def test_the_citys_stickers_are_never_forgotten(served: Served, sign_in: Cast) -> None:
    """Also when the last message that showed one is gone."""
    alice = sign_in("alice")
    room = alice.make_room(preset="public_chat")
    made = served.run(lambda: [keep_stickers(SYSTEM, ["tea"], lambda _name: b"a picture") for _twice in range(2)])
    assert made in ([1, 0], [0, 0])
    url = f"mxc://{alice.user_id.partition(':')[2]}/{sticker_id('tea')}"
    sent = alice.send(room, {"body": "A glass of tea", "url": url, "info": {}}, "m.sticker")
    alice.put(f"rooms/{quote(room)}/redact/{quote(sent)}/2", {})
    sweep(served)
    assert fetch(alice, url.removeprefix("mxc://")).status == 200
