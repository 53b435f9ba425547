"""That somebody is there, as matrix-nio hears it; and two gateways agree about it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from nio import AsyncClient, PresenceEvent, PresenceGetResponse, PresenceSetResponse, SyncResponse

from meydan.messaging.tests.clients import Api, Gateway


def meet(*people: Api) -> None:
    """In a closed room."""
    first, *others = people
    room = first.post("createRoom", {"invite": [one.user_id for one in others]})["room_id"]
    for one in others:
        one.join(room)


def status(api: Api, other: Api) -> Any:
    return api.get(f"presence/{quote(other.user_id)}/status")


def settled(what: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether it is so before long."""
    ends = time.monotonic() + seconds
    while not (so := what()) and time.monotonic() < ends:
        time.sleep(0.2)
    return so


def nio(api: Api) -> AsyncClient:
    client = AsyncClient(api.url, api.user_id, api.device_id)
    client.restore_login(api.user_id, api.device_id, api.token)
    return client


async def hear(client: AsyncClient, heard: list[PresenceEvent], enough: Callable[[PresenceEvent], bool]) -> None:
    """Poll until something is heard."""
    ends = time.monotonic() + 40
    while not any(map(enough, heard)) and time.monotonic() < ends:
        assert isinstance(await client.sync(timeout=500, set_presence="offline"), SyncResponse)
    assert any(map(enough, heard)), heard


async def converse(ada: AsyncClient, ben: AsyncClient) -> None:
    heard: list[PresenceEvent] = []
    ben.add_presence_callback(heard.append, PresenceEvent)
    await ben.sync(set_presence="offline")
    await ada.sync()
    await hear(ben, heard, lambda one: (one.user_id, one.presence) == (ada.user_id, "online"))
    assert isinstance(await ada.set_presence("unavailable", "at the bakery"), PresenceSetResponse)
    said = await ben.get_presence(ada.user_id)
    assert isinstance(said, PresenceGetResponse)
    assert (said.presence, said.status_msg) == ("unavailable", "at the bakery")
    await hear(ben, heard, lambda one: (one.presence, one.status_msg) == ("unavailable", "at the bakery"))
    for client in (ada, ben):
        await client.close()


def test_nio_hears_that_somebody_is_there(gateway: Gateway) -> None:
    ada, ben = gateway.register("ada"), gateway.register("ben")
    meet(ada, ben)
    asyncio.run(converse(nio(ada), nio(ben)))


def test_two_gateways_agree(gateway: Gateway, second: Gateway) -> None:
    ada, ben = gateway.register("ada"), gateway.register("ben")
    phone, there = replace(gateway.login(ada.user_id), url=second.url), replace(ben, url=second.url)
    meet(ada, ben)
    tokens = [one.sync(set_presence="offline")["next_batch"] for one in (ben, there)]
    ada.sync()
    assert settled(lambda: all(status(one, ada)["presence"] == "online" for one in (ben, there)))
    for one, since in zip((ben, there), tokens, strict=True):
        events = one.sync(since, set_presence="offline")["presence"]["events"]
        assert [(event["sender"], event["content"]["presence"]) for event in events] == [(ada.user_id, "online")]
    phone.put(f"presence/{quote(ada.user_id)}/status", {"presence": "unavailable", "status_msg": "by tram"})
    assert settled(lambda: all(status(one, ada).get("status_msg") == "by tram" for one in (ben, there)))
    assert {status(one, ada)["presence"] for one in (ben, there)} == {"online"}, "the other device is still there"


@pytest.mark.long
def test_a_gateway_that_dies_takes_its_people_with_it(
    gateway: Gateway, serve: Callable[..., AbstractContextManager[Gateway]]
) -> None:
    ada, ben = gateway.register("ada"), gateway.register("ben")
    meet(ada, ben)
    with serve() as doomed:
        replace(ada, url=doomed.url).sync()
        assert settled(lambda: status(ben, ada)["presence"] == "online")
    assert settled(lambda: status(ben, ada)["presence"] == "offline", 90)


def test_a_city_without_it(gateway: Gateway, serve: Callable[..., AbstractContextManager[Gateway]]) -> None:
    ada, ben = gateway.register("ada"), gateway.register("ben")
    meet(ada, ben)
    with serve(MEYDAN_PRESENCE="off") as quiet:
        ada, ben = (replace(one, url=quiet.url) for one in (ada, ben))
        since = ben.sync()["next_batch"]
        ada.put(f"presence/{quote(ada.user_id)}/status", {"presence": "online"})
        time.sleep(1.5)
        assert "presence" not in ben.sync(since)
        assert status(ben, ada) == {"presence": "offline"}
