"""Cross-signing: a person's three keys, and what is signed with them."""

from typing import Any

import pytest

from meydan.messaging.tests.clients import Api, Gateway, password_of
from meydan.messaging.tests.signing import Signer, device_keys


class Identity:
    """Somebody's device with their three keys."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.device = Signer(api.user_id, api.device_id)
        self.master, self.own, self.others = (Signer(api.user_id) for _key in range(3))
        self.device_keys = device_keys(self.device, api.device_id)
        self.master_key = self.device.sign(self.master.cross_key("master"))
        api.post("keys/upload", {"device_keys": self.device_keys})

    def body(self) -> dict[str, Any]:
        return {
            "master_key": self.master_key,
            "self_signing_key": self.master.sign(self.own.cross_key("self_signing")),
            "user_signing_key": self.master.sign(self.others.cross_key("user_signing")),
        }

    def upload(self) -> "Identity":
        self.api.post("keys/device_signing/upload", self.body())
        return self

    def query(self, about: Api) -> Any:
        return self.api.post("keys/query", {"device_keys": {about.user_id: []}})


@pytest.fixture
def ada(gateway: Gateway) -> Identity:
    return Identity(gateway.register("ada"))


@pytest.fixture
def ben(gateway: Gateway) -> Identity:
    return Identity(gateway.register("ben"))


def test_the_first_keys_are_free_and_others_see_two_of_them(ada: Identity, ben: Identity) -> None:
    body = ada.upload().body()
    own, others = ada.query(ada.api), ben.query(ada.api)
    for usage in ("master", "self_signing"):
        assert others[f"{usage}_keys"] == own[f"{usage}_keys"] == {ada.api.user_id: body[f"{usage}_key"]}
    assert own["user_signing_keys"] == {ada.api.user_id: body["user_signing_key"]}
    assert others["user_signing_keys"] == {}


def test_the_same_keys_again_are_free_and_new_ones_take_the_password(ada: Identity) -> None:
    ada.upload().upload()
    master = Signer(ada.api.user_id)
    body = {"master_key": master.cross_key("master")}
    status, said = ada.api.call("POST", "keys/device_signing/upload", body)
    assert status == 401
    assert [flow["stages"] for flow in said["flows"]] == [
        ["m.login.password"],
        ["m.oauth"],
        ["org.matrix.cross_signing_reset"],
    ]
    ada.api.post("keys/device_signing/upload", body | {"auth": password_of(ada.api, said["session"])})
    assert ada.query(ada.api)["master_keys"] == {ada.api.user_id: body["master_key"]}


@pytest.mark.parametrize("usage", ["self_signing", "user_signing"])
def test_a_key_that_the_master_key_has_not_signed_is_refused(ada: Identity, usage: str) -> None:
    for wrong in (
        ada.own.cross_key(usage),
        ada.device.sign(ada.own.cross_key(usage)),
        ada.master.sign(ada.own.cross_key(usage)) | {"more": 1},
    ):
        body = ada.body() | {f"{usage}_key": wrong}
        assert ada.api.refused("POST", "keys/device_signing/upload", body) == (400, "M_INVALID_SIGNATURE")
    assert ada.query(ada.api)["master_keys"] == {}


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": "@somebody:localhost"},
        {"usage": ["self_signing"]},
        {"keys": {}},
        {"keys": {"ed25519:abc": "abc"}},
        {"keys": {"ed25519:A": "A" * 43}},
    ],
)
def test_a_master_key_has_its_shape(ada: Identity, change: dict[str, Any]) -> None:
    body = {"master_key": ada.master.cross_key("master") | change}
    assert ada.api.refused("POST", "keys/device_signing/upload", body) == (400, "M_INVALID_PARAM")


def test_no_key_without_a_master_key(ada: Identity) -> None:
    body = {"self_signing_key": ada.body()["self_signing_key"]}
    assert ada.api.refused("POST", "keys/device_signing/upload", body) == (400, "M_MISSING_PARAM")


def test_a_device_and_the_master_key_are_signed(ada: Identity, ben: Identity) -> None:
    ada.upload()
    said = {
        ada.api.device_id: ada.own.sign(ada.device_keys),
        ada.master.public: ada.device.sign(ada.master.cross_key("master")),
    }
    assert ada.api.post("keys/signatures/upload", {ada.api.user_id: said}) == {"failures": {}}
    found = ben.query(ada.api)
    signatures = found["device_keys"][ada.api.user_id][ada.api.device_id]["signatures"][ada.api.user_id]
    assert set(signatures) == {ada.device.key_name, ada.own.key_name}


def test_somebody_elses_master_key_is_signed_and_only_the_signer_sees_it(ada: Identity, ben: Identity) -> None:
    ada.upload()
    ben.upload()
    since = ada.api.sync()["next_batch"]
    signed = {ben.master.public: ada.others.sign(ben.master_key)}
    assert ada.api.post("keys/signatures/upload", {ben.api.user_id: signed}) == {"failures": {}}
    assert set(ada.query(ben.api)["master_keys"][ben.api.user_id]["signatures"]) == {ada.api.user_id, ben.api.user_id}
    assert set(ben.query(ben.api)["master_keys"][ben.api.user_id]["signatures"]) == {ben.api.user_id}
    assert ada.api.sync(since)["device_lists"] == {"changed": [ben.api.user_id], "left": []}


def test_bad_signatures_are_failures_and_the_good_one_is_kept(ada: Identity, ben: Identity) -> None:
    ada.upload()
    ben.upload()
    good = ada.own.sign(ada.device_keys)
    wrong = ada.others.sign(ben.master_key)
    wrong["signatures"][ada.api.user_id][ada.others.key_name] = ada.own.sign(ben.master_key)["signatures"][
        ada.api.user_id
    ][ada.own.key_name]
    failures = ada.api.post(
        "keys/signatures/upload",
        {
            ada.api.user_id: {ada.api.device_id: good, "NOBODY": good, ada.master.public: ada.master_key | {"n": 1}},
            ben.api.user_id: {ben.master.public: wrong, ben.api.device_id: ada.others.sign(ben.device_keys)},
        },
    )["failures"]
    said = {person: {name: one["errcode"] for name, one in keys.items()} for person, keys in failures.items()}
    assert said == {
        ada.api.user_id: {"NOBODY": "M_NOT_FOUND", ada.master.public: "M_INVALID_PARAM"},
        ben.api.user_id: {ben.master.public: "M_INVALID_SIGNATURE", ben.api.device_id: "M_NOT_FOUND"},
    }


def test_replaced_keys_take_their_signatures_along(ada: Identity) -> None:
    ada.upload()
    ada.api.post("keys/signatures/upload", {ada.api.user_id: {ada.api.device_id: ada.own.sign(ada.device_keys)}})
    old, ada.own = ada.own, Signer(ada.api.user_id)
    body = {"self_signing_key": ada.body()["self_signing_key"], "auth": password_of(ada.api)}
    ada.api.post("keys/device_signing/upload", body)
    signatures = ada.query(ada.api)["device_keys"][ada.api.user_id][ada.api.device_id]["signatures"][ada.api.user_id]
    assert old.key_name not in signatures
