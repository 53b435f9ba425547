"""The messenger's sessions and tokens, as accounts asks for them: on the list of where somebody is signed in, and for
programs that are let in by OAuth 2.0 (client-server API, "OAuth 2.0 API")."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Opening, SessionElsewhere, gives_tokens, keeps_sessions, manages, tells
from meydan.kernel.errors import Conflict
from meydan.messaging.actions.tokens import (
    ACCESS_SECONDS,
    REFRESH,
    Session,
    browser_of,
    end_devices,
    find_device,
    find_renewable,
    keep_session,
    new_secret,
    next_refresh,
    renew,
    user_id_of,
)
from meydan.messaging.facts import IdentityResetAllowed
from meydan.messaging.models.errors import MatrixError

SPACES = ("urn:matrix:client:", "urn:matrix:org.matrix.msc2967.client:")
"""How scopes begin, as the spec writes it and as clients did before (MSC2967)."""
DEVICE = re.compile(r"device:([A-Za-z0-9._~-]{1,255})")


class Devices:
    """Somebody's devices are sessions of theirs."""

    def list_sessions(self, person: UUID) -> list[SessionElsewhere]:
        with connection.cursor() as cursor:
            cursor.execute(_DEVICES, [person])
            rows = cursor.fetchall()
        return [SessionElsewhere(key, name or key, _("Messenger"), seen_at, seen) for key, name, seen_at, seen in rows]

    def end_sessions(self, person: UUID, *, keys: Collection[str] | None, but: str = "") -> int:
        with connection.cursor() as cursor:
            cursor.execute(_CHOSEN, {"person": person, "keys": None if keys is None else list(keys), "but": but})
            numbers = [number for (number,) in cursor.fetchall()]
            if keys is None:
                cursor.execute("delete from messaging_logintoken where account_id = %s", [person])
        end_devices(numbers)
        return len(numbers)

    def keep_browsers(self, person: UUID, sessions: Collection[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_LEFT_BROWSERS, [person, [browser_of(session) for session in sessions]])
            numbers = [number for (number,) in cursor.fetchall()]
        end_devices(numbers)

    def forget(self, person: UUID, username: str) -> None:
        self.end_sessions(person, keys=None)
        self.keep_browsers(person, ())
        with connection.cursor() as cursor:
            cursor.execute("insert into messaging_departure (person) values (%s)", [user_id_of(username)])


_DEVICES = """
select device_id, name, seen_at, seen_from from messaging_device
 where account_id = %s and ended_at is null and browser = '' order by seen_at desc nulls last, id"""
_CHOSEN = """
select id from messaging_device
 where account_id = %(person)s and ended_at is null and device_id <> %(but)s
   and (case when %(keys)s::text[] is null then browser = '' else device_id = any(%(keys)s) end) for update"""
_LEFT_BROWSERS = """
select id from messaging_device
 where account_id = %s and ended_at is null and browser <> '' and browser <> all(%s) for update"""


class Tokens:
    """What programs that are let in get: a device, with tokens that are renewed every few minutes."""

    seconds = ACCESS_SECONDS

    def grantable(self, scopes: Sequence[str]) -> list[str]:
        """The whole API, and one device; else nothing."""
        api = [scope for scope in scopes if _local(scope) == "api:*"]
        devices = [scope for scope in scopes if _local(scope).startswith("device:")]
        named = {_device_of([scope]) for scope in devices}
        return [*api, *devices] if api and len(named) == 1 and named != {""} else []

    def explain(self, scopes: Sequence[str]) -> Mapping[str, str]:
        return {
            str(_("Messages")): str(_("Read and send all your messages, in your name")),
            str(_("Rooms")): str(_("Enter and leave rooms, and see who is in them")),
            str(_("Device")): _device_of(scopes),
        }

    def knows(self, token: str) -> bool:
        return token.startswith((REFRESH, "mat_"))

    def make_access(self) -> str:
        return new_secret()

    def make_refresh(self, earlier: str | None) -> str:
        return next_refresh(earlier or "")

    def open(self, opening: Opening, access: str, refresh: str) -> str:
        session = Session(0, _device_of(opening.scopes), access, refresh)
        keeping = partial(keep_session, session, opening.person.pk, user_id_of(opening.person.username))
        name, scope = opening.client.name.get("", "")[:255], " ".join(opening.scopes)
        try:
            kept = keeping(name=name, address=opening.address, client=opening.client.pk, scope=scope)
        except MatrixError as error:
            raise Conflict(error.message) from error
        return str(kept.device)

    def scope_of(self, refresh: str, client: str) -> str | None:
        found = find_renewable(refresh, client)
        return found.scope if found else None

    def renew(self, refresh: str, access: str) -> None:
        renew(refresh, access)

    def revoke(self, token: str, client: str) -> None:
        device = find_device(token, client)
        if device is not None:
            end_devices([device])

    def close(self, reference: str) -> None:
        end_devices([int(reference)])


def _local(scope: str) -> str:
    """The scope without the space that it is written in."""
    return next((scope.removeprefix(space) for space in SPACES if scope.startswith(space)), "")


def _device_of(scopes: Sequence[str]) -> str:
    """The device that the scopes name."""
    return next((match[1] for scope in scopes if (match := DEVICE.fullmatch(_local(scope)))), "")


keeps_sessions(Devices())
gives_tokens(Tokens())
tells(IdentityResetAllowed, lambda _fact: gettext("You allowed new keys for your messages"))
manages("cross_signing_reset", "messaging:reset_identity")
