"""Writing, handing in, publishing. What moderators decide comes as a fact of theirs; the city carries it out here."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from meydan.articles.facts import (
    ArticleDrafted,
    ArticleEdited,
    ArticleHandedIn,
    ArticleHidden,
    ArticlePublished,
    ArticleScheduled,
    ArticleSentBack,
    ArticleShown,
    ArticleTakenBack,
    ArticleWithdrawn,
    AuthorForgotten,
    PictureAdded,
    PictureRemoved,
)
from meydan.articles.models import (
    ALLOWED,
    EDITABLE,
    MAX_PICTURES,
    Article,
    Origin,
    Picture,
    Revision,
    State,
    Words,
    city_rules,
)
from meydan.articles.policies import may_decide, may_edit, may_forget, may_write
from meydan.articles.queries import find_by_number, list_due, lock_article, newest_revision, open_revision
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.analyser import fold
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.facts import record
from meydan.kernel.files import store_image
from meydan.kernel.limits import check
from meydan.moderation.public import hand_in, refuse_blocked, withdraw_review
from meydan.ui.prose import pictures_in

WRITTEN_PER_HOUR = 120
HANDED_IN_PER_DAY = 20
LATEST = timedelta(days=366)
MIN_BODY = 200


def limit_writing(actor: Actor) -> None:
    """Count a form against its sender, at the door. Raises `TooMany`."""
    check(f"articles.write:{actor.person_id or actor.address}", limit=WRITTEN_PER_HOUR, seconds=3600)


@action(policy=may_write)
def draft_article(actor: Actor, *, words: Words, language: str, translates: int | None = None) -> Article:
    """Begin an article; only its author and moderators see it. `translates`: the number of the public article that it
    says in another language. Raises `Refused` for who is blocked, `Invalid`."""
    refuse_blocked(actor)
    original = find_by_number(actor, translates) if translates is not None else None
    if original and original.language == language:
        raise Invalid(fields={"language": _("Choose another language than that of the original.")})
    article = Article(language=language, author_id=actor.person_id, made_at=now(), updated_at=now())
    if original:
        article.group = original.group
    _save_with_slug(article, words.title)
    Revision.objects.create(article=article, number=1, saved_at=now(), **_columns(words))
    told = original.reference if original else ""
    record(ArticleDrafted(**_about(article, 1), language=language, translates=told))
    return article


def _columns(words: Words) -> dict[str, object]:
    return {**asdict(words), "topics": list(words.topics)}


def _about(article: Article, revision: int) -> dict[str, Any]:
    return {"subject": article.reference, "persons": _persons(article), "revision": revision}


def _persons(article: Article) -> tuple[UUID, ...]:
    return (article.author_id,) if article.author_id else ()


def _save_with_slug(article: Article, title: str) -> None:
    """With an address made of the title: the first that is free."""
    start = slugify(title, allow_unicode=True)[:60].strip("-_") or "article"
    start = f"{start}-1" if start in RESERVED else start
    for number in range(1, 100):
        article.slug = start if number == 1 else f"{start}-{number}"
        try:
            with transaction.atomic():
                article.save(force_insert=True)
        except IntegrityError:
            continue
        return
    raise Conflict(_("Many articles have this title. Choose another."))


RESERVED = frozenset({"new", "mine", "pictures", "feed"})


@action_on(lock_article, policy=may_edit)
def save_article(actor: Actor, article: Article, *, words: Words) -> Revision:
    """Keep what the author wrote. What waits for a moderator must be taken back first: `Conflict`."""
    refuse_blocked(actor)
    revision = open_revision(article)
    if revision is None:
        revision = Revision(article=article, number=newest_revision(article).number + 1)
    elif revision.state not in EDITABLE:
        raise Conflict(_("A moderator has this now. Take it back first, then change it."))
    for name, value in _columns(words).items():
        setattr(revision, name, value)
    revision.state, revision.saved_at = State.DRAFT, now()
    revision.save()
    record(ArticleEdited(**_about(article, revision.number)))
    return revision


@action_on(lock_article, policy=may_edit)
def hand_in_article(actor: Actor, article: Article, *, publish_at: datetime | None = None) -> None:
    """Ask that it be published, at once or at `publish_at`. Raises `Invalid` with all that is missing, by field."""
    refuse_blocked(actor)
    check(f"articles.hand_in:{actor.person_id}", limit=HANDED_IN_PER_DAY, seconds=86_400)
    revision = open_revision(article)
    if revision is None:
        raise Conflict(_("Nothing has changed since it was published."))
    faults = faults_of(article, revision, publish_at)
    if faults:
        raise Invalid(fields=faults)
    _step(revision, State.WAITING)
    article.publish_at = None
    article.updated_at = now()
    article.save(update_fields=["publish_at", "updated_at"])
    Article.objects.filter(pk=article.pk).update(wanted_at=publish_at)
    record(ArticleHandedIn(**_about(article, revision.number)))
    hand_in(
        actor,
        about=article.reference,
        title=revision.title,
        language=article.language,
        answers={"about_technology": revision.about_technology, "origin": revision.origin},
    )


def suggest_article(
    actor: Actor,
    *,
    words: Words,
    language: str,
    translates: int | None = None,
    publish_at: datetime | None = None,
    complete: bool = False,
) -> Article:
    """Begin an article and, where it is `complete`, hand it in: both or nothing. Raises what the two raise."""
    with transaction.atomic():
        article = draft_article(actor, words=words, language=language, translates=translates)
        if complete:
            hand_in_article(actor, article.pk, publish_at=publish_at)
    return article


def faults_of(article: Article, revision: Revision, publish_at: datetime | None = None) -> dict[str, Sentence]:
    """What keeps a revision from being handed in, by the field's name."""
    faults: dict[str, Sentence] = {}
    if not revision.summary:
        faults["summary"] = _("Say in one or two sentences what it is about.")
    if len(revision.body) < MIN_BODY:
        faults["body"] = _("Write at least %(least)s characters.") % {"least": MIN_BODY}
    if not revision.topics:
        faults["topics"] = _("Choose what it is about.")
    faults |= _origin_faults(revision)
    if city_rules().technology_only and not revision.about_technology:
        faults["about_technology"] = _("Articles here are about new technology. Tick this if yours is.")
    faults |= _picture_faults(article, revision)
    if publish_at and not now() < publish_at < now() + LATEST:
        faults["publish_at"] = _("Choose a time from now to a year ahead.")
    return faults


def _origin_faults(revision: Revision) -> dict[str, Sentence]:
    if not revision.origin:
        return {"origin": _("Say whether it is your own writing, or whose it is.")}
    if revision.origin == Origin.CITED and not revision.source_name:
        return {"source_name": _("Name the author or the source.")}
    return {}


def _picture_faults(article: Article, revision: Revision) -> dict[str, Sentence]:
    known = set(article.pictures.values_list("pk", flat=True))
    unknown = [number for number in pictures_in(revision.body) if number not in known]
    if not unknown:
        return {}
    return {"body": _("There is no picture %(number)s in this article.") % {"number": unknown[0]}}


@action_on(lock_article, policy=may_edit)
def take_back_article(actor: Actor, article: Article) -> None:
    """Let no moderator look at it any more, or not publish it at its time; it is a draft again."""
    revision = open_revision(article)
    if revision is None or revision.state not in (State.WAITING, State.APPROVED):
        raise Conflict(_("There is nothing to take back."))
    waits = revision.state == State.WAITING
    _step(revision, State.DRAFT)
    Article.objects.filter(pk=article.pk).update(publish_at=None, wanted_at=None)
    record(ArticleTakenBack(**_about(article, revision.number)))
    if waits:
        withdraw_review(actor, about=article.reference)


@action_on(lock_article, policy=may_decide)
def approve_article(actor: Actor, article: Article) -> None:
    """A moderator has agreed: it is published now, or at the time that its author has set."""
    revision = newest_revision(article)
    if revision.state not in (State.WAITING, State.REFUSED):
        raise Conflict(_("This has been decided already."))
    if article.wanted_at and article.wanted_at > now():
        _step(revision, State.APPROVED)
        Article.objects.filter(pk=article.pk).update(publish_at=article.wanted_at, wanted_at=None)
        record(ArticleScheduled(**_about(article, revision.number)))
    else:
        _publish(article, revision)


def _publish(article: Article, revision: Revision) -> None:
    _step(revision, State.PUBLISHED)
    first = article.live_id is None
    article.live = revision
    article.hidden = article.hidden and not first
    article.published_at = article.published_at or now()
    article.updated_at, article.publish_at, article.wanted_at = now(), None, None
    article.search_text = fold(f"{revision.title} {revision.summary} {revision.body}")
    article.save()
    record(ArticlePublished(**_about(article, revision.number), language=article.language, first=first))


def publish_due_articles() -> int:
    """Publish what was agreed to and whose time has come; returns how many. The worker does it every minute."""
    due = list_due(now())
    for number in due:
        publish_article(SYSTEM, number)
    return len(due)


@action_on(lock_article, policy=may_decide)
def publish_article(actor: Actor, article: Article) -> None:
    """Publish what was agreed to before."""
    revision = open_revision(article)
    if revision is None or revision.state != State.APPROVED:
        raise Conflict(_("This has been decided already."))
    _publish(article, revision)


@action_on(lock_article, policy=may_decide)
def return_article(actor: Actor, article: Article, *, refused: bool) -> None:
    """A moderator asks for changes, or has refused it. The reasons stand in moderation."""
    revision = open_revision(article)
    if revision is None or revision.state != State.WAITING:
        raise Conflict(_("This has been decided already."))
    _step(revision, State.REFUSED if refused else State.SENT_BACK)
    record(ArticleSentBack(**_about(article, revision.number), refused=refused))


@action_on(lock_article, policy=may_edit)
def withdraw_article(actor: Actor, article: Article) -> None:
    """Take one's own article off the public pages. To publish it again it is handed in again."""
    if article.live is None:
        raise Conflict(_("It is not public."))
    number = article.live.number
    article.live, article.search_text, article.updated_at = None, "", now()
    article.save()
    if open_revision(article) is None:
        last = newest_revision(article)
        Revision.objects.create(article=article, number=last.number + 1, saved_at=now(), **_columns(last.words))
    record(ArticleWithdrawn(**_about(article, number)))


@action_on(lock_article, policy=may_decide)
def hide_article(actor: Actor, article: Article) -> None:
    """A moderator wants it off the public pages."""
    if article.hidden:
        raise Conflict(_("This has been decided already."))
    article.hidden = True
    article.save(update_fields=["hidden"])
    record(ArticleHidden(**_about(article, newest_revision(article).number)))


@action_on(lock_article, policy=may_decide)
def show_article(actor: Actor, article: Article) -> None:
    """Another moderator has found that it should not have been taken off."""
    if not article.hidden:
        raise Conflict(_("This has been decided already."))
    article.hidden = False
    article.save(update_fields=["hidden"])
    record(ArticleShown(**_about(article, newest_revision(article).number)))


@action_on(lock_article, policy=may_edit)
def add_picture(actor: Actor, article: Article, *, source: BinaryIO, alt: str) -> Picture:
    """Keep a picture for the article; `alt` says what it shows. Raises `Invalid`, `TooLarge`."""
    refuse_blocked(actor)
    if not alt.strip():
        raise Invalid(fields={"alt": _("Say what the picture shows, for people who cannot see it.")})
    if article.pictures.count() >= MAX_PICTURES:
        raise Invalid(fields={"picture": _("An article has at most %(most)s pictures.") % {"most": MAX_PICTURES}})
    file = store_image(source, purpose="article_picture")
    picture, _new = Picture.objects.update_or_create(article=article, file=file, defaults={"alt": alt.strip()})
    record(PictureAdded(**_about(article, newest_revision(article).number)))
    return picture


@action_on(lock_article, policy=may_edit)
def remove_picture(actor: Actor, article: Article, *, picture: int) -> None:
    """Take out a picture that the public text does not show. Raises `Conflict`."""
    if article.live and picture in pictures_in(article.live.body):
        raise Conflict(_("The published text shows this picture."))
    gone, _kinds = article.pictures.filter(pk=picture).delete()
    if not gone:
        raise Conflict(_("This picture is gone already."))
    record(PictureRemoved(**_about(article, newest_revision(article).number)))


@action(policy=may_forget)
def forget_author(actor: Actor, *, person: UUID) -> None:
    """Who closes their account leaves what was public, without a name; what was not is deleted."""
    mine = Article.objects.filter(author=person)
    mine.filter(live=None).delete()
    Revision.objects.filter(article__in=mine).exclude(state=State.PUBLISHED).delete()
    kept = mine.update(author=None, publish_at=None)
    record(AuthorForgotten(subject=f"person:{person}", kept=kept))


def _step(revision: Revision, state: State) -> None:
    """From one state to the next, as the table allows it."""
    if state not in ALLOWED[State(revision.state)]:
        raise Conflict(_("This has been decided already."))
    revision.state = state
    revision.save(update_fields=["state"])
