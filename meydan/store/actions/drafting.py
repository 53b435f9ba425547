"""Beginning an entry, and changing what it says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.limits import check
from meydan.kernel.models import StoredFile
from meydan.moderation.public import refuse_blocked
from meydan.store.actions.steps import apply, check_address, keep, persons_of
from meydan.store.facts import AppChanged, AppDrafted
from meydan.store.models import (
    MAX_REASON,
    MAX_SCREENSHOTS,
    MAX_TAG,
    MAX_TAGS,
    App,
    Category,
    Kind,
    Screenshot,
    Sense,
    State,
)
from meydan.store.policies import may_change, may_draft
from meydan.store.queries import lock_app, next_order

RESERVED = frozenset({"new", "mine", "suggest", "versions", "categories", "repository", "by-package"})
DRAFTED_PER_HOUR = 20
ASKED_PER_HOUR = 60
_TAG = re.compile(r"\s*,\s*|\s*،\s*|\n")


def limit_drafting(actor: Actor) -> None:
    """Count a new entry against its developer, at the door. Raises `TooMany`, and `Refused` for who is blocked."""
    refuse_blocked(actor)
    check(f"store.draft:{actor.person_id or actor.address}", limit=DRAFTED_PER_HOUR, seconds=3600)


def limit_asking(actor: Actor) -> None:
    """Count a question to another server, or an upload, against who causes it. Raises `TooMany`."""
    refuse_blocked(actor)
    check(f"store.ask:{actor.person_id or actor.address}", limit=ASKED_PER_HOUR, seconds=3600)


@action(policy=may_draft)
def draft_app(actor: Actor, *, kind: Kind, title: str, language: str, address: str = "") -> App:
    """Begin an entry; it is a draft that only its developer sees. `Invalid` with the fields at fault."""
    if language not in LANGUAGES:
        raise Invalid(fields={"language": _("Choose one of the languages that are offered.")})
    if kind != Kind.ANDROID and not address:
        raise Invalid(fields={"address": _("Give the address under which it is found.")})
    check_address(address, "address")
    moment = now()
    app = App(kind=kind, language=language, address=address, owner_id=actor.person_id, developer=actor.name)
    app.title, app.languages = {language: title.strip()}, [language]
    app.slug = _free_slug(title, address)
    app.made_at = app.changed_at = app.owned_since = moment
    keep(app)
    record(AppDrafted(subject=app.reference, persons=persons_of(app), kind=kind))
    return app


def _free_slug(title: str, address: str) -> str:
    """A short name for the address: of the title where it has Latin letters, else of the site's own name."""
    host = (urlsplit(address).hostname or "").removeprefix("www.").replace(".", "-")
    base = (slugify(title) or slugify(host) or "app")[:48].strip("-")
    taken = set(App.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    if base not in taken:
        return base
    return next(
        (slug for number in range(2, 100) if (slug := f"{base}-{number}") not in taken),
        f"{base}-{get_random_string(8).lower()}",
    )


@action_on(lock_app, policy=may_change)
def change_texts(actor: Actor, app: App, *, language: str, title: str, summary: str, description: str) -> App:
    """Write an entry's words in one language. Where all three are empty, this language is taken away again; the
    first one cannot be."""
    if language not in LANGUAGES:
        raise Invalid(fields={"language": _("Choose one of the languages that are offered.")})
    given = {"title": title, "summary": summary, "description": description}
    if not title and (language == app.language or any(given.values())):
        raise Invalid(fields={"title": _("Fill this in.")})
    values = {name: _with(app.pending.get(name, getattr(app, name)), language, text) for name, text in given.items()}
    apply(actor, app, values)
    return app


def _with(texts: Mapping[str, str], language: str, text: str) -> dict[str, str]:
    kept = {code: words for code, words in texts.items() if code != language}
    return {**kept, language: text} if text else kept


@action_on(lock_app, policy=may_change)
def change_details(
    actor: Actor,
    app: App,
    *,
    category: str,
    address: str = "",
    tags: str = "",
    languages: Sequence[str] = (),
    source_address: str = "",
    privacy_address: str = "",
    release_address: str = "",
    licence: str = "",
) -> App:
    """Say where an entry belongs. `tags` are parted by commas. `Invalid` with the fields at fault."""
    if not Category.objects.filter(pk=category).exists():
        raise Invalid(fields={"category": _("Choose a category.")})
    if app.kind != Kind.ANDROID and not address:
        raise Invalid(fields={"address": _("Give the address under which it is found.")})
    addresses = {"address": address, "source_address": source_address, "privacy_address": privacy_address}
    if app.kind == Kind.ANDROID:
        addresses["release_address"] = release_address
    values: dict[str, Any] = {name: check_address(value, name) for name, value in addresses.items()}
    spoken = [code for code in LANGUAGES if code in languages] or [app.language]
    more = {"category_id": category, "tags": read_tags(tags), "languages": spoken, "licence": licence}
    apply(actor, app, {**values, **more})
    return app


def read_tags(typed: str) -> list[str]:
    """Tags as they were typed. `Invalid` when there are too many, or one is too long."""
    tags = list(dict.fromkeys(tag.strip() for tag in _TAG.split(typed) if tag.strip()))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        sentence = _("At most %(most)s words or short phrases, each of at most %(letters)s letters.")
        raise Invalid(fields={"tags": sentence % {"most": MAX_TAGS, "letters": MAX_TAG}})
    return tags


@action_on(lock_app, policy=may_change)
def explain_permissions(actor: Actor, app: App, *, reasons: Mapping[str, str]) -> App:
    """Say why the app needs each sensitive permission."""
    kept = {str(sense): reasons[sense].strip()[:MAX_REASON] for sense in Sense if reasons.get(sense, "").strip()}
    apply(actor, app, {"reasons": kept})
    return app


@action_on(lock_app, policy=may_change)
def keep_manifest(actor: Actor, app: App, *, manifest: Mapping[str, Any], icon: str | None) -> App:
    """What a web app says of itself, as it was just read there."""
    values: dict[str, Any] = {"manifest": dict(manifest)}
    if icon and app.pending.get("icon_id", app.icon_id) is None:
        values["icon_id"] = _stored(icon)
    apply(actor, app, values)
    return app


@action_on(lock_app, policy=may_change)
def set_icon(actor: Actor, app: App, *, sha256: str) -> App:
    """Give an entry its icon, a stored picture."""
    apply(actor, app, {"icon_id": _stored(sha256)})
    return app


def _stored(sha256: str) -> str:
    if not StoredFile.objects.filter(pk=sha256).exists():
        raise Invalid(fields={"icon": _("This picture is no longer here. Send it again.")})
    return sha256


@action_on(lock_app, policy=may_change)
def add_screenshot(actor: Actor, app: App, *, sha256: str, alt: str) -> Screenshot:
    """Add a picture, with what it shows in words for those who cannot see it."""
    shots = app.screenshots.filter(goes=False)
    if shots.count() >= MAX_SCREENSHOTS:
        raise Invalid(fields={"screenshot": _("At most %(most)s screenshots.") % {"most": MAX_SCREENSHOTS}})
    if not alt.strip():
        raise Invalid(fields={"alt": _("Say what the picture shows, for those who cannot see it.")})
    if app.screenshots.filter(file=sha256, goes=False).exists():
        raise Invalid(fields={"screenshot": _("This picture is here already.")})
    values = {"alt": alt.strip(), "goes": False, "order": next_order(app), "live": app.state != State.PUBLISHED}
    shot, _new = Screenshot.objects.update_or_create(app=app, file_id=_stored(sha256), defaults=values)
    _note_screenshots(app)
    return shot


@action_on(lock_app, policy=may_change)
def remove_screenshot(actor: Actor, app: App, *, screenshot: int) -> None:
    """Take a picture away; the public sees one that is published until a moderator has agreed to the change."""
    shot = app.screenshots.filter(pk=screenshot).first()
    if shot is None:
        raise Invalid(fields={"screenshot": _("This picture is no longer here. Send it again.")})
    if shot.live and app.state == State.PUBLISHED:
        shot.goes = True
        shot.save(update_fields=["goes"])
    else:
        shot.delete()
    _note_screenshots(app)


def _note_screenshots(app: App) -> None:
    waits = app.state == State.PUBLISHED
    if waits:
        app.pending["screenshots"] = True
    keep(app)
    record(AppChanged(subject=app.reference, persons=persons_of(app), fields=["screenshots"], waits=waits))
