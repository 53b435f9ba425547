"""Reads of the programs that people let in, and where each may be led back to."""

from urllib.parse import SplitResult, urlsplit

from meydan.accounts.models import LOOPBACK, OAuthClient
from meydan.kernel.i18n import current_language


def find_client(client_id: str) -> OAuthClient | None:
    """The client with this id; any text may be asked for."""
    if "\0" in client_id:
        return None
    return OAuthClient.objects.filter(pk=client_id[:100]).first()


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
