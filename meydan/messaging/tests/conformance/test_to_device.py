"""Messages to devices: kept until they are seen, sent once, and where they are for."""

from threading import Thread
from typing import Any

import pytest

from meydan.messaging.tests.clients import PASSWORD, Api, Gateway, password_of


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


@pytest.fixture
def ben(gateway: Gateway) -> Api:
    return gateway.register("ben")


def told(said: Any) -> list[Any]:
    return [event["content"] for event in said.get("to_device", {"events": []})["events"]]


def test_a_message_is_kept_until_the_next_token_proves_that_it_was_seen(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    ada.send_to("m.test", {ben.user_id: {ben.device_id: {"n": 1}}})
    first = ben.sync(since)
    assert first["to_device"]["events"] == [{"type": "m.test", "sender": ada.user_id, "content": {"n": 1}}]
    assert told(ben.sync(since)) == [{"n": 1}], "the answer was lost: it comes again"
    assert told(ben.sync(first["next_batch"])) == []
    assert told(ben.sync(since)) == [], "it was seen"


def test_a_first_sync_tells_what_waited(ada: Api, ben: Api) -> None:
    ada.send_to("m.test", {ben.user_id: {"*": {"n": 1}}})
    assert told(ben.sync()) == [{"n": 1}]
    assert told(ben.sync()) == [{"n": 1}]


def test_a_full_state_does_not_bring_back_what_was_seen(ada: Api, ben: Api) -> None:
    ada.send_to("m.test", {ben.user_id: {"*": {"n": 1}}})
    since = ben.sync()["next_batch"]
    assert told(ben.sync(since, full_state="true")) == []


def test_the_same_transaction_sends_once(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    for _time in range(2):
        ada.send_to("m.test", {ben.user_id: {ben.device_id: {"n": 1}}}, "again")
    assert told(ben.sync(since)) == [{"n": 1}]
    ada.send_to("m.other", {ben.user_id: {ben.device_id: {"n": 2}}}, "again")
    assert told(ben.sync(since)) == [{"n": 1}, {"n": 2}], "another address is another transaction"


def test_the_same_transaction_at_once_sends_once(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    lines = [Thread(target=ada.send_to, args=("m.test", {ben.user_id: {ben.device_id: {}}}, "once")) for _ in range(8)]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    assert told(ben.sync(since)) == [{}]


def test_each_device_gets_what_is_for_it_and_nothing_of_the_others(gateway: Gateway, ada: Api, ben: Api) -> None:
    devices = [ben, *(gateway.login(ben.user_id) for _ in range(3))]
    contents = [{"n": "ä€😀" * 40}, {}, {"n": [{"\\u0000": 1.5}, 2**60, None], "}": '"{'}, {"n": "x" * 60_000}]
    messages = {one.device_id: content for one, content in zip(devices, contents, strict=True)}
    ada.send_to("m.test", {ben.user_id: messages, "@no:localhost": {"NOBODY": {"n": 9}}})
    ada.send_to("m.test", {ben.user_id: dict(reversed(messages.items()))})
    for one, content in zip(devices, contents, strict=True):
        assert told(one.sync()) == [content, content]
    ada.send_to("m.test", {ben.user_id: {}})
    ada.send_to("m.test", {})


def test_every_device_or_one(gateway: Gateway, ada: Api, ben: Api) -> None:
    other = gateway.login(ben.user_id)
    ada.send_to("m.test", {ben.user_id: {"*": {"n": 1}}})
    ada.send_to("m.test", {ben.user_id: {other.device_id: {"n": 2}, "NOBODY": {"n": 3}}, "@no:localhost": {"*": {}}})
    assert told(ben.sync()) == [{"n": 1}]
    assert told(other.sync()) == [{"n": 1}, {"n": 2}]


def test_a_hundred_at_a_time_and_the_rest_at_once(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    for number in range(205):
        ada.send_to("m.test", {ben.user_id: {ben.device_id: {"n": number}}})
    seen: list[int] = []
    for most in (100, 100, 5):
        said = ben.sync(since, timeout=20_000)
        assert len(told(said)) == most
        seen += [one["n"] for one in told(said)]
        since = said["next_batch"]
    assert seen == list(range(205))


def test_a_poll_is_woken(ada: Api, ben: Api) -> None:
    since = ben.sync()["next_batch"]
    said: list[Any] = []
    poll = Thread(target=lambda: said.append(ben.sync(since, timeout=30_000)))
    poll.start()
    ada.send_to("m.test", {ben.user_id: {ben.device_id: {"n": 1}}})
    poll.join(10)
    assert told(said[0]) == [{"n": 1}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"messages": []}, 400),
        ({"messages": {"@a:localhost": []}}, 400),
        ({"messages": {"@a\0:localhost": {"*": {}}}}, 400),
        ({"messages": {"@a:localhost": {"*": "text"}}}, 400),
        ({"messages": {"@a:localhost": {"*": {"long": "x" * 70_000}}}}, 413),
        ({"messages": {f"@a{n}:localhost": {"*": {}} for n in range(1001)}}, 413),
    ],
)
def test_nonsense_is_refused(ada: Api, body: Any, status: int) -> None:
    assert ada.call("PUT", "sendToDevice/m.test/1", body)[0] == status


def test_a_device_is_signed_out_with_the_password(gateway: Gateway, ada: Api) -> None:
    other = gateway.login(ada.user_id)
    status, said = ada.call("POST", "delete_devices", {"devices": [other.device_id]})
    assert status == 401
    assert said["flows"] == [{"stages": ["m.login.password"]}]
    wrong = password_of(ada, said["session"]) | {"password": "wrong" + PASSWORD}
    status, again = ada.call("POST", "delete_devices", {"devices": [other.device_id], "auth": wrong})
    assert (status, again["errcode"], again["session"]) == (401, "M_FORBIDDEN", said["session"])
    assert other.get("account/whoami")["device_id"] == other.device_id
    ada.post("delete_devices", {"devices": [other.device_id], "auth": password_of(ada, said["session"])})
    assert other.refused("GET", "account/whoami") == (401, "M_UNKNOWN_TOKEN")
    assert [one["device_id"] for one in ada.get("devices")["devices"]] == [ada.device_id]


def test_somebody_elses_password_does_not_count(gateway: Gateway, ada: Api, ben: Api) -> None:
    path = f"devices/{ada.device_id}"
    assert ada.call("DELETE", path, {"auth": password_of(ben)})[0] == 401
    ada.ok("DELETE", path, {"auth": password_of(ada)})
    assert ada.refused("GET", "account/whoami") == (401, "M_UNKNOWN_TOKEN")
    assert gateway.login(ada.user_id).get("devices")["devices"] != []
