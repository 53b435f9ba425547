"""Devices' tokens: made, renewed, ended. It is Django's side of the house, for it works in the gateway's threads and
behind Meydan's pages alike.

What ends is told to the gateways by NOTIFY at the commit; they forget what they hold of it at once.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from meydan.kernel.config import config
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.tailing import CHANNEL

ACCESS_SECONDS = 300
"""How long an access token lives that can be renewed."""
LOGIN_SECONDS = 120
MOST_DEVICES = 100
PAGE_SECONDS = 1800
"""How long the token of the messenger in the browser lives; its page asks for another one before."""
MOST_BROWSERS = 20
"""Of one person; the one that was seen longest ago goes when there are more."""
LOST_SECONDS = 2 * PAGE_SECONDS
"""A device of the same session that has not renewed its token for so long has lost its keys."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFRESH = "mrt_"


@dataclass(frozen=True)
class Session:
    """A device that has just been signed in, or its tokens renewed. `refresh` is "" where it was not asked for."""

    device: int
    device_id: str
    access: str
    refresh: str = ""


def user_id_of(username: str) -> str:
    """ "@citizen:localhost": what a person is called in the messenger."""
    return f"@{username}:{config().server_name}"


def new_secret() -> str:
    """An access token that nobody guesses."""
    return f"mat_{secrets.token_urlsafe(32)}"


def next_refresh(earlier: str = "") -> str:
    """A new family's refresh token; or the one after `earlier`, which is the same each time it is asked for: an answer
    that was lost is given again, and two processes of one client that renew at once get one token."""
    if not earlier:
        return f"{REFRESH}{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}"
    family, _dot, secret = earlier.partition(".")
    key = f"messaging.refresh:{config().secret_key}".encode()
    following = hmac.digest(key, secret.encode(), hashlib.sha256)
    return f"{family}.{base64.urlsafe_b64encode(following).decode().rstrip('=')}"


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def _halves(refresh: str) -> tuple[bytes, bytes]:
    family, _dot, secret = refresh.partition(".")
    return digest_of(family), digest_of(secret)


def open_session(
    account: UUID, user_id: str, *, device_id: str = "", name: str = "", address: str = "", renewable: bool = False
) -> Session:
    """Sign a device in. The same `device_id` again is the same device, with new tokens; the earlier ones end.
    `renewable`: with a refresh token, and an access token that lives for `ACCESS_SECONDS`."""
    session = make_session(device_id, renewable=renewable)
    return keep_session(session, account, user_id, name=name, address=address)


def make_session(device_id: str = "", *, renewable: bool) -> Session:
    """Tokens for a session that is not kept yet."""
    device_id = device_id or "".join(secrets.choice(ALPHABET) for _letter in range(10))
    return Session(0, device_id, new_secret(), next_refresh() if renewable else "")


def keep_session(
    session: Session, account: UUID, user_id: str, *, name: str, address: str, client: str = "", scope: str = ""
) -> Session:
    """Write a session down; it comes back with our number of its device."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from messaging_device where person = %s and device_id <> %s", [user_id, session.device_id]
        )
        if cursor.fetchone()[0] >= MOST_DEVICES:
            raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_DEVICES} devices; sign one out first.")
        cursor.execute(_DEVICE, [user_id, account, session.device_id, name, address])
        (number,) = cursor.fetchone()
        if _drop_tokens(cursor, [number]):
            tell_ended([number])
        _keep_access(cursor, number, session.access, session.refresh)
        if session.refresh:
            cursor.execute(_KEEP_REFRESH, [number, *_halves(session.refresh), client, scope])
    return Session(number, session.device_id, session.access, session.refresh)


_DEVICE = """
insert into messaging_device (person, account_id, device_id, name, made_at, seen_at, seen_from)
values (%s, %s, %s, %s, now(), now(), %s)
on conflict (person, device_id) do update set seen_at = now(), seen_from = excluded.seen_from, ended_at = null,
   name = case when excluded.name = '' then messaging_device.name else excluded.name end
returning id"""
_KEEP_REFRESH = """
insert into messaging_refreshtoken (device_id, family, current, client, scope) values (%s, %s, %s, %s, %s)"""


def _drop_tokens(cursor: Any, devices: list[int]) -> int:
    cursor.execute("delete from messaging_refreshtoken where device_id = any(%s)", [devices])
    cursor.execute("delete from messaging_accesstoken where device_id = any(%s)", [devices])
    return int(cursor.rowcount)


def _keep_access(cursor: Any, device: int, access: str, refresh: str) -> None:
    """One that can be renewed lives for a while; older ones of the device that have died are taken away."""
    cursor.execute("delete from messaging_accesstoken where device_id = %s and expires_at < now()", [device])
    cursor.execute(
        """insert into messaging_accesstoken (digest, device_id, proves, expires_at)
           values (%s, %s, %s, now() + make_interval(secs => %s))""",
        [digest_of(access), device, _halves(refresh)[1] if refresh else None, ACCESS_SECONDS if refresh else None],
    )


@dataclass(frozen=True)
class Renewable:
    """A refresh token that is valid: its device, and what it was given for."""

    device: int
    device_id: str
    scope: str


def find_renewable(refresh: str, client: str) -> Renewable | None:
    """Whose refresh token it is; within a transaction, which it makes others wait for. None where it is not valid for
    this client. One that was used up ends the device: two have it, and one of them has stolen it."""
    family, secret = _halves(refresh)
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [family, client])
        row = cursor.fetchone()
    if row is None:
        return None
    device, device_id, scope, current, previous = row
    if secret not in (bytes(current), bytes(previous or b"")):
        end_devices([device])
        return None
    return Renewable(device, device_id, scope)


_FIND = """
select token.device_id, device.device_id, token.scope, token.current, token.previous
  from messaging_refreshtoken token
  join messaging_device device on device.id = token.device_id and device.ended_at is null
  join accounts_person person on person.id = device.account_id and person.is_active
 where token.family = %s and token.client = %s for update of token"""


def renew(refresh: str, access: str) -> None:
    """Put the token that follows after `refresh` in its place, with a new access token. It must have been found."""
    family, secret = _halves(refresh)
    following = next_refresh(refresh)
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, {"family": family, "used": secret, "next": _halves(following)[1]})
        _keep_access(cursor, cursor.fetchone()[0], access, following)


_RENEW = """
update messaging_refreshtoken set current = %(next)s, previous = %(used)s where family = %(family)s
returning device_id"""


def renew_session(refresh: str) -> Session:
    """For a thread: the messenger's own way of renewing (client-server API, "Refreshing access tokens").
    `M_UNKNOWN_TOKEN`."""
    with transaction.atomic():
        found = find_renewable(refresh, "")
        if found is not None:
            access = new_secret()
            renew(refresh, access)
            return Session(found.device, found.device_id, access, next_refresh(refresh))
    raise MatrixError(401, "M_UNKNOWN_TOKEN", "This refresh token is not valid any more.", soft_logout=False)


def find_device(token: str, client: str) -> int | None:
    """Our number of the device that an access or refresh token of this client is for, also of one that has expired."""
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, [digest_of(token), _halves(token)[0], client])
        row = cursor.fetchone()
    return row[0] if row else None


_WHOSE = """
select refresh.device_id from messaging_refreshtoken refresh
  left join messaging_accesstoken access on access.device_id = refresh.device_id and access.digest = %s
 where (access.digest is not null or refresh.family = %s) and refresh.client = %s"""


def end_devices(devices: Collection[int]) -> None:
    """Within a transaction: sign devices out. Their tokens open nothing from its commit on; keys, and messages that
    wait, are taken away by the gateway that writes the people's stream (`actions.leaving`)."""
    numbers = list(devices)
    if not numbers:
        return
    with connection.cursor() as cursor:
        _drop_tokens(cursor, numbers)
        cursor.execute("update messaging_device set ended_at = now() where id = any(%s)", [numbers])
    tell_ended(numbers)


def tell_ended(devices: Collection[int]) -> None:
    """Have every gateway forget, at the commit, which tokens these devices had."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"ended": list(devices)})])


def browser_of(session: str) -> str:
    """What a device keeps of the browser's session that it belongs to."""
    return digest_of(session).hex()


def open_page_device(account: UUID, user_id: str, *, session: str, name: str, address: str, store: str = "") -> Session:
    """For a page: a token for the messenger in the browser that is signed in by this session. A session is one device
    of its person, whose tabs each have a token, good for `PAGE_SECONDS`. It ends with the session, which accounts tells
    by `keep_browsers`. Whoever signs in anew, or has lost the `store` of the keys, is another device: others would
    believe no new keys of one that they know."""
    marks = f"messaging.page:{account}:{session}:{store}".encode()
    secret = hmac.digest(config().secret_key.encode(), marks, hashlib.sha256)
    device_id = f"WEB{base64.b32encode(secret).decode()[:12]}"
    access = new_secret()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PAGE_DEVICE, [user_id, account, device_id, name, address, browser_of(session)])
        (number,) = cursor.fetchone()
        cursor.execute("delete from messaging_accesstoken where device_id = %s and expires_at < now()", [number])
        cursor.execute(_FORGOTTEN, [user_id, MOST_BROWSERS, user_id, browser_of(session), number, LOST_SECONDS])
        end_devices([forgotten for (forgotten,) in cursor.fetchall()])
        cursor.execute(_KEEP_PAGE, [digest_of(access), number, PAGE_SECONDS])
    return Session(number, device_id, access)


_PAGE_DEVICE = """
insert into messaging_device (person, account_id, device_id, name, made_at, seen_at, seen_from, browser)
values (%s, %s, %s, %s, now(), now(), %s, %s)
on conflict (person, device_id) do update set seen_at = now(), seen_from = excluded.seen_from, ended_at = null,
   name = excluded.name, browser = excluded.browser
returning id"""
_FORGOTTEN = """
(select id from messaging_device where person = %s and browser <> '' and ended_at is null
  order by seen_at desc, id desc offset %s)
union
select id from messaging_device
 where person = %s and browser = %s and ended_at is null and id <> %s
   and seen_at < now() - make_interval(secs => %s)"""
_KEEP_PAGE = """
insert into messaging_accesstoken (digest, device_id, expires_at) values (%s, %s, now() + make_interval(secs => %s))"""


def make_login_token(account: UUID) -> str:
    """For a thread or a page: a token to sign a device in with, once, within `LOGIN_SECONDS`."""
    token = f"mlt_{secrets.token_urlsafe(32)}"
    with connection.cursor() as cursor:
        cursor.execute("delete from messaging_logintoken where expires_at < now()")
        cursor.execute(
            """insert into messaging_logintoken (digest, expires_at, account_id)
               values (%s, now() + make_interval(secs => %s), %s)""",
            [digest_of(token), LOGIN_SECONDS, account],
        )
    return token


def take_login_token(token: str) -> UUID | None:
    """For a thread: whose it is; it is used up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from messaging_logintoken where digest = %s returning account_id, expires_at > now()",
            [digest_of(token)],
        )
        row = cursor.fetchone()
    return row[0] if row and row[1] else None
