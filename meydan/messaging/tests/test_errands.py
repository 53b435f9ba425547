"""Errands are done once, in order for each room, whichever gateway is killed when."""

import json
import signal
import time
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connections

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.conftest import _address, start_gateway

EACH = 60


@pytest.fixture
def ada(gateway: Gateway) -> Api:
    return gateway.register("ada")


def leave_errands(line: "psycopg.Connection[Any]", rooms: dict[str, int], user_id: str) -> None:
    """In every room they shall say the numbers."""
    rows = line.execute(
        "select room_id, id, shard from messaging_room where room_id = any(%s)", [list(rooms)]
    ).fetchall()
    for number in range(EACH):
        for room_id, room, shard in rows:
            draft = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": str(number)}, "by": user_id}
            line.execute(
                "insert into messaging_errand (key, shard, room, verb, body, tries, wrong)"
                " values (%s, %s, %s, 'append', %s, 0, '')",
                [f"{room_id}/{number}", shard, room, json.dumps({"drafts": [draft]})],
            )
    line.execute("notify meydan_errands")


def said(api: Api, room: str) -> list[str]:
    """What was said there, oldest first."""
    chunk = api.get(f"rooms/{quote(room)}/messages", dir="f", limit=1000)["chunk"]
    return [one["content"]["body"] for one in chunk if one["type"] == "m.room.message"]


def waiting(line: "psycopg.Connection[Any]") -> int:
    (count,) = line.execute("select count(*) from messaging_errand where done_at is null").fetchone() or (0,)
    return int(count)


@pytest.mark.long
def test_a_killed_gateway_repeats_nothing_and_loses_nothing(gateway: Gateway, ada: Api) -> None:
    place = connections["default"].settings_dict
    rooms = {ada.make_room(): number for number in range(8)}
    victim, _url = start_gateway(place)
    with psycopg.connect(_address(place), autocommit=True) as line:
        wait_until(lambda: len(owners(line)) == 2)
        with line.transaction():
            leave_errands(line, rooms, ada.user_id)
        wait_until(lambda: waiting(line) < EACH * len(rooms) * 0.8)
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        assert waiting(line) > 0, "killed too late to show anything"
        wait_until(lambda: waiting(line) == 0)
        wrong = line.execute("select wrong from messaging_errand where wrong <> ''").fetchall()
    assert wrong == []
    assert [said(ada, room) for room in rooms] == [[str(number) for number in range(EACH)]] * len(rooms)


def owners(line: "psycopg.Connection[Any]") -> set[str]:
    """Who writes the rooms' streams."""
    return {owner for (owner,) in line.execute("select owner from messaging_shard where number > 0")}


def wait_until(what: Any, seconds: float = 60) -> None:
    """Until it is so."""
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.01)
