"""The same through two gateways: what is done at one, a poll at the other hears."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.conformance.test_device_lists import lists, upload
from meydan.messaging.tests.conformance.test_keys import CURVE, claimed
from meydan.messaging.tests.signing import one_time_keys


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
