"""New public reports as an Atom feed (RFC 4287), in pages (RFC 5005, section 3), with places (GeoRSS simple)."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.http import actor_of, page, same_for_visitors
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ReadFeed
from meydan.reports.models import Filter, State
from meydan.reports.pages.listing import feed_address
from meydan.reports.pages.looks import category_name, district_name
from meydan.reports.queries import FEED_PAGE, PublicReport, list_feed, title_of_public
from meydan.ui.templating import url

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""When such ids began (RFC 4151 wants a year)."""


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feed(Atom1Feed):
    """Django's, with the links of a feed in pages, and places."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:georss": "http://www.georss.org/georss"}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for rel, href in self.feed["pages"].items():
            handler.addQuickElement("link", None, {"rel": rel, "href": href})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["point"]:
            handler.addQuickElement("georss:point", item["point"])

    def latest_post_date(self) -> Any:
        """When the newest entry changed; of an empty feed the day on which such feeds began."""
        return max((item["updateddate"] for item in self.items), default=BEGAN)


@page("GET")
@same_for_visitors
def feed(request: HttpRequest) -> HttpResponse:
    """Narrowed by `?category=`, `?district=`, `?street=` (words of the address)."""
    query = parse(ReadFeed, request.GET)
    wanted = query.filter
    found = list_feed(actor_of(request), wanted, before=query.before)
    made = Feed(
        title=_plain(" · ".join([text_of(this_city().name), _title(wanted)])),
        link=_absolute(url("reports:list")),
        description=None,
        language=current_language(),
        feed_url=_absolute(feed_address(wanted, **({"before": str(query.before)} if query.before else {}))),
        feed_guid=_tag(f"feed:{wanted.category}:{wanted.district}:{wanted.street}"),
        author_name=text_of(this_city().name),
        pages=_pages(wanted, query.before, found),
    )
    for report in found[:FEED_PAGE]:
        _add(made, report)
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _title(wanted: Filter) -> str:
    names = [category_name(wanted.category), district_name(wanted.district), wanted.street]
    return " · ".join([_("New reports"), *(name for name in names if name)])


def _pages(wanted: Filter, before: int | None, found: list[PublicReport]) -> dict[str, str]:
    """The first page is where the feed lives; each has the address of the one before in time."""
    links = {"first": _absolute(feed_address(wanted))} if before else {}
    if len(found) > FEED_PAGE:
        links["next"] = _absolute(feed_address(wanted, before=str(found[FEED_PAGE - 1].number)))
    return links


def _add(made: Feed, report: PublicReport) -> None:
    made.add_item(
        title=_plain(title_of_public(report)),
        link=_absolute(url("reports:show", number=report.number)),
        description=escape(_plain(f"{report.summary} · {State(report.state).label}")),  # Django says it is HTML
        unique_id=_tag(f"report:{report.number}"),
        pubdate=report.filed_at,
        updateddate=report.updated_at,
        categories=[report.category],
        point=f"{report.point.lat:.6f} {report.point.lon:.6f}" if report.point else "",
    )


def _plain(text: str) -> str:
    """A text without the characters that XML 1.0 does not know."""
    return _NOT_XML.sub(" ", text)


def _absolute(path: str) -> str:
    return f"{config().base_url}{path}"


def _tag(name: str) -> str:
    """A name that stays the same wherever the city's pages move (RFC 4151)."""
    return f"tag:{urlsplit(config().base_url).hostname},{BEGAN.year}:{quote(name, safe=':')}"
