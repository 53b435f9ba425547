"""Every read of articles; who may not see one does not find it."""

from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff

from django.db.models import Prefetch, Q, QuerySet

from meydan.articles.models import Article, Picture, Revision, State, Topic
from meydan.articles.policies import is_own, may_edit, may_read, may_write
from meydan.kernel.actor import Actor, Role
from meydan.kernel.analyser import fold
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

PAGE = 20
TOO_LARGE = 2**63
FEED = 30
MOST_MINE = 200
MOST_WORDS = 6
MOST_REVISIONS = 100


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to."""

    words: str = ""
    language: str = ""
    topic: str = ""
    before: int | None = None  # the number of the last article of the page before


def public_articles() -> QuerySet[Article]:
    """What everybody may read, the newest first, each with its live words and its author."""
    rows = Article.objects.filter(live__isnull=False, hidden=False).select_related("live", "author")
    return rows.order_by("-published_at", "-id")


def list_articles(actor: Actor, wanted: Wanted, *, limit: int = PAGE) -> list[Article]:
    """Public articles, one more than `limit` where there are more. Long texts are left out."""
    rows = public_articles()
    if wanted.language:
        rows = rows.filter(language=wanted.language)
    if wanted.topic:
        rows = rows.filter(live__topics__contains=[wanted.topic])
    for word in fold(wanted.words).split()[:MOST_WORDS]:
        rows = rows.filter(search_text__contains=word)
    if wanted.before is not None:
        rows = _after(rows, wanted.before)
    return list(rows.defer("search_text", "live__body")[: limit + 1])


def _after(rows: QuerySet[Article], number: int) -> QuerySet[Article]:
    last = Article.objects.filter(pk=number).values_list("published_at", flat=True).first()
    if last is None:
        raise NotFound
    return rows.filter(Q(published_at__lt=last) | Q(published_at=last, pk__lt=number))


def list_feed(actor: Actor, language: str) -> list[Article]:
    """What a feed shows, whole."""
    rows = public_articles().filter(language=language) if language else public_articles()
    return list(rows.defer("search_text").prefetch_related(PICTURES)[:FEED])


PICTURES = Prefetch("pictures", queryset=Picture.objects.select_related("file").order_by("pk"))


def find_article(actor: Actor, slug: str) -> Article:
    """One article, for whoever may read it. Raises `NotFound`."""
    rows = Article.objects.select_related("live", "author").prefetch_related(PICTURES).defer("search_text")
    return _readable(actor, rows.filter(slug=slug[:80]).first())


def find_by_number(actor: Actor, number: int) -> Article:
    """The same by its number."""
    rows = Article.objects.select_related("live", "author").prefetch_related(PICTURES)
    return _readable(actor, rows.filter(pk=number).first())


def _readable(actor: Actor, article: Article | None) -> Article:
    if article is None or not (actor.is_system or may_read(actor, article)):
        raise NotFound
    return article


def find_own(actor: Actor, slug: str) -> Article:
    """One of the actor's own. Raises `NotFound` for what they may not read, `Refused` for what is others'."""
    article = find_article(actor, slug)
    demand(may_edit(actor, article), actor)
    return article


def lock_article(actor: Actor, number: int) -> Article:
    """One that the actor may read, locked. Raises `NotFound`."""
    rows = Article.objects.select_for_update(of=("self",)).select_related("live", "author")
    return _readable(actor, rows.filter(pk=number).first())


def newest_revision(article: Article) -> Revision:
    """What its author last wrote. Every article has one."""
    return article.revisions.order_by("-number")[0]


def open_revision(article: Article) -> Revision | None:
    """What is not public yet: being written, looked at, or waiting for its time."""
    closed = (State.PUBLISHED, State.REFUSED)
    return article.revisions.exclude(state__in=closed).order_by("-number").first()


def shown_revision(actor: Actor, article: Article) -> Revision:
    """The words to show: the live ones, else, to who may see more, the newest."""
    return article.live if article.is_public and article.live else newest_revision(article)


def list_mine(actor: Actor) -> list[Revision]:
    """The newest revision of each of the actor's articles, the latest first."""
    demand(may_write(actor), actor)
    rows = Revision.objects.filter(article__author=actor.person_id).select_related("article")
    newest = rows.order_by("article", "-number").distinct("article").defer("body", "article__search_text")
    return sorted(newest[:MOST_MINE], key=lambda one: one.saved_at, reverse=True)


def list_revisions(actor: Actor, article: Article) -> list[Revision]:
    """All revisions, the newest first: for the author and moderators; others see those that were public."""
    rows = article.revisions.order_by("-number")
    sees_all = is_own(actor, article) or actor.has(Role.MODERATOR)
    return list(rows if sees_all else rows.filter(state=State.PUBLISHED))[:MOST_REVISIONS]


def differences(older: Revision | None, newer: Revision) -> list[tuple[str, str]]:
    """What a revision changed, line by line: ("add" | "cut" | "same", the line)."""
    before = _lines(older) if older else []
    kinds = {"+": "add", "-": "cut", " ": "same"}
    changes = list(unified_diff(before, _lines(newer), lineterm="", n=1))[2:]
    return [(kinds[line[0]], line[1:]) for line in changes if line[0] in kinds]


def _lines(revision: Revision) -> list[str]:
    return [revision.title, revision.summary, *revision.body.splitlines()]


def list_translations(actor: Actor, article: Article) -> list[Article]:
    """The public articles that say the same in other languages."""
    return list(public_articles().filter(group=article.group).exclude(pk=article.pk).order_by("language", "id")[:10])


def list_related(actor: Actor, *, topics: list[str], language: str, without: Article | None = None) -> list[Article]:
    """Public articles about the same, in the reader's language, the newest first; at most four."""
    rows = public_articles().filter(live__topics__overlap=topics or [Topic.CITY], language=language)
    rows = rows.exclude(group=without.group) if without else rows
    return list(rows.defer("search_text", "live__body")[:4])


def find_picture(actor: Actor, number: int) -> Picture:
    """A picture, for whoever may read its article. Raises `NotFound`."""
    picture = Picture.objects.select_related("article").filter(pk=number).first() if number < TOO_LARGE else None
    if picture is None or not may_read(actor, picture.article):
        raise NotFound
    return picture


def list_due(moment: datetime) -> list[int]:
    """The numbers of the articles whose time to be published has come."""
    due = Article.objects.filter(publish_at__lte=moment).order_by("publish_at")
    return list(due.values_list("pk", flat=True)[:200])
