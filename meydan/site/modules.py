"""Which parts of the square this city has opened: a city may begin with reports alone and open one after the other.

`[rules.site] closed` of its pack names those that are not open yet: their addresses answer 404, nothing leads there,
and what is in them already waits. Opening one needs no more than taking its name out.
"""

from collections.abc import Callable
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from meydan.kernel.city import PackPart, rules_of
from meydan.kernel.errors import NotFound
from meydan.site.guard import Next, answer_refusal

Part = Literal["store", "articles", "events", "club"]


class SiteRules(PackPart):
    """`closed`: the parts that this city does not run, or not yet."""

    closed: frozenset[Part] = frozenset()


def closed_parts() -> frozenset[Part]:
    """This city's. ValueError when its pack names what cannot be closed."""
    rules: SiteRules = rules_of("site", SiteRules)
    return rules.closed


class OnlyOpenParts:
    """Answer for a part that is not open as for an address that is none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name not in closed_parts():
            return None
        return answer_refusal(request, NotFound(_("This part of the city's pages is not open yet.")))
