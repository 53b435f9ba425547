"""What is held in memory: nothing is missing that came while it was read."""

from meydan.messaging.models.events import Event
from meydan.messaging.queries.live import Entry, Live, Person, Room


def entry(pos: int, room: int = 1, **more: str) -> Entry:
    event = Event(
        f"${pos}", "!r:s", more.pop("type", "m.room.message"), "@a:s", {"membership": "join"}, 0, pos=pos, **more
    )
    return Entry(1, room, event, b"{}")


def test_a_room_that_changed_while_it_was_read_is_read_again() -> None:
    live = Live(4)
    before = live.begin(1)
    live.apply(1, 1, [entry(1)])
    assert not live.is_unmoved(1, before)
    before = live.begin(1)
    live.apply(1, 2, [entry(2, room=2)])
    assert live.is_unmoved(1, before), "another room of the stream does not matter"
    assert not live.loads


def test_a_person_who_was_let_in_while_they_were_read_is_read_again() -> None:
    live = Live(4)
    before = live.begin("@b:s")
    live.apply(1, 1, [entry(1), entry(2, type="m.room.member", state_key="@c:s")])
    assert live.is_unmoved("@b:s", before)
    before = live.begin("@b:s")
    live.apply(1, 3, [entry(3, type="m.room.member", state_key="@b:s")])
    assert not live.is_unmoved("@b:s", before)


def test_whoever_is_held_is_moved_on() -> None:
    live = Live(4)
    room = live.hold(Room(1, "!r:s", 1, "11"))
    live.people["@b:s"] = person = Person("@b:s", {})
    live.apply(1, 1, [entry(1, type="m.room.member", state_key="@b:s")])
    assert person.rooms == {1: ("join", 1)}
    assert room.joined == {"@b:s"}
    assert live.positions[1] == 1


def test_a_sending_that_another_gateway_has_written_is_known() -> None:
    live = Live(4)
    live.sent[5] = {}
    event = entry(1).event
    live.apply(1, 1, [Entry(1, 1, event, b"{}", 5, "1/m.room.message/t"), Entry(1, 1, event, b"{}", 6, "t")])
    assert live.sent == {5: {"1/m.room.message/t": "$1"}}
