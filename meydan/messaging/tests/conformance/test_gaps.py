"""When many messages came, a client is told all of them, or the newest and that there is a gap: as it wishes."""

from urllib.parse import quote

from meydan.messaging.queries.sync import UNBROKEN
from meydan.messaging.tests.clients import Gateway


def test_a_busy_minute_leaves_no_gap_unless_the_client_names_a_limit(gateway: Gateway) -> None:
    ada, ben = gateway.register("ada"), gateway.register("ben")
    room = ada.make_room(ben)
    since = ben.sync()["next_batch"]

    def send(count: int) -> None:
        for number in range(count):
            ada.put(f"rooms/{quote(room)}/send/m.room.message/{count}.{number}", {"msgtype": "m.text", "body": "hi"})

    def told(wish: str = "") -> tuple[int, bool]:
        timeline = ben.sync(since, filter=wish)["rooms"]["join"][room]["timeline"]
        return len(timeline["events"]), timeline["limited"]

    send(UNBROKEN)
    assert told() == (UNBROKEN, False)
    assert told('{"room":{"timeline":{"limit":20}}}') == (20, True)
    send(1)
    assert told() == (10, True)


def test_the_state_before_a_timeline_is_not_older_than_what_the_reader_may_see(gateway: Gateway) -> None:
    """Ada's second topic is what Ben found when he came; her first one he has never been there for."""
    ada, ben = gateway.register("ada"), gateway.register("ben")
    room = ada.ok("POST", "createRoom", {"preset": "public_chat"})["room_id"]
    path = f"rooms/{quote(room)}"
    ada.put(f"{path}/state/m.room.history_visibility", {"history_visibility": "joined"})
    for topic in ("the first secret", "what he finds"):
        ada.put(f"{path}/state/m.room.topic", {"topic": topic})
    ben.ok("POST", f"join/{quote(room)}", {})
    ada.put(f"{path}/state/m.room.topic", {"topic": "what he hears of"})
    for limit in range(1, 6):
        told = ben.sync(filter=f'{{"room":{{"timeline":{{"limit":{limit}}}}}}}')["rooms"]["join"][room]
        assert "the first secret" not in str(told), limit
        assert "what he hears of" in str(told["timeline"]), limit


def test_what_was_set_again_unseen_is_told_as_it_stands(gateway: Gateway) -> None:
    """Ben may see with whom the room was made, and not who may join since: his client must not believe the former."""
    ada, ben = gateway.register("ada"), gateway.register("ben")
    room = ada.ok("POST", "createRoom", {"preset": "private_chat"})["room_id"]
    path = f"rooms/{quote(room)}"
    ada.put(f"{path}/state/m.room.history_visibility", {"history_visibility": "invited"})
    ada.put(f"{path}/state/m.room.join_rules", {"join_rule": "public"})
    ben.ok("POST", f"join/{quote(room)}", {})
    told = ben.sync(filter='{"room":{"timeline":{"limit":30}}}')["rooms"]["join"][room]
    timeline = told["timeline"]
    events = (*told["state"]["events"], *timeline["events"])
    rules = [one["content"] for one in events if one["type"] == "m.room.join_rules"]
    assert rules == [{"join_rule": "public"}]
    before = ben.ok("GET", f"{path}/messages?dir=b&limit=50&from={timeline['prev_batch']}")["chunk"]
    assert "m.room.create" in {one["type"] for one in before}
