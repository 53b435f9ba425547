"""Middleware: behind the city's own reverse proxy the reader's address is the one that the proxy names."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from meydan.kernel.config import config
from meydan.kernel.proxies import address_behind, is_within

Next = Callable[[HttpRequest], HttpResponse]


class BehindProxy:
    """Sets REMOTE_ADDR, and the scheme, from the headers of proxies in `trusted_proxies`."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.trusted = config().trusted_proxies

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if self.trusted and is_within(peer, self.trusted):
            forwarded = request.headers.get("X-Forwarded-For", "")
            request.META["REMOTE_ADDR"] = address_behind(peer, forwarded, self.trusted)
            if request.headers.get("X-Forwarded-Proto") == "https":
                request.META["wsgi.url_scheme"] = "https"
        return self.get_response(request)
