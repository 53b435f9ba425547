"""Devices: a client signs in, is renamed, and signs out. Accounts are Meydan's own."""

import json
from uuid import UUID

from meydan.accounts.public import (
    CONSOLE,
    Person,
    actor_for,
    change_password,
    check_new_password,
    check_password,
    delete_account,
    find_active_person,
    sign_in,
    sign_up,
)
from meydan.kernel.actor import Channel
from meydan.kernel.errors import Conflict, Invalid, TooMany
from meydan.kernel.limits import check
from meydan.messaging.actions.keys import note_list
from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.tokens import take_login_token
from meydan.messaging.models.errors import MatrixError, not_found
from meydan.messaging.queries.tailing import CHANNEL

SIGN_INS_PER_HOUR = 60


def localpart_of(text: str, server_name: str) -> str:
    """ "citizen" of "@citizen:localhost", of "citizen", and of an e-mail address that address."""
    name = text.strip().lower()
    if name.startswith("@"):
        name, _colon, server = name[1:].partition(":")
        if server and server != server_name:
            raise MatrixError(403, "M_FORBIDDEN", "Nobody of another server can sign in here.")
    return name


def find_by_password(login: str, password: str, address: str) -> Person:
    """For a thread: the person with this name and password. `M_FORBIDDEN`, `M_LIMIT_EXCEEDED`."""
    try:
        check(f"messaging.login:{address}", limit=SIGN_INS_PER_HOUR, seconds=3600)
        check(f"messaging.login.name:{login}", limit=SIGN_INS_PER_HOUR, seconds=3600)
    except TooMany as error:
        raise limited(error) from error
    person = check_password(login, password)
    if person is None:
        raise MatrixError(403, "M_FORBIDDEN", "The name or the password is wrong.")
    sign_in(actor_for(person, channel=Channel.API, address=address), methods=["password"])
    return person


def find_by_login_token(token: str, address: str) -> Person:
    """For a thread: the person whom a token of `m.login.token` is for; it is used up. `M_FORBIDDEN`."""
    account = take_login_token(token)
    person = find_active_person(account) if account else None
    if person is None:
        raise MatrixError(403, "M_FORBIDDEN", "This token is not valid any more. Sign in once more.")
    sign_in(actor_for(person, channel=Channel.API, address=address), methods=["token"])
    return person


def change_password_of(account: UUID, password: str, *, others_end: bool, device_id: str, address: str) -> None:
    """For a thread: give the account another password; with `others_end` all devices but this one are signed out.
    `M_WEAK_PASSWORD`."""
    person = Person.objects.get(pk=account)
    try:
        check_new_password(person, password)
    except Invalid as error:
        raise MatrixError(400, "M_WEAK_PASSWORD", " ".join(map(str, error.fields.values()))) from error
    actor = actor_for(person, channel=Channel.API, address=address)
    change_password(actor, person.pk, password=password, how="changed", elsewhere=others_end, but=device_id)


def close_account(account: UUID, address: str) -> None:
    """For a thread: delete the account, as its person could on their page. `M_FORBIDDEN` for the last administrator."""
    actor = actor_for(Person.objects.get(pk=account), channel=Channel.API, address=address)
    try:
        delete_account(actor)
    except Conflict as error:
        raise MatrixError(403, "M_FORBIDDEN", str(error.message)) from error


def open_account(localpart: str, password: str) -> Person:
    """For a thread: a new account by the API, which only a demo allows. `M_USER_IN_USE`, `M_INVALID_USERNAME`."""
    if Person.objects.filter(username=localpart).exists():
        raise MatrixError(400, "M_USER_IN_USE", "This name is taken.")
    try:
        return sign_up(
            CONSOLE, username=localpart, name=localpart, email=None, password=password, language="en", way="messenger"
        )
    except Invalid as error:
        reason = " ".join(map(str, error.fields.values())) or str(error.message)
        raise MatrixError(400, "M_INVALID_USERNAME", reason) from error


def limited(error: TooMany) -> MatrixError:
    """The kernel's refusal as the spec says it."""
    return MatrixError(429, "M_LIMIT_EXCEEDED", str(error.message), retry_after_ms=1000 * error.retry_after)


async def close_devices(messenger: Messenger, user_id: str, device_ids: list[str] | None) -> list[int]:
    """Sign devices out, all of them with None: their tokens open nothing any more, and their keys and the messages that
    wait for them are gone. Our numbers of them."""
    rows = await messenger.pool.fetch(
        "select id from messaging_device where person = $1 and ($2::text[] is null or device_id = any($2))",
        user_id,
        device_ids,
    )
    numbers = [number for (number,) in rows]
    if numbers:
        told = (CHANNEL, json.dumps({"ended": numbers}))
        await note_list(messenger, user_id, (_CLOSE, (numbers,)), (_TELL, told))
    for number in numbers:
        messenger.live.boxes.forget(number)
    return numbers


_CLOSE = """
with gone as (select id from messaging_device where $1::bigint > 0 and id = any($2::bigint[])),
     tokens as (delete from messaging_accesstoken where device_id in (select id from gone)),
     renewing as (delete from messaging_refreshtoken where device_id in (select id from gone)),
     own_keys as (delete from messaging_devicekeys where device_id in (select id from gone)),
     one_time as (delete from messaging_onetimekey where device_id in (select id from gone)),
     fallback as (delete from messaging_fallbackkey where device_id in (select id from gone)),
     messages as (delete from messaging_todevicemessage where device_id in (select id from gone)),
     pushers as (delete from messaging_pusher where device in (select id from gone)),
     sendings as (delete from messaging_todevicesending where device_id in (select id from gone))
delete from messaging_device where id in (select id from gone)"""
_TELL = "select pg_notify($2, $3) where $1::bigint > 0"


async def rename_device(messenger: Messenger, user_id: str, device_id: str, name: str) -> None:
    """Give a device a name, which others see beside its keys. `M_NOT_FOUND`."""
    known = await messenger.pool.fetchval(
        "select name from messaging_device where person = $1 and device_id = $2", user_id, device_id
    )
    if known is None:
        raise not_found("You have no such device.")
    if known != name:
        await note_list(messenger, user_id, (_RENAME, (user_id, device_id, name)))


_RENAME = "update messaging_device set name = $4 where $1::bigint > 0 and person = $2 and device_id = $3"
