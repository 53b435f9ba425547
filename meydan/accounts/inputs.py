"""One parser per command of accounts, for page and JSON alike."""

import re
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationInfo, field_validator

from meydan.accounts.models import LOOPBACK, NAME_LENGTH, URL_LENGTH, USERNAME_LENGTH
from meydan.kernel.actor import Role
from meydan.kernel.config import config
from meydan.kernel.inputs import Input


class ChangeProfile(Input):
    """What others call the person, and the language the city writes to them in."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
    language: Literal["ar", "fr", "en", "fa", "tg"]


class NameRole(Input):
    """A role to grant or to take back; for an officer, the department's code."""

    role: Role
    department: Annotated[str | None, Field(max_length=60)] = None


class FindPeople(Input):
    """Whom an administrator looks for; `after` is the last username of the page before."""

    q: Annotated[str, Field(max_length=254)] = ""
    after: Annotated[str, Field(max_length=USERNAME_LENGTH)] = ""


class AcceptCharter(Input):
    """The version that the person has just read."""

    version: Annotated[str, Field(max_length=20)]


Address = Annotated[str, Field(min_length=1, max_length=URL_LENGTH)]
_PRINTED = re.compile(r"[!-~]+")


class RegisterClient(Input):
    """How a program introduces itself (RFC 7591), by the rules of the Matrix spec, "Client registration". `names` are
    `client_name` and its translations, by language. Its faults are for programmers, in English."""

    client_uri: Address
    application_type: Literal["web", "native"] = "web"
    redirect_uris: Annotated[list[Address], Field(min_length=1, max_length=20)]
    names: dict[Literal["", "ar", "fr", "en", "fa", "tg"], Annotated[str, Field(max_length=NAME_LENGTH)]] = {}
    grant_types: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=10)] = ["authorization_code"]
    response_types: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=10)] = ["code"]
    token_endpoint_auth_method: Literal["none"] | None = None

    @field_validator("client_uri")
    @classmethod
    def _is_a_site(cls, address: str) -> str:
        parts = _parts_of(address)
        if parts.scheme != "https" and not _is_for_trying(parts):
            raise ValueError("client_uri begins with https://.")
        if not parts.hostname:
            raise ValueError("client_uri has a host.")
        return address

    @field_validator("redirect_uris")
    @classmethod
    def _lead_to_the_site(cls, addresses: list[str], info: ValidationInfo) -> list[str]:
        site = urlsplit(info.data.get("client_uri", "")).hostname
        if site is None:  # which was a fault already
            return addresses
        for address in addresses:
            _check_redirect(_parts_of(address), site, native=info.data.get("application_type") == "native")
        return addresses

    @field_validator("response_types")
    @classmethod
    def _ask_for_a_code(cls, kinds: list[str]) -> list[str]:
        if "code" not in kinds:
            raise ValueError("response_types holds code.")
        return kinds


def _parts_of(address: str) -> SplitResult:
    """An absolute address, without a fragment, a user or a password."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("This is no address.") from None
    if not _PRINTED.fullmatch(address) or not parts.scheme or "#" in address or "@" in parts.netloc or port == 0:
        raise ValueError("An address is whole, and has no fragment, user or password.")
    return parts


def _is_for_trying(parts: SplitResult) -> bool:
    """A page on the programmer's own machine, which a demo lets in."""
    return config().demo and parts.scheme == "http" and parts.hostname in LOOPBACK


def _check_redirect(parts: SplitResult, site: str, *, native: bool) -> None:
    """Back to where the program says that it comes from: the same host or one below it; for an app on a device also
    its own scheme, which is the host turned round (RFC 8252, 7.1), and the device itself."""
    if parts.scheme == "https":
        host = parts.hostname or ""
        if host != site and not host.endswith(f".{site}"):
            raise ValueError("The host of a redirect_uri is that of client_uri, or one below it.")
        return
    if parts.scheme == "http":
        if not (native and parts.hostname in LOOPBACK) and not _is_for_trying(parts):
            raise ValueError("A redirect_uri with http:// is for native programs, on localhost, 127.0.0.1 or [::1].")
        return
    turned = ".".join(reversed(site.split(".")))
    if not native or not (parts.scheme == turned or parts.scheme.startswith(f"{turned}.")):
        raise ValueError("A scheme of one's own is for native programs, and is the host of client_uri turned round.")
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError("After a scheme of one's own stands one slash.")
