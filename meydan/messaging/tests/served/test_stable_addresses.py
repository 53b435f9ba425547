"""Requests whose address is always the same: a browser on another origin asks leave for each address by itself."""

import json
from typing import Any

from meydan.messaging.tests.served.conftest import Cast, Client

HERE = "/_matrix/client/unstable"
SEND, SYNC = f"{HERE}/org.meydan.send", f"{HERE}/org.matrix.simplified_msc3575/sync"
MODES: dict[str, dict[str, Any]] = {"whole": {}, "lean": {"org.meydan.lean": True}}
ROOMS = {"all": {"ranges": [[0, 9]], "timeline_limit": 5, "required_state": []}}


def event(room: str, txn: str, **more: Any) -> dict[str, Any]:
    return {"room_id": room, "txn_id": txn, "type": "m.room.message", "content": {"body": txn}, **more}


def bodies(client: Client, room: str) -> list[str]:
    said = client.get(f"rooms/{room}/messages", dir="f", limit=100)["chunk"]
    return [one["content"].get("body", "") for one in said if one["type"] == "m.room.message"]


def test_a_message_whose_repetition_by_either_door_is_none(sign_in: Cast) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    first = ada.post(SEND, event(room, "one"))
    assert ada.post(SEND, event(room, "one")) == first
    assert ada.put(f"rooms/{room}/send/m.room.message/one", {"body": "one"}) == first
    assert bodies(ada, room) == ["one"]
    gone = ada.post(SEND, {"room_id": room, "txn_id": "two", "redacts": first["event_id"], "content": {"reason": "x"}})
    assert ada.put(f"rooms/{room}/redact/{first['event_id']}/two", {"reason": "x"}) == gone
    assert bodies(ada, room) == [""]


def test_only_who_is_in_the_room_sends_by_it(sign_in: Cast) -> None:
    ada, ben = sign_in("ada"), sign_in("ben")
    room = ada.make_room()
    assert ben.ask("POST", SEND, event(room, "one")).status == 403
    assert ada.ask("POST", SEND, event(room, "t" * 121)).status == 400
    assert ada.ask("POST", SEND, event(room, "one", content="words")).status == 400
    assert ada.ask("POST", SEND, {"room_id": room, "txn_id": "one"}).json["errcode"] == "M_MISSING_PARAM"
    assert bodies(ada, room) == []


def test_sliding_sync_takes_its_position_from_the_body(sign_in: Cast) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    first = ada.post(SYNC, {"conn_id": "page", "lists": ROOMS})
    ada.post(SEND, event(room, "one"))
    second = ada.post(SYNC, {"conn_id": "page", "lists": ROOMS, "pos": first["pos"], "timeout": 5000})
    assert [one["content"].get("body") for one in second["rooms"][room]["timeline"]] == ["one"]
    assert (
        ada.ask("POST", SYNC, {"conn_id": "page", "lists": ROOMS, "pos": "elsewhere"}).json["errcode"]
        == "M_UNKNOWN_POS"
    )


def test_leave_is_given_for_a_day(sign_in: Cast) -> None:
    ada = sign_in("ada")
    answer = ada.ask("OPTIONS", SEND)
    assert (answer.status, answer.headers["access-control-max-age"]) == (200, "86400")


def test_a_token_in_the_first_line_needs_no_leave(sign_in: Cast) -> None:
    """Without a header of its own the request is one that a browser sends at once."""
    ada = sign_in("ada")
    room = ada.make_room()
    plain = {"Content-Type": "text/plain;charset=UTF-8"}
    token, ada.token = ada.token, ""
    said = json.dumps(event(room, "one")).encode()
    assert ada.ask("POST", SEND, f"Bearer {token}\n".encode() + said, headers=plain).status == 200
    assert ada.ask("POST", SEND, b"Bearer wrong\n" + said, headers=plain).json["errcode"] == "M_UNKNOWN_TOKEN"
    assert ada.ask("POST", SEND, said).json["errcode"] == "M_MISSING_TOKEN"
    assert ada.ask("POST", f"{HERE[:-9]}/v3/createRoom", f"Bearer {token}\n{{}}".encode()).status in (400, 401)
    ada.token = token
    assert bodies(ada, room) == ["one"]


def test_a_lean_answer_says_of_state_what_a_list_shows(sign_in: Cast) -> None:
    ada = sign_in("ada")
    room = ada.make_room()
    state = {"all": {"ranges": [[0, 9]], "timeline_limit": 1, "required_state": [["m.room.create", ""]]}}
    said = [ada.post(SYNC, {"conn_id": name, "lists": state, **more})["rooms"][room] for name, more in MODES.items()]
    whole, lean = (one.pop("required_state")[0] for one in said)
    assert set(lean) == {"type", "state_key", "sender", "content"}
    assert lean.items() <= whole.items()
    assert said[0] == said[1]
