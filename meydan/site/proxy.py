"""Middleware: behind the city's own reverse proxy the reader's address is the one that the proxy names."""

import ipaddress
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse

from meydan.kernel.config import IpNetwork, config

Next = Callable[[HttpRequest], HttpResponse]
MAX_HOPS = 10


class BehindProxy:
    """Sets REMOTE_ADDR, and the scheme, from the headers of proxies in `trusted_proxies`; of nobody else, for anybody
    can write a header, and rate limits go by the address."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.trusted = config().trusted_proxies

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.trusted and is_within(request.META.get("REMOTE_ADDR", ""), self.trusted):
            request.META["REMOTE_ADDR"] = reader_address(request, self.trusted)
            if request.headers.get("X-Forwarded-Proto") == "https":
                request.META["wsgi.url_scheme"] = "https"
        return self.get_response(request)


def reader_address(request: HttpRequest, trusted: Sequence[IpNetwork]) -> str:
    """The last address in X-Forwarded-For that is no proxy of ours: those before it were written by the reader."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    for hop in reversed(hops[-MAX_HOPS:]):
        if not is_within(hop, trusted):
            return hop if is_address(hop) else str(request.META["REMOTE_ADDR"])
    return str(request.META["REMOTE_ADDR"])


def is_address(text: str) -> bool:
    """Whether this is an IP address and nothing else."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_within(address: str, networks: Sequence[IpNetwork]) -> bool:
    """Whether the address is in one of the networks; False for what is no address."""
    return is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)
