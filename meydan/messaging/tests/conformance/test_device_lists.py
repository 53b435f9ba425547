"""Whose keys a client is told to ask for anew, and whose to forget."""

from threading import Thread
from typing import Any

import pytest

from meydan.messaging.tests.clients import Api, Gateway, password_of
from meydan.messaging.tests.signing import Signer, device_keys


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


@pytest.fixture
def ben(gateway: Gateway) -> Api:
    return gateway.register("ben")


@pytest.fixture
def eve(gateway: Gateway) -> Api:
    return gateway.register("eve")


def upload(api: Api) -> None:
    api.post("keys/upload", {"device_keys": device_keys(Signer(api.user_id, api.device_id), api.device_id)})


def lists(said: Any) -> tuple[list[str], list[str]]:
    found = said.get("device_lists", {"changed": [], "left": []})
    return found["changed"], found["left"]


def test_who_shares_a_room_is_told_and_nobody_else(ada: Api, ben: Api, eve: Api) -> None:
    ada.make_room(ben)
    since = ada.sync()["next_batch"]
    elsewhere = eve.sync()["next_batch"]
    own = ben.sync()["next_batch"]
    upload(ben)
    said = ada.sync(since)
    assert lists(said) == ([ben.user_id], [])
    assert lists(ben.sync(own)) == ([ben.user_id], [])
    assert "device_lists" not in eve.sync(elsewhere)
    assert "device_lists" not in ada.sync(said["next_batch"])
    assert lists(ada.sync(since)) == ([ben.user_id], []), "a lost answer comes again"


def test_a_poll_is_woken_by_one_who_has_never_synced(ada: Api, ben: Api) -> None:
    ada.make_room(ben)
    since = ada.sync()["next_batch"]
    said: list[Any] = []
    poll = Thread(target=lambda: said.append(ada.sync(since, timeout=30_000)))
    poll.start()
    upload(ben)
    poll.join(10)
    assert lists(said[0]) == ([ben.user_id], [])


def test_the_same_keys_again_are_no_change(ada: Api, ben: Api) -> None:
    ada.make_room(ben)
    keys = device_keys(Signer(ben.user_id, ben.device_id), ben.device_id)
    ben.post("keys/upload", {"device_keys": keys})
    since = ada.sync()["next_batch"]
    ben.post("keys/upload", {"device_keys": keys})
    assert "device_lists" not in ada.sync(since)


def test_coming_and_going(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(eve)
    since, others = ada.sync()["next_batch"], ben.sync()["next_batch"]
    ben.join(room)
    said, bens = ada.sync(since), ben.sync(others)
    assert lists(said) == ([ben.user_id], [])
    assert lists(bens) == (sorted([ada.user_id, ben.user_id, eve.user_id]), [])
    second = ada.make_room(ben)
    said, bens = ada.sync(said["next_batch"]), ben.sync(bens["next_batch"])
    ben.leave(room)
    left, mine = ada.sync(said["next_batch"]), ben.sync(bens["next_batch"])
    assert "device_lists" not in left, "they still share a room"
    assert lists(mine) == ([], [eve.user_id])
    ben.leave(second)
    assert lists(ada.sync(left["next_batch"])) == ([], [ben.user_id])
    assert lists(ben.sync(mine["next_batch"])) == ([], [ada.user_id])


def test_who_declines_learns_nothing_of_who_is_in(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(eve)
    since = ben.sync()["next_batch"]
    ada.post(f"rooms/{room}/invite", {"user_id": ben.user_id})
    ben.leave(room)
    assert "device_lists" not in ben.sync(since)


def test_what_happens_after_leaving_is_not_told(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(ben)
    since = ben.sync()["next_batch"]
    ben.leave(room)
    eve.join(room)
    upload(eve)
    assert lists(ben.sync(since)) == ([], [ada.user_id])


def test_who_left_before_oneself_is_told(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(ben, eve)
    since = ben.sync()["next_batch"]
    eve.leave(room)
    ben.leave(room)
    assert lists(ben.sync(since)) == ([], sorted([ada.user_id, eve.user_id]))


def test_who_left_before_one_came_is_not_told(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(eve)
    since = ben.sync()["next_batch"]
    eve.leave(room)
    ben.join(room)
    assert lists(ben.sync(since)) == (sorted([ada.user_id, ben.user_id]), [])


def test_a_new_name_of_a_person_is_no_change(ada: Api, ben: Api) -> None:
    room = ada.make_room(ben)
    since = ada.sync()["next_batch"]
    ben.put(f"rooms/{room}/state/m.room.member/{ben.user_id}", {"membership": "join", "displayname": "Benjamin"})
    said = ada.sync(since)
    assert said["rooms"]["join"][room]["timeline"]["events"]
    assert "device_lists" not in said


def test_a_device_that_signs_out_is_a_change(gateway: Gateway, ada: Api, ben: Api) -> None:
    ada.make_room(ben)
    other = gateway.login(ben.user_id)
    upload(other)
    since = ada.sync()["next_batch"]
    ben.ok("DELETE", f"devices/{other.device_id}", {"auth": password_of(ben)})
    assert lists(ada.sync(since)) == ([ben.user_id], [])
    assert ada.post("keys/query", {"device_keys": {ben.user_id: []}})["device_keys"] == {ben.user_id: {}}


def test_between_two_tokens(ada: Api, ben: Api, eve: Api) -> None:
    room = ada.make_room(ben)
    begin = ada.sync()["next_batch"]
    upload(ben)
    eve.join(room)
    end = ada.sync()["next_batch"]
    found = ada.get("keys/changes", **{"from": begin, "to": end})
    assert found == {"changed": sorted([ben.user_id, eve.user_id]), "left": []}
    assert ada.get("keys/changes", **{"from": end, "to": end}) == {"changed": [], "left": []}
    assert ada.refused("GET", "keys/changes") == (400, "M_MISSING_PARAM")


def test_a_long_absence(ada: Api, ben: Api, eve: Api) -> None:
    """What the gateway does not hold any more is read."""
    room = ada.make_room(ben)
    since = ada.sync()["next_batch"]
    eve.join(room)
    for number in range(80):
        ada.put(f"rooms/{room}/send/m.room.message/{number}", {"msgtype": "m.text", "body": "x"})
    assert lists(ada.sync(since)) == ([eve.user_id], [])
