"""One guarded fetcher for addresses that strangers give: Meydan must not become a hand into the city's own network.

The name is resolved here, once; the addresses are vetted; the connection goes to a vetted address and to no other, so
that a name which answers differently the second time gains nothing. A watchdog closes the socket when the time is up,
however slowly the other side drips.
"""

import hashlib
import io
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.translation import gettext_lazy as _
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, MeydanError, Sentence, TooLarge, Unavailable

MAX_REDIRECTS = 3
MAX_URL = 2_000
PORTS = frozenset({80, 443, 8080, 8443})
CHUNK = 64 * 1024
SNIFFED = 512
HEADERS = {"User-Agent": "Meydan (guarded fetcher)", "Accept": "*/*", "Accept-Encoding": "identity"}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<?xml", "application/xml"),
    (b"<svg", "image/svg+xml"),
)
_resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="fetch-resolve")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the whole body, its type as the first bytes tell (else as the server said), the last address."""

    body: bytes
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written somewhere: its length in bytes, its SHA-256 (hex), its type and the last address."""

    size: int
    sha256: str
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server answered, whatever its status. `body` is cut at the caller's bound; `whole` says whether it
    came to its end. `headers` are by small names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


class Unreached(Unavailable):
    """Nothing of the request has left: it is safe to send it again."""

    code = "unreached"
    default = _("The other server could not be reached.")


class Forbidden(Invalid):
    """The address is not one that this server may ask (`fetch_private` lists exceptions), or no address at all."""

    code = "forbidden_address"
    default = _("The address is wrong, or lies in a network that this server may not enter.")


class Unanswered(Unavailable):
    """The request has left, and no answer came: the other side may have done what it asks."""

    code = "unanswered"
    default = _("The other server did not answer in time.")


def call(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    max_bytes: int,
    timeout: float = 10,
) -> Answer:
    """One request to another server, under the same guard as `fetch`, within `timeout` seconds in all. A redirect is
    not followed: it is an answer as any other. Raises `Forbidden`, `Unreached`, or `Unanswered` when it may have
    arrived."""
    watchdog = Watchdog(timeout)
    connection: _PinnedHttp | _PinnedHttps | None = None
    try:
        connection, path = _connection_to(url, watchdog)
        connection.connect()
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        _give_up(connection, watchdog)
        raise Unreached from error
    except MeydanError as error:
        _give_up(connection, watchdog)
        raise (Unreached if error.code in ("fetch_slow", "fetch_failed") else Forbidden) from error
    try:
        sent = {**HEADERS, **(headers or {})}
        connection.request(method, path, body=body or None, headers=sent, preload_content=False)
        with closing(connection.getresponse()) as response:
            return _answer_of(response, max_bytes, watchdog)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unanswered from error
    finally:
        _give_up(connection, watchdog)


def explain(said: str) -> Sentence:
    """What is kept of a call that failed, for its reader: the sentence of our own code, else the other side's words."""
    return next((kind.default for kind in (Forbidden, Unreached, Unanswered) if kind.code == said), said)


def _give_up(connection: HTTPConnection | None, watchdog: "Watchdog") -> None:
    watchdog.stop()
    if connection is not None:
        connection.close()


def _answer_of(response: BaseHTTPResponse, max_bytes: int, watchdog: "Watchdog") -> Answer:
    """The answer as far as it comes: whoever has told its status may drip or break off after that."""
    headers = {name.lower(): value[:1000] for name, value in list(response.headers.items())[:100]}
    body, whole = bytearray(), False
    try:
        while len(body) <= max_bytes and not watchdog.expired:
            chunk = response.read1(CHUNK)
            body += chunk
            if not chunk:
                whole = not watchdog.expired
                break
    except (HTTPError, HTTPException, OSError, ValueError):
        whole = False
    return Answer(response.status, headers, bytes(body[:max_bytes]), whole and len(body) <= max_bytes)


def fetch(url: str, *, max_bytes: int, timeout: float = 10) -> Fetched:
    """GET an address that a stranger gave, within `timeout` seconds in all and `max_bytes` after decompression.

    http and https on the ports 80, 443, 8080 and 8443; at most 3 redirects, each vetted like the first address. No
    private, loopback, link-local or multicast address, unless `fetch_private` lists its network (there any port).
    Raises Invalid, saying why, or TooLarge.
    """
    body = io.BytesIO()
    taken = fetch_into(body, url, max_bytes=max_bytes, timeout=timeout)
    return Fetched(body.getvalue(), taken.media_type, taken.url)


def fetch_into(sink: BinaryIO, url: str, *, max_bytes: int, timeout: float = 10) -> Taken:
    """The same for what is too large to be held in memory: written to `sink` as it comes. When this raises, `sink` may
    hold a part."""
    watchdog = Watchdog(timeout)
    try:
        for _hop in range(MAX_REDIRECTS + 1):
            answer = _get(sink, url, max_bytes, watchdog)
            if isinstance(answer, Taken):
                return answer
            url = urljoin(url, answer)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise _refuse_late(watchdog) from error
    finally:
        watchdog.stop()
    raise Invalid(_("This address leads on and on. Give the address of the file itself."), code="too_many_redirects")


def _refuse_late(watchdog: "Watchdog") -> Invalid:
    if watchdog.expired:
        return Invalid(_("The other server took too long. Try again, or send the file itself."), code="fetch_slow")
    return Invalid(_("The other server did not answer. Check the address, or send the file."), code="fetch_failed")


class Watchdog:
    """Closes the socket that it guards when the time is up: a reader that is blocked in it wakes with an error."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._bite)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds that are left; never 0, which sockets take for "do not wait"."""
        return max(0.001, self.deadline - time.monotonic())

    @property
    def expired(self) -> bool:
        return time.monotonic() >= self.deadline

    def guard(self, guarded: socket.socket) -> None:
        """Guard this socket from now on: its descriptor is copied, for TLS wraps and detaches the original."""
        with self._lock:
            self._drop()
            self._socket = guarded.dup()
        if self.expired:
            self._bite()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _bite(self) -> None:
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # the other side was faster


class _Pinned:
    """Connects to the vetted address; name, SNI and certificate check stay those of the address's host name."""

    target: Address
    watchdog: Watchdog
    port: int

    def _new_conn(self) -> socket.socket:
        made = socket.create_connection((str(self.target), self.port), timeout=self.watchdog.left)
        self.watchdog.guard(made)
        return made


class _PinnedHttp(_Pinned, HTTPConnection):
    pass


class _PinnedHttps(_Pinned, HTTPSConnection):
    pass


def _get(sink: BinaryIO, url: str, max_bytes: int, watchdog: Watchdog) -> Taken | str:
    """One request: what it brought, or where it leads."""
    connection, path = _connection_to(url, watchdog)
    try:
        connection.request("GET", path, headers=HEADERS, preload_content=False)
        with closing(connection.getresponse()) as response:
            return _take(sink, response, url, max_bytes, watchdog)
    finally:
        connection.close()


def _connection_to(url: str, watchdog: Watchdog) -> tuple[_PinnedHttp | _PinnedHttps, str]:
    """A connection that will go to a vetted address of the URL's host, and the path to ask it for."""
    parts = check_url(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = str(parts.hostname)
    connection = (_PinnedHttps if secure else _PinnedHttp)(host, port, timeout=watchdog.left)
    connection.target, connection.watchdog = _vet(host, port, watchdog), watchdog
    return connection, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def check_url(url: str) -> SplitResult:
    """The parts of an address of the kind that may be asked at all."""
    try:
        parts = urlsplit(url)
        usable = len(url) <= MAX_URL and url.isascii() and url.isprintable() and " " not in url and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid(_("Give a whole address that starts with https:// or http://."), code="bad_address")
    if parts.username is not None or parts.password is not None:
        raise Invalid(_("An address with a password in it is not accepted."), code="bad_address")
    return parts


def _vet(host: str, port: int, watchdog: Watchdog) -> Address:
    """The first address of the name that may be asked on this port. Invalid when there is none."""
    try:
        found = _resolver.submit(_resolve, host, port).result(watchdog.left)
    except FutureTimeout as error:
        raise _refuse_late(watchdog) from error
    for address in found:
        if _is_listed(address) or (is_public(address) and port in PORTS):
            return address
    raise Invalid(_("This address cannot be reached from here. Send the file itself."), code="bad_address")


def _resolve(host: str, port: int) -> Sequence[Address]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def is_public(address: Address) -> bool:
    """Whether the address is on the public internet; where it wraps an IPv4 address (mapped, 6to4, Teredo, NAT64),
    whether that one is."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _is_listed(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in config().fetch_private)


def _take(sink: BinaryIO, response: BaseHTTPResponse, url: str, max_bytes: int, watchdog: Watchdog) -> Taken | str:
    location = response.get_redirect_location()
    if location:
        return str(location)
    if response.status != 200:
        sentence = _("The other server answered %(status)s. Check the address, or send the file.")
        raise Invalid(sentence % {"status": response.status}, code="fetch_failed")
    size, head, digest = 0, b"", hashlib.sha256()
    while chunk := response.read1(CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge
        if watchdog.expired:
            raise _refuse_late(watchdog)
        head += chunk[: SNIFFED - len(head)]
        digest.update(chunk)
        sink.write(chunk)
    if watchdog.expired:
        raise _refuse_late(watchdog)
    return Taken(size, digest.hexdigest(), sniff(head, response.headers.get("Content-Type", "")), url)


def sniff(head: bytes, declared: str) -> str:
    """The media type that the first bytes show, else the declared one, else application/octet-stream."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, media_type in SIGNATURES:
        if head.startswith(signature) or start.startswith(signature):
            return media_type
    return declared.partition(";")[0].strip().lower() or "application/octet-stream"
