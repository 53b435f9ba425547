"""One entry of the store, its category and its pictures."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.i18n import LANGUAGES, text_of

if TYPE_CHECKING:
    from meydan.store.models.team import Member

MAX_TITLE = 60
MAX_SUMMARY = 140
MAX_DESCRIPTION = 6000
MAX_REASON = 300
MAX_TAGS = 8
MAX_TAG = 30
MAX_ADDRESS = 500
MAX_SCREENSHOTS = 8
MAX_ALT = 200


class Kind(models.TextChoices):
    """What an entry leads to. An Android app has a package here; all others live at their own address."""

    SITE = "site", _("Web site")
    WEB_APP = "web_app", _("Web app")
    ANDROID = "android", _("Android app")
    IOS = "ios", _("iPhone or iPad app")
    DESKTOP = "desktop", _("Computer program")


class State(models.TextChoices):
    """Whether the public finds an entry."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn by its developer")
    TAKEN_OFF = "taken_off", _("Taken off by a moderator")


class Stage(models.TextChoices):
    """Where what was handed in stands with the moderators."""

    NONE = "none", _("Nothing waits")
    WAITING = "waiting", _("Waits for a moderator")
    SENT_BACK = "sent_back", _("Changes are asked for")
    REFUSED = "refused", _("Refused")


class Verb(models.TextChoices):
    """What can be done with an entry."""

    CHANGE = "change"
    HAND_IN = "hand_in"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"
    FEATURE = "feature"


ALLOWED: dict[Verb, tuple[frozenset[State], frozenset[Stage]]] = {
    Verb.CHANGE: (
        frozenset({State.DRAFT, State.PUBLISHED, State.WITHDRAWN}),
        frozenset({Stage.NONE, Stage.SENT_BACK, Stage.REFUSED}),
    ),
    Verb.HAND_IN: (
        frozenset({State.DRAFT, State.PUBLISHED, State.WITHDRAWN}),
        frozenset({Stage.NONE, Stage.SENT_BACK}),
    ),
    Verb.TAKE_BACK: (frozenset(State), frozenset({Stage.WAITING})),
    Verb.WITHDRAW: (frozenset({State.PUBLISHED}), frozenset({Stage.NONE, Stage.SENT_BACK, Stage.REFUSED})),
    Verb.FEATURE: (frozenset({State.PUBLISHED}), frozenset(Stage)),
}
"""Which verb is possible in which states and stages."""

HOLDING = (State.PUBLISHED, State.WITHDRAWN)
"""In these states an entry that was once published holds its Android name: no other one is published under it. A draft
holds none, nor does what a moderator has taken off."""

MATTERS = frozenset({"title", "summary", "description", "address", "icon_id", "category_id", "screenshots"})
"""What a moderator looks at again when it changes in a published entry; everything else is public at once."""


class Category(models.Model):
    """What apps are sorted under. `name` by language."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.JSONField(default=dict)
    icon = models.CharField(max_length=40, default="shapes")
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return text_of(self.name) or self.code


class Signature(models.Field):  # type: ignore[type-arg]  # the stubs want what is set and read: it is neither
    """A row of bits, which only the database makes and reads."""

    def db_type(self, connection: Any) -> str:
        """As PostgreSQL calls it; `store_signature` (migration 0006) makes as many."""
        return "bit(1024)"


class App(models.Model):
    """One entry. Its words are by language; `language` is the one it was written in first.

    A draft is changed in place. Of a published entry, changes that matter wait in `pending` (field -> value) until a
    moderator agrees.
    """

    slug = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NONE)
    language = models.CharField(max_length=8, choices=LANGUAGES.items())
    title = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    description = models.JSONField(default=dict)  # Markdown
    shown = models.JSONField(default=dict)  # the description as HTML: made once, read often
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    tags = ArrayField(models.CharField(max_length=MAX_TAG), default=list, size=MAX_TAGS)
    languages = ArrayField(models.CharField(max_length=8), default=list, size=len(LANGUAGES))  # that the app speaks
    address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    source_address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    privacy_address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    release_address = models.CharField(max_length=MAX_ADDRESS, blank=True)  # asked every day for a new package
    licence = models.CharField(max_length=60, blank=True)
    icon = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    manifest = models.JSONField(default=dict)  # what a web app says of itself, and what it lacks to be installed
    package = models.CharField(max_length=255, blank=True)  # Android's application id
    signer = models.CharField(max_length=64, blank=True)  # SHA-256 of the certificate: pinned by the first version
    reasons = models.JSONField(default=dict)  # why it needs a sensitive permission, in the developer's words
    answers = models.JSONField(default=dict)  # the developer's, to the charter's questions
    pending = models.JSONField(default=dict)
    owner = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    successor = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    developer = models.CharField(max_length=120, blank=True)  # the owner's name as the store shows it
    owned_since = models.DateTimeField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)  # the first time
    updated_at = models.DateTimeField(null=True)  # the last time that the public saw something new
    featured_until = models.DateTimeField(null=True)
    downloads = models.PositiveBigIntegerField(default=0)  # or visits, by way of the store
    trend = models.FloatField(default=0)  # downloads of the last days, the newest counting most
    link_dead_since = models.DateTimeField(null=True)
    title_words = SearchVectorField(null=True)
    body_words = SearchVectorField(null=True)  # those of the title too
    # A few bits for each of these words, of which those of names count once more: it says at a glance which words an
    # entry cannot have.
    signature = models.GeneratedField(
        expression=Func(
            Func("title_words", function="tsvector_to_array"),
            Func("body_words", function="tsvector_to_array"),
            function="store_signature",
        ),
        output_field=Signature(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="store_app_state"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="store_app_stage"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="store_app_kind"),
            models.UniqueConstraint(
                fields=["package"],
                condition=~Q(package="") & Q(published_at__isnull=False, state__in=HOLDING),
                name="store_package_held_once",
            ),
        ]
        indexes: ClassVar = [
            # The public list: keyset pages in three orders, whole or of one category or kind.
            # Searches walk down them, too, and read nothing else: hence the signature.
            *(
                models.Index(
                    F(column).desc(), F("id").desc(), condition=Q(state="published"), include=["signature"], name=name
                )
                for column, name in (
                    ("trend", "store_trend"),
                    ("published_at", "store_newest"),
                    ("downloads", "store_downloads"),
                )
            ),
            models.Index(
                F("category"),
                F("trend").desc(),
                F("id").desc(),
                condition=Q(state="published"),
                name="store_category_trend",
            ),
            models.Index(
                F("kind"), F("trend").desc(), F("id").desc(), condition=Q(state="published"), name="store_kind_trend"
            ),
            models.Index(fields=["package"], condition=~Q(package=""), name="store_package"),
            models.Index(fields=["featured_until"], condition=Q(featured_until__isnull=False), name="store_featured"),
            GinIndex(fields=["title_words"], name="store_title_words"),
            GinIndex(fields=["body_words"], name="store_body_words"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def reference(self) -> str:
        """By what other domains call it."""
        return f"app:{self.pk}"

    @cached_property
    def team(self) -> dict[UUID, str]:
        """The roles of those who work on it beside the owner."""
        return {one.person_id: one.role for one in self._members if one.joined_at}

    @cached_property
    def invited(self) -> dict[UUID, str]:
        """The roles of those who were asked into the team, and have not answered."""
        return {one.person_id: one.role for one in self._members if not one.joined_at}

    @cached_property
    def _members(self) -> "list[Member]":
        return list(self.members.all())

    @property
    def is_public(self) -> bool:
        """Whether everybody finds it."""
        return self.state == State.PUBLISHED


class Word(models.Model):
    """A word that some public entry has, or had, as searches compare it: what somebody has mistyped is corrected to
    one of these."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="store_word_letters")]

    def __str__(self) -> str:
        return self.word


class Screenshot(models.Model):
    """A picture of an app. `live`: the public sees it; a new one of a published app waits for a moderator, and one
    that `goes` stays until then."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="screenshots")
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(max_length=MAX_ALT, blank=True)
    live = models.BooleanField(default=False)
    goes = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["app", "file"], name="store_screenshot_once")]

    def __str__(self) -> str:
        return f"{self.app_id}: {self.file_id}"


class Day(models.Model):
    """How often an app was downloaded, or opened from here, on one day. Nobody is counted by name."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["app", "day"], name="store_day_once")]

    def __str__(self) -> str:
        return f"{self.app_id}: {self.day}"


class Receipt(models.Model):
    """That somebody with an account has downloaded an app: `mark` is a keyed hash of the two together, so that the
    table tells of nobody what they use."""

    mark = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.mark
