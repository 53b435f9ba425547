"""Encrypted conversations between our page and the clients of others: matrix-nio, and matrix-js-sdk in Node.js."""

import asyncio
import io
import json
import subprocess
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import nio
import pytest
from nio.crypto import decrypt_attachment
from PIL import Image
from playwright.sync_api import Page, expect

from meydan.kernel.tests.pictures import make_picture
from meydan.messaging.tests.conformance.workshop import make_workshop
from meydan.site import sdk
from tests.journeys.chatting import begin_with, message, new_person, open_chat, write
from tests.journeys.people import LIMIT, PASSWORD, City, photo
from tests.journeys.test_sealed_chat import SLOW
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
JPEG = b"\xff\xd8\xff"
PATIENCE = 60.0


class Aside:
    """A loop in a thread of its own: Playwright's runs in this one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def end(self) -> None:
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class Nio:
    """Somebody with matrix-nio, whose keys are in a folder."""

    def __init__(self, url: str, username: str, folder: Path) -> None:
        config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        folder.mkdir()
        self.client = nio.AsyncClient(url, f"@{username}:localhost", store_path=str(folder), config=config)
        self.heard: list[Any] = []

    async def enter(self) -> None:
        """Sign in, and leave the keys of this device."""
        said = await self.client.login(PASSWORD)
        assert isinstance(said, nio.LoginResponse), said
        kinds = (nio.RoomMessageText, nio.RoomEncryptedImage, nio.MegolmEvent)
        self.client.add_event_callback(self._hear, kinds)
        await self.follow()

    async def _hear(self, _room: nio.MatrixRoom, event: Any) -> None:
        self.heard.append(event)

    async def follow(self) -> None:
        """One round: what is new, and what the keys ask for."""
        await self.client.sync(timeout=500, full_state=not self.client.rooms)
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()

    async def accept(self) -> str:
        """Enter the room that one is invited to; its id."""
        for _try in range(60):
            await self.follow()
            if self.client.invited_rooms:
                room = next(iter(self.client.invited_rooms))
                await self.client.join(room)
                await self.follow()
                return str(room)
        raise AssertionError("nobody has invited nio")

    async def find(self, kind: type[Any]) -> Any:
        """The first event of this kind that was heard."""
        for _try in range(60):
            if found := [
                event for event in self.heard if isinstance(event, kind) and event.sender != self.client.user_id
            ]:
                return found[0]
            await self.follow()
        raise AssertionError(f"no {kind.__name__} in {self.heard}")

    async def say(self, room: str, content: dict[str, Any]) -> None:
        """Send something, encrypted."""
        said = await self.client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
        assert isinstance(said, nio.RoomSendResponse), said

    async def picture_of(self, file: dict[str, Any]) -> bytes:
        """The bytes of an encrypted file, as a message says where it is."""
        said = await self.client.download(file["url"])
        assert isinstance(said, nio.MemoryDownloadResponse | nio.DownloadResponse), said
        assert isinstance(said.body, bytes) and not said.body.startswith(JPEG), "the gateway has it encrypted"
        opened: bytes = decrypt_attachment(said.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return opened

    async def send_picture(self, room: str, picture: bytes) -> None:
        """Encrypt and upload one, and say so."""
        said, keys = await self.client.upload(
            lambda _tries, _seconds: io.BytesIO(picture), content_type="image/jpeg", encrypt=True, filesize=len(picture)
        )
        assert isinstance(said, nio.UploadResponse), said
        info = {"mimetype": "image/jpeg", "size": len(picture), "w": 64, "h": 48}
        await self.say(
            room, {"msgtype": "m.image", "body": "nio.jpg", "info": info, "file": {**keys, "url": said.content_uri}}
        )


@pytest.fixture
def aside() -> Iterator[Aside]:
    aside = Aside()
    yield aside
    aside.end()


def wait_for_pictures(page: Page, count: int) -> None:
    """So many pictures are shown."""
    pictures = (
        "() => [...document.querySelectorAll('.chat-picture img')]"
        ".filter((one) => one.complete && one.naturalWidth).length"
    )
    wait_for(lambda: page.evaluate(pictures) >= count, PATIENCE, f"{count} pictures are shown")


@pytest.mark.long
def test_matrix_nio_and_the_page_read_each_other(city: City, aside: Aside, tmp_path: Path) -> None:
    ada, nia = new_person(city), new_person(city)
    other = Nio(city.house.gateway, nia, tmp_path / "keys")
    aside.do(other.enter())
    page = open_chat(city, ada)
    begin_with(page, nia)
    room = aside.do(other.accept())
    write(page, "What our page says")
    (tmp_path / "large.jpg").write_bytes(make_picture(1200, 900))
    page.locator(".chat-composer input[type=file]").set_input_files(tmp_path / "large.jpg")
    heard = aside.do(other.find(nio.RoomMessageText))
    assert heard.body == "What our page says" and heard.decrypted
    picture = aside.do(other.find(nio.RoomEncryptedImage))
    content = picture.source["content"]
    whole, small = (aside.do(other.picture_of(one)) for one in (content["file"], content["info"]["thumbnail_file"]))
    assert [Image.open(io.BytesIO(one)).size for one in (whole, small)] == [(1200, 900), (480, 360)]
    told = content["info"]["thumbnail_info"]
    assert (told["w"], told["h"], told["mimetype"], told["size"]) == (480, 360, "image/jpeg", len(small))
    aside.do(other.say(room, {"msgtype": "m.text", "body": "What nio says"}))
    expect(message(page, "What nio says")).to_be_visible(timeout=SLOW)
    aside.do(other.send_picture(room, make_picture()))
    wait_for_pictures(page, 2)
    aside.do(other.client.close())


@pytest.mark.sdk
@pytest.mark.long
def test_matrix_js_sdk_and_the_page_read_each_other(city: City, tmp_path: Path) -> None:
    ada, zoe = new_person(city), new_person(city)
    workshop = make_workshop(tmp_path)
    command = [str(sdk.NODE), "partner.mjs", city.house.gateway, json.dumps({"user": zoe, "password": PASSWORD})]
    with subprocess.Popen(command, cwd=workshop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as partner:
        assert partner.stdout and partner.stderr
        assert partner.stdout.readline() == "ready\n", partner.stderr.read()
        page = open_chat(city, ada)
        begin_with(page, zoe)
        write(page, "What our page says")
        page.locator(".chat-composer input[type=file]").set_input_files(photo(tmp_path, "before"))
        expect(message(page, "What the SDK says")).to_be_visible(timeout=SLOW)
        wait_for_pictures(page, 2)
        heard = json.loads(partner.stdout.readline() or partner.stderr.read())
    assert heard == {
        "body": "What our page says",
        "wire": "m.room.encrypted",
        "name": "before.jpg",
        "jpeg": list(JPEG),
        "url": None,
    }
    expect(page.locator(".chat-doubt")).to_have_count(0, timeout=LIMIT)
