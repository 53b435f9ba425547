"""Whose devices are held in memory, and how many messages wait for each: never fewer than there are."""

import asyncio
from collections.abc import Callable

from meydan.messaging.queries.boxes import Addresses
from meydan.messaging.queries.live import Live, Note

BEN, PHONE, MOST = "@ben:city.test", 7, 10


def test_a_device_is_known_until_some_of_its_person_end() -> None:
    live = Live(4)
    live.addresses.hold(BEN, "PHONE", PHONE)
    assert live.addresses.find(BEN, ["PHONE"]) == [PHONE]
    assert live.addresses.find(BEN, ["PHONE", "OTHER"]) is None, "it may be new: ask"
    serial = live.addresses.serial
    live.apply(0, 1, [Note(1, "device_list", BEN)])
    assert live.addresses.find(BEN, ["PHONE"]) is None
    assert live.addresses.serial != serial, "who was just reading does not hold what they read"


def test_messages_are_counted_once_and_again_when_it_may_be_full() -> None:
    live, asked = Live(4), list[list[int]]()

    async def count(waiting: Callable[[], int]) -> None:
        async def ask(devices: list[int]) -> list[tuple[int, int]]:
            asked.append(devices)
            return [(device, waiting()) for device in devices]

        await live.addresses.count([PHONE], MOST, ask)

    def put_one_meanwhile() -> int:
        live.apply(0, 1, [Note(1, "to_device", "@ada:city.test", devices=(PHONE, 8))])
        return 8

    assert live.addresses.is_full(PHONE, MOST), "nothing is known of it"
    asyncio.run(count(put_one_meanwhile))
    assert live.addresses.loads == {PHONE: 9}
    asyncio.run(count(lambda: 0))
    assert len(asked) == 1
    live.apply(0, 2, [Note(2, "to_device", "@ada:city.test", devices=(PHONE,))])
    assert live.addresses.is_full(PHONE, MOST)
    asyncio.run(count(lambda: 3))
    assert (len(asked), live.addresses.loads) == (2, {PHONE: 3}), "some were seen since"


def test_who_is_forgotten_is_asked_for_again() -> None:
    addresses = Addresses()
    assert addresses.find(BEN, ["PHONE"]) is None
    addresses.put([PHONE])
    assert addresses.loads == {}
