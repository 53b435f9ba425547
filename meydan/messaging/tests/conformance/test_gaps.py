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
