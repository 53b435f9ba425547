"""Keys of devices: bound to them, counted, and each one-time key given out once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pytest

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.signing import Signer, device_keys, one_time_keys

CURVE = "signed_curve25519"
CLIENTS = 8


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


@pytest.fixture
def ben(gateway: Gateway) -> Api:
    return gateway.register("ben")


def claim(api: Api, *owners: Api) -> Any:
    """The keys, by person and device."""
    asked: dict[str, dict[str, str]] = {}
    for owner in owners:
        asked.setdefault(owner.user_id, {})[owner.device_id] = CURVE
    said = api.post("keys/claim", {"one_time_keys": asked})
    assert said["failures"] == {}
    return said["one_time_keys"]


def claimed(api: Api, owner: Api) -> Iterator[str]:
    for keys in claim(api, owner).get(owner.user_id, {}).values():
        yield from keys


def test_device_keys_are_found_by_others_with_the_devices_name(ada: Api, ben: Api) -> None:
    keys = device_keys(Signer(ada.user_id, ada.device_id), ada.device_id)
    assert ada.post("keys/upload", {"device_keys": keys}) == {"one_time_key_counts": {CURVE: 0}}
    ada.put(f"devices/{ada.device_id}", {"display_name": "Ada's telephone"})
    said = ben.post("keys/query", {"device_keys": {ada.user_id: []}})
    unsigned = {"device_display_name": "Ada's telephone"}
    assert said["device_keys"] == {ada.user_id: {ada.device_id: {**keys, "unsigned": unsigned}}}
    assert ben.post("keys/query", {"device_keys": {ada.user_id: ["OTHER"]}})["device_keys"] == {ada.user_id: {}}


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": "@somebody:localhost"},
        {"device_id": "OTHER"},
        {"keys": {"ed25519:OTHER": "x"}},
        {"keys": {}},
        {"algorithms": "all"},
        {"signatures": []},
    ],
)
def test_device_keys_are_those_of_the_device(ada: Api, change: dict[str, Any]) -> None:
    keys = device_keys(Signer(ada.user_id, ada.device_id), ada.device_id) | change
    assert ada.refused("POST", "keys/upload", {"device_keys": keys})[0] == 400
    assert ada.post("keys/query", {"device_keys": {ada.user_id: []}})["device_keys"] == {ada.user_id: {}}


def test_one_time_keys_are_counted(ada: Api, ben: Api) -> None:
    assert ada.post("keys/upload", {"one_time_keys": one_time_keys(range(3))})["one_time_key_counts"] == {CURVE: 3}
    first = ada.sync()
    assert first["device_one_time_keys_count"] == {CURVE: 3}
    assert first["device_unused_fallback_key_types"] == []
    assert len(list(claimed(ben, ada))) == 1
    assert ada.sync(first["next_batch"])["device_one_time_keys_count"] == {CURVE: 2}


def test_a_repeated_upload_brings_no_claimed_key_back(ada: Api, ben: Api) -> None:
    keys = one_time_keys(range(1))
    ada.post("keys/upload", {"one_time_keys": keys})
    assert list(claimed(ben, ada)) == [f"{CURVE}:K0"]
    assert ada.post("keys/upload", {"one_time_keys": keys})["one_time_key_counts"] == {CURVE: 0}
    assert list(claimed(ben, ada)) == []


def test_another_key_under_the_same_id_is_refused(ada: Api) -> None:
    ada.post("keys/upload", {"one_time_keys": one_time_keys(range(2))})
    other = {"one_time_keys": one_time_keys(range(1, 3), more=True)}
    assert ada.refused("POST", "keys/upload", other) == (400, "M_INVALID_PARAM")
    assert ada.sync()["device_one_time_keys_count"] == {CURVE: 2}


def test_a_fallback_key_serves_when_there_are_none(ada: Api, ben: Api) -> None:
    fallback = {f"{CURVE}:F": {"key": "f", "fallback": True, "signatures": {}}}
    ada.post("keys/upload", {"one_time_keys": one_time_keys(range(1)), "fallback_keys": fallback})
    assert ada.sync()["device_unused_fallback_key_types"] == [CURVE]
    assert list(claimed(ben, ada)) == [f"{CURVE}:K0"]
    assert ada.sync()["device_unused_fallback_key_types"] == [CURVE]
    for _time in range(2):
        assert claim(ben, ada) == {ada.user_id: {ada.device_id: fallback}}
        assert ada.sync()["device_unused_fallback_key_types"] == []
    ada.post("keys/upload", {"fallback_keys": {f"{CURVE}:G": {"key": "g", "fallback": True}}})
    assert ada.sync()["device_unused_fallback_key_types"] == [CURVE]


def test_what_nobody_has_is_left_out(ada: Api, ben: Api) -> None:
    assert claim(ben, ada, Api("", "", "@nobody:localhost", "X")) == {}


def test_a_thousand_claims_at_once_and_no_key_twice(gateway: Gateway, ada: Api) -> None:
    for start in range(0, 900, 300):
        ada.post("keys/upload", {"one_time_keys": one_time_keys(range(start, start + 300))})
    clients = [gateway.register("claimant") for _number in range(CLIENTS)]

    def claim_many(client: Api) -> list[str]:
        return [name for _time in range(125) for name in claimed(client, ada)]

    with ThreadPoolExecutor(CLIENTS) as threads:
        found = [name for names in threads.map(claim_many, clients) for name in names]
    assert len(found) == 900
    assert len(set(found)) == 900
    assert ada.sync()["device_one_time_keys_count"] == {CURVE: 0}


def test_claims_of_many_devices_at_once_do_not_lock_each_other(gateway: Gateway, ben: Api) -> None:
    owners = [gateway.register("owner") for _number in range(6)]
    fallback = {f"{CURVE}:F": {"key": "f", "fallback": True}}
    for owner in owners:
        owner.post("keys/upload", {"one_time_keys": one_time_keys(range(5)), "fallback_keys": fallback})
    with ThreadPoolExecutor(CLIENTS) as threads:
        turns = [owners, owners[::-1]] * 10
        found = list(threads.map(lambda api, turn: claim(api, *turn), repeat(ben), turns))
    for owner in owners:
        names = [name for one in found for name in one[owner.user_id][owner.device_id]]
        assert len(names) == 20
        assert len({name for name in names if not name.endswith(":F")}) == 5
        assert names.count(f"{CURVE}:F") == 15


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("keys/upload", {"one_time_keys": {"nameless": {"key": "x"}}}),
        ("keys/upload", {"one_time_keys": {f"{CURVE}:A": 1}}),
        ("keys/upload", {"one_time_keys": {f"{CURVE}:A\0": "x"}}),
        ("keys/upload", {"one_time_keys": {f"{CURVE}:A": {"key": "x", "n": 1.5}}}),
        ("keys/upload", {"one_time_keys": {f"{CURVE}:{n}": "x" for n in range(1001)}}),
        ("keys/upload", {"fallback_keys": {f"{CURVE}:{n}": "x" for n in range(11)}}),
        ("keys/query", {}),
        ("keys/query", {"device_keys": {"@a:localhost": "all"}}),
        ("keys/query", {"device_keys": {"@a\0:localhost": []}}),
        ("keys/claim", {"one_time_keys": {"@a:localhost": {"D": 1}}}),
        ("keys/claim", {"one_time_keys": {"@a:localhost": "D"}}),
        ("keys/device_signing/upload", {"master_key": []}),
        ("keys/signatures/upload", {"@a:localhost": []}),
    ],
)
def test_nonsense_is_refused(ada: Api, path: str, body: Any) -> None:
    assert ada.call("POST", path, body)[0] == 400
