"""Articles, their revisions, and their pictures.

An article's text stands in its revisions. `live` is the one that everybody reads; what its author writes after that
is a new revision, which a moderator looks at first.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.city import PackPart, rules_of
from meydan.kernel.i18n import LANGUAGES

MAX_TITLE, MAX_SUMMARY, MAX_BODY, MAX_ALT, MAX_SOURCE = 140, 400, 40_000, 300, 300
MAX_PICTURES = 12


class ArticleRules(PackPart):
    """`[rules.articles]` of the city's pack. `technology_only`: articles are about new technology, and say so."""

    technology_only: bool = True


def city_rules() -> ArticleRules:
    """What this city demands of articles."""
    rules: ArticleRules = rules_of("articles", ArticleRules)
    return rules


class State(models.TextChoices):
    """Where a revision stands."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for a moderator")
    SENT_BACK = "sent_back", _("Changes asked for")
    REFUSED = "refused", _("Not accepted")
    APPROVED = "approved", _("Will be published")
    PUBLISHED = "published", _("Published")


ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.WAITING}),
    State.WAITING: frozenset({State.DRAFT, State.SENT_BACK, State.REFUSED, State.APPROVED, State.PUBLISHED}),
    State.SENT_BACK: frozenset({State.DRAFT, State.WAITING}),
    State.REFUSED: frozenset({State.APPROVED, State.PUBLISHED}),  # after an appeal
    State.APPROVED: frozenset({State.PUBLISHED, State.DRAFT}),
    State.PUBLISHED: frozenset(),
}
EDITABLE = (State.DRAFT, State.SENT_BACK)
TONES = {
    State.DRAFT: "quiet",
    State.WAITING: "info",
    State.SENT_BACK: "warning",
    State.REFUSED: "bad",
    State.APPROVED: "info",
    State.PUBLISHED: "good",
}


class Origin(models.TextChoices):
    """Whose writing it is: one of the two is demanded."""

    OWN = "own", _("I wrote it myself")
    CITED = "cited", _("It comes from somebody else, whom I name")


class Topic(models.TextChoices):
    """What an article is about."""

    CITY = "city", _("The city and its services")
    MOBILITY = "mobility", _("Getting around")
    ENERGY = "energy", _("Energy and water")
    DATA = "data", _("Data and artificial intelligence")
    SAFETY = "safety", _("Security and privacy")
    LEARNING = "learning", _("Learning and work")
    HEALTH = "health", _("Health")
    CULTURE = "culture", _("Culture and making")


@dataclass(frozen=True)
class Words:
    """What the author writes: the contents of one revision."""

    title: str
    summary: str = ""
    body: str = ""
    topics: tuple[str, ...] = ()
    origin: str = ""
    source_name: str = ""
    source_url: str = ""
    about_technology: bool = False


class Article(models.Model):
    """One text in one language. `group` holds its translations together. `search_text`: the live title, summary and
    body as searches compare them."""

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    language = models.CharField(max_length=2, choices=list(LANGUAGES.items()))
    group = models.UUIDField(default=uuid4, db_index=True)
    author = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    live = models.ForeignKey("Revision", on_delete=models.SET_NULL, null=True, related_name="+")
    hidden = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    wanted_at = models.DateTimeField(null=True)  # when its author wants it public; what waits is not agreed to yet
    publish_at = models.DateTimeField(null=True)  # when it will be, as a moderator has agreed
    search_text = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(live__isnull=False, hidden=False),
                name="articles_public",
            ),
            models.Index(fields=["author", "-updated_at"], name="articles_of_author"),
            models.Index(fields=["publish_at"], condition=Q(publish_at__isnull=False), name="articles_scheduled"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="articles_search"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """As facts and neighbours name it."""
        return f"article:{self.pk}"

    @property
    def is_public(self) -> bool:
        """Whether everybody can read it."""
        return self.live_id is not None and not self.hidden


class Revision(models.Model):
    """The words of an article as they stood once."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=MAX_TITLE)
    summary = models.CharField(max_length=MAX_SUMMARY, blank=True)
    body = models.TextField(max_length=MAX_BODY, blank=True)
    topics = ArrayField(models.CharField(max_length=10, choices=Topic), default=list)
    origin = models.CharField(max_length=5, choices=Origin, blank=True)
    source_name = models.CharField(max_length=MAX_SOURCE, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    about_technology = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "number"], name="articles_revision_once"),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(state__in=[State.DRAFT, State.WAITING, State.SENT_BACK, State.APPROVED]),
                name="articles_one_open_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}/{self.number}"

    @property
    def words(self) -> Words:
        """Its contents."""
        return Words(
            title=self.title,
            summary=self.summary,
            body=self.body,
            topics=tuple(self.topics),
            origin=self.origin,
            source_name=self.source_name,
            source_url=self.source_url,
            about_technology=self.about_technology,
        )


class Picture(models.Model):
    """A picture of an article, and what it shows in words."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="pictures")
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(max_length=MAX_ALT)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["article", "file"], name="articles_picture_once")]

    def __str__(self) -> str:
        return f"picture:{self.pk}"
