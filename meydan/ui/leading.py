"""Leading a browser back to a program: to an address that may open an app by a scheme of its own."""

from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect

from meydan.ui.csp import content_security_policy


def policy_leading_to(address: str) -> str:
    """The Content-Security-Policy of a page whose form ends up there: browsers hold a form to where its answer leads
    as well."""
    parts = urlsplit(address)
    return content_security_policy(
        forms_to=[f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"]
    )


def leading_to(response: HttpResponse, address: str) -> HttpResponse:
    """A page whose form ends up there, of which nobody keeps a copy."""
    response["Content-Security-Policy"] = policy_leading_to(address)
    response["Cache-Control"] = "no-store"
    return response


class LedBack(HttpResponseRedirect):
    """A redirect to an address whose scheme the caller has judged; nobody keeps a copy, for a secret may be in it."""

    def __init__(self, address: str) -> None:
        self.allowed_schemes = [urlsplit(address).scheme]
        super().__init__(address)
        self["Content-Security-Policy"] = policy_leading_to(address)
        self["Cache-Control"] = "no-store"
