"""Reading: the list, one article, its revisions, its pictures."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.articles.inputs import ListArticles
from meydan.articles.models import TONES, Article, State, Topic
from meydan.articles.pages.looks import (
    address_of,
    author_of,
    body_of,
    linked_data,
    minutes_of,
    picture_address,
)
from meydan.articles.policies import is_own
from meydan.articles.queries import (
    PAGE,
    Wanted,
    differences,
    find_article,
    find_picture,
    list_articles,
    list_mine,
    list_related,
    list_revisions,
    list_translations,
    open_revision,
    shown_revision,
)
from meydan.comments.public import thread_of
from meydan.kernel.actor import Actor, Role
from meydan.kernel.errors import NotFound
from meydan.kernel.files_http import serve_file
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.inputs import parse
from meydan.moderation.public import find_review, place_in_queue
from meydan.ui.cards import serve_card

CHECKED_SECONDS = 3600


@page("GET")
@same_for_visitors
def index(request: HttpRequest) -> HttpResponse:
    """Public articles, narrowed by `?q=`, `?language=`, `?topic=`."""
    query = parse(ListArticles, request.GET)
    wanted = Wanted(query.q, query.language or "", query.topic or "", query.before)
    found = list_articles(actor_of(request), wanted)
    context = {
        "query": query,
        "rows": [(article, article.live, author_of(article)) for article in found[:PAGE]],
        "next": _list_address(query, before=found[PAGE - 1].pk) if len(found) > PAGE else None,
        "first": _list_address(query) if query.before else None,
        "topics": [(_("All"), _list_address(query, topic=None), not query.topic)]
        + [(label, _list_address(query, topic=code), query.topic == code) for code, label in Topic.choices],
        "tongues_here": [(_("Every language"), _list_address(query, language=None), not query.language)]
        + [(name, _list_address(query, language=code), query.language == code) for code, name in LANGUAGES.items()],
        "labels": dict(Topic.choices),
        "feed": feed_address(query.language or ""),
    }
    return render(request, "articles/list.html", context)


def _list_address(query: ListArticles, **changes: Any) -> str:
    values = {"q": query.q, "language": query.language, "topic": query.topic, **changes}
    asked = urlencode({name: str(value) for name, value in values.items() if value})
    return f"{reverse('articles:list')}?{asked}" if asked else reverse("articles:list")


def feed_address(language: str) -> str:
    """The feed, in one language where one is wanted."""
    return reverse("articles:feed") + (f"?language={language}" if language else "")


@page("GET")
@same_for_visitors
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One article."""
    actor = actor_of(request)
    article = find_article(actor, slug)
    revision = shown_revision(actor, article)
    context = {
        "article": article,
        "revision": revision,
        "body": body_of(article, revision),
        "author": author_of(article),
        "minutes": minutes_of(revision),
        "labels": dict(Topic.choices),
        "translations": list_translations(actor, article),
        "language_names": LANGUAGES,
        "related": list_related(actor, topics=revision.topics, language=article.language, without=article),
        "address": address_of(article),
        "picture": picture_address(article, revision),
        "linked_data": linked_data(article, revision),
        "thread": thread_of(actor, article.reference) if article.is_public else None,
        "done": request.GET.get("done", ""),
        "feed": feed_address(article.language),
        **_state_of(actor, article),
    }
    return render(request, "articles/show.html", context)


def _state_of(actor: Actor, article: Article) -> dict[str, Any]:
    """How it stands, for its author and for moderators."""
    own = is_own(actor, article)
    if not own and not actor.has(Role.MODERATOR):
        return {"own": False, "waiting": None, "waiting_body": "", "review": None, "queue": None}
    waiting = open_revision(article)
    return {
        "own": own,
        "waiting": waiting,
        "tone": TONES[State(waiting.state)] if waiting else "",
        "review": find_review(article.reference) if own else None,
        "queue": place_in_queue(article.reference) if own else None,
        "waiting_body": body_of(article, waiting) if waiting and article.is_public else "",
    }


@page("GET")
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture that stands for an article without pictures where its link is shared."""
    actor = actor_of(request)
    article = find_article(actor, slug)
    if not article.is_public:
        raise NotFound
    return serve_card(shown_revision(actor, article).title, article.language)


@page("GET")
def revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed from one revision to the next."""
    actor = actor_of(request)
    article = find_article(actor, slug)
    found = list_revisions(actor, article)
    older = [*found[1:], None]
    rows = [(new, differences(old, new)) for new, old in zip(found, older, strict=True)] if found else []
    context = {"article": article, "rows": rows, "tones": TONES, "title": shown_revision(actor, article).title}
    return render(request, "articles/revisions.html", context)


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """What the person has written, and how it stands."""
    rows = [(one, TONES[State(one.state)]) for one in list_mine(actor_of(request))]
    return render(request, "articles/mine.html", {"rows": rows, "done": request.GET.get("done", "")})


@page("GET")
def picture(request: HttpRequest, number: int, variant: str) -> HttpResponse:
    """A picture of an article, for those who may read it."""
    found = find_picture(actor_of(request), number)
    public = found.article.is_public
    return serve_file(request, found.file_id, variant, public=public, seconds=CHECKED_SECONDS if public else 0)
