"""What happens to articles. No fact holds anybody's words."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@dataclass(frozen=True, kw_only=True)
class AboutArticle(Fact):
    """The subject is "article:<number>"; `revision` counts from 1 within the article."""

    revision: int


@fact("articles.article_drafted")
@dataclass(frozen=True, kw_only=True)
class ArticleDrafted(AboutArticle):
    """Somebody has begun an article. `translates`: the reference of the article that it says in another language."""

    language: str
    translates: str = ""


@fact("articles.article_edited")
@dataclass(frozen=True, kw_only=True)
class ArticleEdited(AboutArticle):
    """Its author has changed a revision that nobody else sees yet."""


@fact("articles.article_handed_in")
@dataclass(frozen=True, kw_only=True)
class ArticleHandedIn(AboutArticle):
    """The author wants this revision to be published: it goes to the moderators."""


@fact("articles.article_taken_back")
@dataclass(frozen=True, kw_only=True)
class ArticleTakenBack(AboutArticle):
    """The author no longer wants this revision to be looked at."""


@fact("articles.article_scheduled")
@dataclass(frozen=True, kw_only=True)
class ArticleScheduled(AboutArticle):
    """A moderator has agreed; it is published at the time that its author has set."""


@fact("articles.article_published")
@dataclass(frozen=True, kw_only=True)
class ArticlePublished(AboutArticle):
    """Everybody can read this revision. `first`: the article was not public before."""

    language: str
    first: bool


@fact("articles.article_sent_back")
@dataclass(frozen=True, kw_only=True)
class ArticleSentBack(AboutArticle):
    """A moderator asks for changes, or has refused it for good (`refused`). The reasons are moderation's."""

    refused: bool


@fact("articles.article_withdrawn")
@dataclass(frozen=True, kw_only=True)
class ArticleWithdrawn(AboutArticle):
    """The author has taken it off the public pages."""


@fact("articles.article_hidden")
@dataclass(frozen=True, kw_only=True)
class ArticleHidden(AboutArticle):
    """A moderator has taken it off the public pages."""


@fact("articles.article_shown")
@dataclass(frozen=True, kw_only=True)
class ArticleShown(AboutArticle):
    """It should not have been taken off, and is public again."""


@fact("articles.picture_added")
@dataclass(frozen=True, kw_only=True)
class PictureAdded(AboutArticle):
    """A picture, with words for who cannot see it."""


@fact("articles.picture_removed")
@dataclass(frozen=True, kw_only=True)
class PictureRemoved(AboutArticle):
    """A picture of the article is gone."""


@fact("articles.author_forgotten")
@dataclass(frozen=True, kw_only=True)
class AuthorForgotten(Fact):
    """Who wrote this has closed their account: what was public stays without a name, drafts are gone."""

    kept: int
