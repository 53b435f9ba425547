"""The city's stickers, as other clients find them: a pack of each person's own (MSC2545)."""

import asyncio
from urllib.parse import quote

import nio

from meydan.kernel.actor import SYSTEM
from meydan.kernel.tests.pictures import make_picture
from meydan.messaging.actions.stickers import keep_stickers
from meydan.messaging.models.stickers import PACK, STICKERS
from meydan.messaging.tests.served.conftest import Cast, Served

TEA = make_picture(64, 64, "PNG")


def test_another_client_is_told_the_citys_pack_and_shows_what_is_in_it(sign_in: Cast, served: Served) -> None:
    alice = sign_in("alice")
    served.run(keep_stickers, SYSTEM, ["tea"], lambda _name: TEA)

    async def go() -> None:
        client = nio.AsyncClient(served.url, alice.user_id)
        client.access_token, client.user_id = alice.token, alice.user_id
        told = await client.sync(timeout=0, full_state=True)
        assert isinstance(told, nio.SyncResponse), told
        pack = next(one.content for one in told.account_data_events if getattr(one, "type", "") == PACK)
        assert pack["images"].keys() == STICKERS.keys()
        assert pack["pack"]["usage"] == ["sticker"]
        tea = pack["images"]["tea"]
        assert (tea["body"], tea["info"]["mimetype"]) == ("🍵", "image/png")
        got = await client.download(tea["url"])
        assert isinstance(got, nio.MemoryDownloadResponse), got
        assert (got.body, got.content_type) == (TEA, "image/png")
        await client.close()

    asyncio.run(go())


def test_who_puts_a_pack_together_has_their_own(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    place = f"user/{quote(alice.user_id)}/account_data/{PACK}"
    first = alice.get(place)
    assert first["images"]["rose"]["url"] == "mxc://localhost/sticker1-rose"
    own = {"images": {"mine": {"url": "mxc://localhost/mine"}}}
    alice.put(place, own)
    assert alice.get(place) == own
    said = {one["type"]: one["content"] for one in alice.get("sync")["account_data"]["events"]}
    assert said[PACK] == own
    assert bob.get(place.replace(quote(alice.user_id), quote(bob.user_id))) == first
