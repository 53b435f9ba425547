"""Reads of the programs that people let in, and where each may be led back to."""

import hashlib
import hmac
import re
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext_lazy as _

from meydan.accounts.models import LOOPBACK, DeviceCode, OAuthClient
from meydan.accounts.policies import may_use_own_account
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.i18n import current_language
from meydan.kernel.policy import demand


def find_client(client_id: str) -> OAuthClient | None:
    """The client with this id; any text may be asked for."""
    if "\0" in client_id:
        return None
    return OAuthClient.objects.filter(pk=client_id[:100]).first()


USER_CODE = re.compile(r"\d{9}", re.ASCII)
UNKNOWN_CODE = _("No device that waits shows this code. Look at it once more; after 15 minutes it shows a new one.")


def read_user_code(text: str) -> str:
    """The nine digits of a code as a person types it: with the digits of their keyboard, with or without lines between
    them. "" for what is none."""
    digits = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text[:60])
    digits = re.sub(r"[\s\u2010-\u2015\u200e\u200f.,_-]", "", digits)
    return digits if USER_CODE.fullmatch(digits) else ""


def digest_of_user_code(code: str) -> bytes:
    """What is kept of it: keyed, for all codes could be tried."""
    key = f"accounts.user_code:{config().secret_key}".encode()
    return hmac.digest(key, read_user_code(code).encode(), hashlib.sha256)


def find_device_request(actor: Actor, user_code: str, *, locked: bool = False) -> DeviceCode:
    """The device that shows this code and waits for an answer. `Invalid` where there is none: nobody sees what others
    have answered."""
    demand(may_use_own_account(actor), actor)
    rows = DeviceCode.objects.select_for_update(of=["self"]) if locked else DeviceCode.objects.all()
    waiting = rows.select_related("client").filter(answer="", expires_at__gt=now())
    row = waiting.filter(user_digest=digest_of_user_code(user_code)).first() if read_user_code(user_code) else None
    if row is None:
        raise Invalid(fields={"user_code": UNKNOWN_CODE})
    return row


def name_of(client: OAuthClient) -> str:
    """What it calls itself, in the reader's language where it has such a name; else the host that it comes from."""
    return client.name.get(current_language()) or client.name.get("") or host_of(client.site)


def host_of(address: str) -> str:
    """The host of an address; of one that opens an app, what stands before the colon."""
    parts = urlsplit(address)
    return parts.hostname or parts.scheme


def is_loopback(parts: SplitResult) -> bool:
    """Whether an address is this very machine's, without TLS."""
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def leads_back(client: OAuthClient, address: str) -> bool:
    """Whether the client has said that it is led back to this address. On the own machine any port will do (RFC 8252,
    7.3)."""
    if address in client.redirects:
        return True
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    return is_loopback(parts) and any(_same_but_port(parts, urlsplit(known)) for known in client.redirects)


def _same_but_port(one: SplitResult, other: SplitResult) -> bool:
    def rest(parts: SplitResult) -> tuple[object, ...]:
        return parts.hostname, parts.path, parts.query, parts.fragment, parts.username, parts.password

    return is_loopback(other) and rest(one) == rest(other)
