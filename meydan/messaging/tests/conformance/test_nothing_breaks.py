"""What the database cannot hold is refused at the door: one stranger's letter must not cost others their messages."""

from typing import Any

import pytest

from meydan.messaging.tests.clients import Api, Gateway


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


def test_a_zero_in_a_relation(ada: Api) -> None:
    room = ada.make_room()
    content = {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "a\0", "event_id": "$\0"}}
    assert ada.call("PUT", f"rooms/{room}/send/m.room.message/1", content)[0] < 500


@pytest.mark.parametrize(
    "path",
    [
        "rooms/{room}/send/a%00/1",
        "rooms/{room}/send/a/1%00",
        "rooms/{room}/state/a%00/k",
        "rooms/{room}/state/a/k%00",
        "user/{user}/account_data/a%00",
        "user/{user}/rooms/a%00/account_data/a",
        "devices/a%00",
        "sendToDevice/a%00/1",
        "room_keys/version/%00",
    ],
)
def test_a_zero_in_an_address(ada: Api, path: str) -> None:
    address = path.format(room=ada.make_room(), user=ada.user_id)
    assert ada.call("PUT", address, {"messages": {}})[0] in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        {"initial_state": [{"type": "a\0", "state_key": "", "content": {}}]},
        {"initial_state": [{"type": "a", "state_key": "\0", "content": {}}]},
        {"room_alias_name": "a\0"},
        {"invite": ["@a\0:localhost"]},
        {"room_version": "11\0"},
    ],
)
def test_a_zero_in_a_new_room(ada: Api, body: dict[str, Any]) -> None:
    assert 400 <= ada.call("POST", "createRoom", body)[0] < 500


def test_a_zero_among_ones_names(gateway: Gateway, ada: Api) -> None:
    assert ada.call("PUT", f"devices/{ada.device_id}", {"display_name": "a\0b"}) == (200, {})
    assert gateway.login(ada.user_id, "DEV\0ICE").device_id == "DEVICE"
