"""What a person is called and shows: Meydan's own name, and a picture (client-server API, "Profiles")."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec

from meydan.accounts.public import Person, actor_for, change_profile
from meydan.kernel.actor import Channel
from meydan.kernel.city import this_city
from meydan.kernel.errors import Invalid
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.rooming import profiles
from meydan.messaging.models.departments import face_of
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden
from meydan.messaging.policies.forging import is_official_picture
from meydan.messaging.queries.live import JOINED, Room

MOST_NAME = 80
MOST_PROFILE = 64 * 1024
AT_ONCE = 16
"""Rooms whose member events are renewed at the same time."""


def keep_name(account: UUID | str, name: str, address: str) -> None:
    """For a thread: change what others call a person, everywhere in Meydan. `M_INVALID_PARAM`."""
    person = Person.objects.get(pk=account)
    actor = actor_for(person, channel=Channel.API, address=address)
    try:
        change_profile(actor, name=name[: MOST_NAME + 1], language=person.language)
    except Invalid as error:
        raise bad_param(" ".join(map(str, error.fields.values())) or str(error.message)) from error


def check_name(name: str) -> str:
    """A shown name of at most `MOST_NAME` letters. `M_INVALID_PARAM`."""
    if len(name) > MOST_NAME:
        raise bad_param(f"A name has at most {MOST_NAME} letters.")
    return name


async def keep_avatar(messenger: Messenger, who: Who, url: str) -> None:
    """Keep a person's picture; "" takes it away. `M_INVALID_PARAM` for what is no `mxc://` address."""
    if url and (not url.startswith("mxc://") or len(url) > 255):
        raise bad_param("avatar_url is an mxc:// address.")
    if is_official_picture(url):
        raise forbidden("This picture is the city's own.")
    if not url:
        await messenger.pool.execute("delete from messaging_profile where person = $1", who.user_id)
        return
    await messenger.pool.execute(
        """insert into messaging_profile (person, avatar_url) values ($1, $2)
           on conflict (person) do update set avatar_url = excluded.avatar_url""",
        who.user_id,
        url,
    )


async def keep_field(messenger: Messenger, person: str, name: str, value: bytes) -> None:
    """Keep what somebody says of themselves (JSON). `M_PROFILE_TOO_LARGE` beyond `MOST_PROFILE` bytes in all."""
    async with messenger.pool.acquire() as line, line.transaction():
        await line.execute(_TURN, person)
        await line.execute(_KEEP_FIELD, person, name, value)
        if await line.fetchval(_SIZE, person) > MOST_PROFILE:
            raise MatrixError(400, "M_PROFILE_TOO_LARGE", f"A profile has at most {MOST_PROFILE} bytes.")


async def drop_field(messenger: Messenger, person: str, name: str) -> None:
    """Take it away; what is not there is gone already."""
    await messenger.pool.execute("delete from messaging_profilefield where person = $1 and name = $2", person, name)


async def fields_of(messenger: Messenger, person: str) -> dict[str, Any]:
    """All that somebody says of themselves."""
    rows = await messenger.pool.fetch(
        "select name, value from messaging_profilefield where person = $1 order by name", person
    )
    return {name: msgspec.Raw(bytes(value)) for name, value in rows}


_TURN = "select pg_advisory_xact_lock(hashtextextended('messaging.profile ' || $1::text, 0))"
_KEEP_FIELD = """
insert into messaging_profilefield (person, name, value) values ($1, $2, $3)
on conflict (person, name) do update set value = excluded.value"""
_SIZE = "select sum(octet_length(name) + octet_length(value)) from messaging_profilefield where person = $1"


async def renew_members(messenger: Messenger, user_id: str) -> None:
    """Say the person's name and picture anew in every room that they are in."""
    said = (await profiles(messenger, [user_id])).get(user_id, {})
    person = await messenger.reader.person(user_id)
    numbers = [number for number, (membership, _pos) in person.rooms.items() if membership == JOINED]
    for start in range(0, len(numbers), AT_ONCE):
        rooms = [await messenger.reader.room_number(number) for number in numbers[start : start + AT_ONCE]]
        await asyncio.gather(*(_renew(messenger, room, user_id, said) for room in rooms if room is not None))


async def _renew(messenger: Messenger, room: Room, user_id: str, said: dict[str, str]) -> None:
    known = room.state.get(("m.room.member", user_id))
    if known is None or known.content.get("membership") != JOINED:
        return
    kept = {key: value for key, value in known.content.items() if key not in ("displayname", "avatar_url", "reason")}
    content = {**kept, **said}
    if content == known.content:
        return
    try:
        await messenger.append(room, user_id, [Draft("m.room.member", content, user_id, vouched=True)])
    except MatrixError as error:
        if error.status >= 500:
            raise


async def department_profile(messenger: Messenger, user_id: str) -> dict[str, str] | None:
    """What a department is called, in the city's own language, and shows; None for who is none."""
    code, _colon, server = user_id.removeprefix("@_").partition(":")
    if not user_id.startswith("@_") or server != messenger.server_name:
        return None
    name = await messenger.pool.fetchval("select name from accounts_department where code = $1", code[:60])
    return face_of(code, msgspec.json.decode(name), this_city().languages[0], server) if name is not None else None
