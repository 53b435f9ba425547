"""An encrypted conversation, as matrix-nio holds it: the server sees none of it and loses none of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient, AsyncClientConfig, JoinResponse, MegolmEvent, RoomCreateResponse, RoomMessageText

from meydan.messaging.tests.clients import Api, Gateway

ENCRYPTED = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


class Talker:
    """A device with nio inside."""

    def __init__(self, api: Api, folder: Path) -> None:
        folder = folder / api.device_id
        folder.mkdir()
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
        self.client = AsyncClient(api.url, api.user_id, api.device_id, str(folder), config)
        self.client.restore_login(api.user_id, api.device_id, api.token)
        self.read: list[str] = []
        self.unread: list[Any] = []
        self.client.add_event_callback(lambda _room, event: self.read.append(event.body), RoomMessageText)
        self.client.add_event_callback(lambda _room, event: self.unread.append(event), MegolmEvent)

    async def catch_up(self) -> None:
        """What a client does after each answer."""
        client = self.client
        await client.sync(timeout=0)
        await client.send_to_device_messages()
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())

    async def say(self, room: str, text: str) -> None:
        content = {"msgtype": "m.text", "body": text}
        await self.client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)


async def catch_up(*talkers: Talker, times: int = 2) -> None:
    for _time in range(times):
        for talker in talkers:
            await talker.catch_up()


async def converse(talkers: list[Talker]) -> None:
    """The first and the third are one person's and the other's."""
    ada, _adas_other, ben, _bens_other = talkers
    for talker in talkers:
        await talker.catch_up()
    made = await ada.client.room_create(initial_state=[ENCRYPTED], invite=[ben.client.user_id])
    assert isinstance(made, RoomCreateResponse)
    assert isinstance(await ben.client.join(made.room_id), JoinResponse)
    await catch_up(*talkers)
    await ada.say(made.room_id, "salam")
    await catch_up(*talkers)
    await ben.say(made.room_id, "merhaba")
    await ada.say(made.room_id, "how are you?")
    await catch_up(*talkers)


def test_everybody_reads_what_the_server_cannot(gateway: Gateway, tmp_path: Path) -> None:
    people = [gateway.register("ada"), gateway.register("ben")]
    apis = [device for one in people for device in (one, gateway.login(one.user_id))]

    async def run() -> list[Talker]:
        talkers = [Talker(api, tmp_path) for api in apis]
        try:
            await converse(talkers)
        finally:
            for talker in talkers:
                await talker.client.close()
        return talkers

    for talker in asyncio.run(run()):
        assert talker.unread == []
        assert sorted(talker.read) == ["how are you?", "merhaba", "salam"]
    room = next(iter(apis[0].sync()["rooms"]["join"].values()))
    assert "salam" not in str(room)
    assert sum(event["type"] == "m.room.encrypted" for event in room["timeline"]["events"]) == 3
