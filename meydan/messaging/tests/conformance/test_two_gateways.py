"""The same through two gateways: what is done at one, a poll at the other hears."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any
from unittest.mock import ANY
from urllib.parse import quote

import pytest

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.conformance.test_device_lists import lists, upload
from meydan.messaging.tests.conformance.test_keys import CURVE, claimed
from meydan.messaging.tests.signing import one_time_keys
from meydan.messaging.tests.sliding import Slider, ask, room_list


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


@pytest.fixture
def ben(gateway: Gateway, second: Gateway) -> Api:
    """At the second gateway."""
    return replace(gateway.register("ben"), url=second.url)


def polled(api: Api, since: str, meanwhile: Callable[[], object]) -> Any:
    """The answer of a poll during which something is done."""
    said: list[Any] = []
    poll = Thread(target=lambda: said.append(api.sync(since, timeout=30_000)))
    poll.start()
    meanwhile()
    poll.join(20)
    return said[0]


def test_a_message_to_a_device_crosses(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    said = polled(ben, since, lambda: ada.send_to("m.test", {ben.user_id: {"*": {"n": 1}}}))
    assert said["to_device"]["events"][0]["content"] == {"n": 1}
    since = ada.sync()["next_batch"]
    said = polled(ada, since, lambda: ben.send_to("m.test", {ada.user_id: {"*": {"n": 2}}}))
    assert said["to_device"]["events"][0]["content"] == {"n": 2}


def test_a_changed_list_crosses(ada: Api, ben: Api) -> None:
    ada.make_room(ben)
    since = ben.sync()["next_batch"]
    assert lists(polled(ben, since, lambda: upload(ada))) == ([ada.user_id], [])


def test_a_claimed_key_is_counted_where_its_device_polls(ada: Api, ben: Api) -> None:
    ben.post("keys/upload", {"one_time_keys": one_time_keys(range(3))})
    since = ben.sync()["next_batch"]
    assert ben.sync(since)["device_one_time_keys_count"] == {CURVE: 3}

    def claim_and_write() -> None:
        assert len(list(claimed(ada, ben))) == 1
        ada.send_to("m.test", {ben.user_id: {"*": {}}})

    assert polled(ben, since, claim_and_write)["device_one_time_keys_count"] == {CURVE: 2}


def test_rules_and_tags_that_change_at_both_gateways_are_all_kept(gateway: Gateway, second: Gateway) -> None:
    ada = gateway.register("ada")
    there = replace(ada, url=second.url)
    room = quote(ada.make_room(), safe="")
    names = [f"r{number}" for number in range(6)]

    def change(name: str, api: Api) -> None:
        api.put(f"pushrules/global/content/{name}", {"pattern": name, "actions": ["notify"]})
        api.put(f"user/{quote(api.user_id)}/rooms/{room}/tags/u.{name}", {"order": 0.5})

    changing = [Thread(target=change, args=(name, (ada, there)[at % 2])) for at, name in enumerate(names)]
    for one in changing:
        one.start()
    for one in changing:
        one.join()
    for api in (ada, there):
        kept = {rule["rule_id"] for rule in api.get("pushrules/")["global"]["content"]}
        assert kept >= set(names)
        assert set(api.get(f"user/{quote(api.user_id)}/rooms/{room}/tags")["tags"]) == {f"u.{name}" for name in names}
    wrong = {"pattern": "x", "actions": []}
    assert there.refused("PUT", "pushrules/global/content/.dot", wrong) == (400, "M_INVALID_PARAM")


def test_a_sliding_connection_that_meets_the_other_gateway_begins_again(gateway: Gateway, second: Gateway) -> None:
    ada, eve = gateway.register("ada"), gateway.register("eve")
    room = ada.make_room(eve)
    client = Slider(ada)
    assert room in client.ask()["rooms"]
    ada.put(f"rooms/{quote(room)}/send/m.room.message/1", {"msgtype": "m.text", "body": "meanwhile"})
    client.api = replace(ada, url=second.url)
    assert ask(client.api, room_list(), client.pos) == (400, {"errcode": "M_UNKNOWN_POS", "error": ANY})
    client.pos = ""
    said = client.ask()["rooms"][room]
    assert said["initial"]
    assert said["timeline"][-1]["content"]["body"] == "meanwhile"
    eve.put(f"rooms/{quote(room)}/send/m.room.message/2", {"msgtype": "m.text", "body": "later"})
    told = client.ask(timeout=20_000)["rooms"][room]
    assert [one["content"]["body"] for one in told["timeline"]] == ["later"]


def test_who_signs_out_at_one_is_out_at_the_other(gateway: Gateway, ben: Api) -> None:
    assert ben.get("account/whoami")["user_id"] == ben.user_id
    replace(ben, url=gateway.url).post("logout")
    ends = time.monotonic() + 10
    while (status := ben.call("GET", "account/whoami")[0]) == 200 and time.monotonic() < ends:
        time.sleep(0.05)
    assert status == 401


def test_what_is_left_at_one_for_later_is_sent_once_whoever_writes_the_room(gateway: Gateway, second: Gateway) -> None:
    ada = gateway.register("ada")
    ways = (ada, replace(ada, url=second.url))
    rooms = [ada.make_room() for _room in range(6)]
    for room in rooms:
        for api in ways:
            txn = api.url.rpartition(":")[2]
            address = f"rooms/{quote(room)}/send/m.room.message/{txn}"
            api.put(address, {"body": api.url}, **{"org.matrix.msc4140.delay": 1000})

    def said() -> list[list[str]]:
        chunks = (ada.get(f"rooms/{quote(room)}/messages", dir="f", limit=100)["chunk"] for room in rooms)
        return [[one["content"]["body"] for one in chunk if one["type"] == "m.room.message"] for chunk in chunks]

    ends = time.monotonic() + 20
    while sum(map(len, said())) < 12 and time.monotonic() < ends:
        time.sleep(0.1)
    time.sleep(0.5)
    assert [sorted(one) for one in said()] == [sorted(api.url for api in ways)] * 6
