"""New articles as an Atom feed (RFC 4287), whole, with their pictures."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from meydan.articles.inputs import ListArticles
from meydan.articles.models import Article
from meydan.articles.pages.looks import address_of, author_of, body_of
from meydan.articles.pages.reading import feed_address
from meydan.articles.queries import list_feed
from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.http import actor_of, page, same_for_visitors
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.ui.prose import xml_text
from meydan.ui.templating import url

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""When such ids began (RFC 4151 wants a year)."""


class Feed(Atom1Feed):
    """Django's, with the whole text of each entry and its language."""

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {**super().item_attributes(item), "xml:lang": item["language"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html", "xml:base": item["link"]})

    def latest_post_date(self) -> Any:
        """When the newest entry changed; of an empty feed the day on which such feeds began."""
        return max((item["updateddate"] for item in self.items), default=BEGAN)


@page("GET")
@same_for_visitors
def feed(request: HttpRequest) -> HttpResponse:
    """The newest articles; `?language=` for those in one language."""
    query = parse(ListArticles, request.GET)
    language = query.language or ""
    city = text_of(this_city().name)
    made = Feed(
        title=xml_text(f"{city} · {_('Articles')}"),
        link=f"{config().base_url}{url('articles:list')}",
        description=None,
        language=language or current_language(),
        feed_url=f"{config().base_url}{feed_address(language)}",
        feed_guid=_tag(f"articles:{language}"),
        author_name=city,
    )
    for article in list_feed(actor_of(request), language):
        _add(made, article)
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _add(made: Feed, article: Article) -> None:
    if article.live is None:
        return
    made.add_item(
        title=xml_text(article.live.title),
        link=address_of(article),
        description=xml_text(article.live.summary),
        unique_id=_tag(article.reference),
        author_name=xml_text(author_of(article)),
        pubdate=article.published_at,
        updateddate=article.updated_at,
        categories=list(article.live.topics),
        language=article.language,
        content=xml_text(body_of(article, article.live)),
    )


def _tag(name: str) -> str:
    """A name that stays the same wherever the city's pages move (RFC 4151)."""
    return f"tag:{urlsplit(config().base_url).hostname},{BEGAN.year}:{name}"
