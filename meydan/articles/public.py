"""The door of articles: for the events about the same, for site's search and seed, and for the moderators' desk."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import ExportedFile, as_json, contributes_to_export, tells
from meydan.articles.actions import (
    add_picture,
    approve_article,
    draft_article,
    hand_in_article,
    save_article,
)
from meydan.articles.facts import ArticleDrafted, ArticleHandedIn, ArticlePublished, ArticleWithdrawn
from meydan.articles.models import Article, Origin, Topic, Words, city_rules
from meydan.articles.queries import (
    Wanted,
    find_by_number,
    list_articles,
    list_related,
    list_revisions,
    newest_revision,
)
from meydan.comments.public import Discussed, discusses
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.facts import Fact
from meydan.moderation.public import Check, Question, Reviewed, Thing, moderates, reviews
from meydan.ui.templating import url

EXCERPT = 4_000

__all__ = [
    "Article",
    "Origin",
    "Topic",
    "Wanted",
    "Words",
    "add_picture",
    "approve_article",
    "article_questions",
    "draft_article",
    "find_article_by_reference",
    "hand_in_article",
    "list_articles",
    "list_related",
    "save_article",
]


def find_article_by_reference(actor: Actor, reference: str) -> Article | None:
    """The article that "article:12" names, for whoever may read it; None for everybody else."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        return find_by_number(actor, int(number))
    except NotFound:
        return None


def _look(actor: Actor, reference: str) -> Thing | None:
    """An article that somebody has flagged."""
    article = find_article_by_reference(actor, reference)
    if article is None:
        return None
    words = article.live or newest_revision(article)
    address = url("articles:show", slug=article.slug)
    return Thing(words.title, words.summary, address, _pictures(article), article.author_id)


def _pictures(article: Article) -> tuple[str, ...]:
    numbers = article.pictures.order_by("pk").values_list("pk", flat=True)
    return tuple(url("articles:picture", number=number, variant="thumb") for number in numbers)


def _look_before(actor: Actor, about: str) -> Reviewed | None:
    """An article that was handed in, with what the moderator is asked about it."""
    article = find_article_by_reference(actor, about)
    if article is None:
        return None
    revision = newest_revision(article)
    author = article.author.name or article.author.username if article.author else ""
    source = f"{revision.source_name} {revision.source_url}".strip()
    return Reviewed(
        title=revision.title,
        href=url("articles:show", slug=article.slug),
        excerpt=f"{revision.summary}\n\n{revision.body}"[:EXCERPT],
        author=article.author_id,
        author_name=author,
        pictures=_pictures(article),
        checks=(
            Check(_("Own writing, or its source named"), bool(revision.origin == Origin.OWN or source), source),
            Check(_("Every picture is described in words"), True, str(article.pictures.count())),
        ),
        questions=article_questions(),
        answers=((_("Whose writing is it?"), str(Origin(revision.origin).label) if revision.origin else ""),),
    )


def article_questions() -> tuple[Question, ...]:
    """What a moderator must find before they agree."""
    asked = [
        Question("source", _("It is the author's own writing, or names its source")),
        Question("charter", _("It keeps the charter of use")),
    ]
    if city_rules().technology_only:
        asked.insert(0, Question("technology", _("It is about new technology")))
    return tuple(asked)


def _look_discussed(actor: Actor, about: str) -> Discussed | None:
    """What people rate and talk about: articles of others, as far as they are public."""
    article = find_article_by_reference(actor, about)
    if article is None or article.live is None or article.hidden:
        return None
    owners = frozenset((article.author_id,) if article.author_id else ())
    return Discussed(article.live.title, url("articles:show", slug=article.slug), owners)


discusses("article", _look_discussed)
moderates("article", _look, name=_("Article"))
reviews("article", _look_before, name=_("Article"))


def export_articles(actor: Actor) -> Iterator[ExportedFile]:
    """All that a person has written, with every revision, for the export of their data."""
    mine = Article.objects.filter(author=actor.person_id).order_by("pk") if actor.person_id else ()
    yield as_json("articles.json", [_exported(actor, article) for article in mine])


def _exported(actor: Actor, article: Article) -> dict[str, object]:
    names = ("number", "state", "title", "summary", "body", "topics", "origin", "source_name", "source_url", "saved_at")
    kept = [{name: getattr(one, name) for name in names} for one in list_revisions(actor, article)]
    about = {"slug": article.slug, "language": article.language, "published_at": article.published_at}
    return {**about, "revisions": kept}


contributes_to_export("articles", export_articles)

_TOLD: dict[type[Fact], Sentence] = {
    ArticleDrafted: _("An article was begun"),
    ArticleHandedIn: _("An article was handed in"),
    ArticlePublished: _("An article was published"),
    ArticleWithdrawn: _("An article was taken off the public pages"),
}


def _tell(kind: type[Fact], sentence: Sentence) -> None:
    tells(kind, lambda _fact: str(sentence))


for _kind, _sentence in _TOLD.items():
    _tell(_kind, _sentence)
