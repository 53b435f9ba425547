"""The JSON doors of articles: the list, one article, and suggesting one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel, Field

from meydan.articles import actions
from meydan.articles.inputs import ListArticles, WriteArticle
from meydan.articles.models import Article, Revision
from meydan.articles.queries import (
    PAGE,
    Wanted,
    find_article,
    list_articles,
    list_translations,
    newest_revision,
)
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, doors, json_door


class ArticleLine(BaseModel):
    """An article in a list. `reference`: by what comments and flags name it."""

    reference: str
    slug: str
    language: str
    title: str
    summary: str
    topics: list[str]
    author: str
    published_at: datetime


class ArticleList(BaseModel):
    """Public articles, the newest first. `before` gives the following page; null at the end."""

    articles: list[ArticleLine]
    before: int | None


class ArticleDetail(ArticleLine):
    """A public article, whole. `body` is Markdown; `origin`: own or cited; `translations`: slugs by language."""

    body: str
    origin: str
    source_name: str
    source_url: str
    updated_at: datetime
    translations: dict[str, str]


class Suggested(BaseModel):
    """The article that came of it. `state`: draft, or waiting for a moderator."""

    slug: str
    reference: str
    state: str = Field(description="draft or waiting")


def _line(article: Article, live: Revision) -> dict[str, Any]:
    return {
        "reference": article.reference,
        "slug": article.slug,
        "language": article.language,
        "title": live.title,
        "summary": live.summary,
        "topics": list(live.topics),
        "author": article.author.name if article.author else "",
        "published_at": article.published_at,
    }


@json_door(summary="Public articles, the newest first", query=ListArticles, gives=ArticleList, errors=(404,))
def listed(request: HttpRequest, *, query: ListArticles) -> ArticleList:
    """Narrowed as the page is."""
    found = list_articles(actor_of(request), Wanted(query.q, query.language or "", query.topic or "", query.before))
    lines = [ArticleLine(**_line(one, one.live)) for one in found[:PAGE] if one.live]
    return ArticleList(articles=lines, before=found[PAGE - 1].pk if len(found) > PAGE else None)


@json_door(summary="One public article", gives=ArticleDetail, errors=(404,))
def shown(request: HttpRequest, slug: str) -> ArticleDetail:
    """What is not public is not found, by its author neither: programs show what everybody reads."""
    actor = actor_of(request)
    article = find_article(actor, slug)
    if not article.is_public or article.live is None:
        raise NotFound
    live = article.live
    return ArticleDetail(
        **_line(article, live),
        body=live.body,
        origin=live.origin,
        source_name=live.source_name,
        source_url=live.source_url,
        updated_at=live.saved_at,
        translations={one.language: one.slug for one in list_translations(actor, article)},
    )


@json_door(
    summary="Suggest an article, as a draft or handed in",
    takes=WriteArticle,
    gives=Suggested,
    status=201,
    errors=(401, 403, 404, 409, 429),
)
def suggest(request: HttpRequest, *, taken: WriteArticle) -> Suggested:
    """`do`: `hand_in` for a moderator, else it is kept as a draft. What is handed in must be whole: else 422, and
    nothing is kept."""
    actor = actor_of(request)
    actions.limit_writing(actor)
    article = actions.suggest_article(
        actor,
        words=taken.words,
        language=taken.language,
        translates=taken.translates,
        publish_at=taken.publish_at,
        complete=taken.do == "hand_in",
    )
    return Suggested(slug=article.slug, reference=article.reference, state=newest_revision(article).state)


articles = doors(get=listed, post=suggest)
article = doors(get=shown)
