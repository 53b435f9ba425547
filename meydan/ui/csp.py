"""The Content-Security-Policy: only what this server sends, and the inlined sheets by their hash."""

from collections.abc import Callable, Iterable
from functools import cache

from django.http import HttpRequest, HttpResponse

from meydan.ui.sheet import city_sheet, font_sheet, main_sheet

Next = Callable[[HttpRequest], HttpResponse]


def content_security_policy(
    *, forms_to: Iterable[str] = (), connects_to: Iterable[str] = (), runs_wasm: bool = False
) -> str:
    """The header's value. `forms_to`: origins that a form may end up at by a redirect, for signing in with another
    provider; `connects_to`: origins that its scripts may talk to; `runs_wasm`: whether they may run WebAssembly, which
    is no leave to evaluate text. A view that needs one sets the header."""
    sheets = [sheet.source for sheet in (main_sheet(), city_sheet(), font_sheet()) if sheet.css]
    directives = {
        "default-src": ["'self'"],
        **({"script-src": ["'self'", "'wasm-unsafe-eval'"]} if runs_wasm else {}),
        "style-src": ["'self'", *sheets],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        **({"connect-src": ["'self'", *connects_to]} if connects_to else {}),
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *forms_to],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


@cache
def _usual() -> str:
    return content_security_policy()


class ContentSecurityPolicy:
    """Middleware: every HTML answer carries the policy, unless its view set a stricter or a wider one."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", _usual())
        return response
