"""How articles look: their text as HTML, their pictures, and what programs read in their pages."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from meydan.articles.models import Article, Origin, Picture, Revision
from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.i18n import text_of
from meydan.ui.prose import Figure, pictures_in, prose
from meydan.ui.templating import url

_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
WORDS_PER_MINUTE = 180


@dataclass(frozen=True)
class Shown:
    """A picture on the page; pixels of the thumb."""

    number: int
    url: str
    thumb_url: str
    width: int
    height: int
    alt: str


def shown_picture(picture: Picture) -> Shown:
    """A picture as `ui.photo` wants it."""
    full, thumb = (url("articles:picture", number=picture.pk, variant=variant) for variant in ("full", "thumb"))
    measures = picture.file.variants.get("thumb", {})
    return Shown(picture.pk, full, thumb, measures.get("width", 320), measures.get("height", 240), picture.alt)


def body_of(article: Article, revision: Revision) -> SafeString:
    """The text with its pictures."""
    figures = {
        picture.pk: Figure(
            url("articles:picture", number=picture.pk, variant="full"),
            picture.alt,
            picture.file.width,
            picture.file.height,
        )
        for picture in article.pictures.all()
    }
    return prose(revision.body, figures)


def author_of(article: Article) -> str:
    """What its author is called; somebody whose account is closed has no name."""
    return (article.author.name or article.author.username) if article.author else _("A former member")


def minutes_of(revision: Revision) -> int:
    """How long reading takes, at least a minute."""
    return max(1, round(len(revision.body.split()) / WORDS_PER_MINUTE))


def address_of(article: Article) -> str:
    """Its whole address."""
    return f"{config().base_url}{url('articles:show', slug=article.slug)}"


def picture_address(article: Article, revision: Revision) -> str:
    """The picture that stands for it elsewhere (Open Graph): its first, else a card of its own."""
    known = {picture.pk for picture in article.pictures.all()}
    first = next((number for number in pictures_in(revision.body) if number in known), None)
    card = url("articles:card", slug=article.slug)
    path = url("articles:picture", number=first, variant="full") if first else card
    return f"{config().base_url}{path}"


def linked_data(article: Article, revision: Revision) -> SafeString:
    """What schema.org calls an Article, as JSON-LD."""
    city = text_of(this_city().name)
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": revision.title,
        "description": revision.summary,
        "inLanguage": article.language,
        "url": address_of(article),
        "mainEntityOfPage": address_of(article),
        "image": [picture_address(article, revision)],
        "author": {"@type": "Person", "name": author_of(article)},
        "publisher": {"@type": "GovernmentOrganization", "name": city, "url": config().base_url},
        "keywords": list(revision.topics),
        "isAccessibleForFree": True,
    }
    if article.published_at:
        said |= {"datePublished": article.published_at.isoformat(), "dateModified": article.updated_at.isoformat()}
    if revision.origin == Origin.CITED:
        said["isBasedOn"] = revision.source_url or revision.source_name
    return as_script(said)


def as_script(said: dict[str, Any]) -> SafeString:
    """JSON that may stand inside a script element."""
    return SafeString(json.dumps(said, ensure_ascii=False).translate(_NOT_IN_SCRIPTS))
