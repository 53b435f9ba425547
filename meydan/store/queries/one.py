"""One entry: found by whom may see it, locked by whom changes it."""

import hashlib
import json
from datetime import datetime
from functools import cache
from typing import Any, LiteralString, NamedTuple

from django.db.models import F, QuerySet

from meydan.comments.public import talk_beside, talk_values
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.rows import read, read_beside
from meydan.store.models import HOLDING, App, Release, Screenshot, Stage, Step, Token
from meydan.store.policies import may_see, may_see_inside

INDEX = ("title_words", "body_words", "signature")
"""What only searches read: never loaded, and so never written by `save`."""


def find_app(actor: Actor, slug: str) -> App:
    """The entry. `NotFound` also when the actor may not see it."""
    found = read(App, "where slug = %s", [slug], without=INDEX)
    if not found or not may_see(actor, found[0]):
        raise NotFound
    return found[0]


def find_inside(actor: Actor, slug: str) -> App:
    """The entry for those who work on it or decide about it. `NotFound` for everybody else."""
    app = find_app(actor, slug)
    if not may_see_inside(actor, app):
        raise NotFound
    return app


def find_by_reference(actor: Actor, reference: str) -> App:
    """The entry of "app:12". `NotFound` also when the actor may not see it."""
    kind, _colon, number = reference.partition(":")
    if kind != "app" or not number.isdecimal() or len(number) > 18:
        raise NotFound
    app = App.objects.defer(*INDEX).filter(pk=int(number)).first()
    if app is None or not may_see(actor, app):
        raise NotFound
    return app


def lock_app(actor: Actor, slug: str) -> App:
    """The same, locked until the action ends."""
    return _only(actor, App.objects.filter(slug=slug))


def lock_reference(actor: Actor, reference: str) -> App:
    """The entry of "app:12", locked."""
    return _only(actor, App.objects.filter(pk=find_by_reference(actor, reference).pk))


def _only(actor: Actor, rows: "QuerySet[App]") -> App:
    app = rows.defer(*INDEX).select_for_update(of=("self",)).first()
    if app is None or not may_see(actor, app):
        raise NotFound
    return app


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def lock_by_token(actor: Actor, token: str) -> App:
    """The entry that a program's token is for, locked. `NotFound` when there is no such token, or no longer."""
    row = Token.objects.filter(digest=digest_of(token), revoked_at=None, until__gt=now()).first()
    if row is None:
        raise NotFound
    return App.objects.defer(*INDEX).select_for_update(of=("self",)).get(pk=row.app_id)


def find_holder(package: str, *, beside: App) -> App | None:
    """The other entry that holds this Android name: it was published under it, and was not taken off."""
    rows = App.objects.defer(*INDEX).filter(package=package, published_at__isnull=False, state__in=HOLDING)
    return rows.exclude(pk=beside.pk).first() if package else None


def find_rival(package: str, *, beside: App) -> App | None:
    """Another entry that waits for a moderator under the same Android name."""
    rows = App.objects.defer(*INDEX).filter(package=package, stage=Stage.WAITING)
    return rows.exclude(pk=beside.pk).first() if package else None


class Version(NamedTuple):
    """A version that can be downloaded, as its entry's page shows it; named as in `Release`."""

    version_code: int
    version_name: str
    changelog: dict[str, str]
    size: int
    min_sdk: int
    native_abis: list[str]
    permissions: list[str]
    trackers: list[str]
    code_read: bool
    malware: str
    file_id: str
    published_at: datetime | None


class Shot(NamedTuple):
    """A picture that the public sees: its file, what it shows in words, width and height in pixels."""

    file: str
    alt: str
    width: int
    height: int


class Shown(NamedTuple):
    """An entry with its newest versions that can be downloaded, the newest first, its pictures in their order, and what
    is said about it (for `thread_from`)."""

    app: App
    versions: list[Version]
    shots: list[Shot]
    talk: str | None


THREADS = 6
"""What is said below an entry; more has a page of its own. On a slow line the entry itself comes first."""
_BESIDE: LiteralString = """
  (select json_agg(json_build_array(one.version_code, one.version_name, one.changelog, one.size, one.min_sdk,
                     one.native_abis, one.permissions, one.trackers, one.code_read, one.malware, one.file_id,
                     one.published_at) order by one.version_code desc)
     from (select * from store_release where app_id = store_app.id and step = 'published'
            order by version_code desc limit 5) one)::text,
  (select json_agg(json_build_array(shot.file_id, shot.alt, file.width, file.height) order by shot."order", shot.id)
     from store_screenshot shot join kernel_stored_file file on file.sha256 = shot.file_id
    where shot.app_id = store_app.id and shot.live)::text"""
_UNSHOWN = (
    *INDEX,
    *("language", "description", "release_address", "manifest", "signer", "answers", "pending", "trend"),
    *("owned_since", "made_at", "changed_at", "published_at", "updated_at"),
)
"""What an entry's page does not show: read when it is asked for."""


@cache
def _beside() -> LiteralString:
    talk = talk_beside("'app:' || store_app.id")
    return f"{_BESIDE}, {talk}"


def find_shown(actor: Actor, slug: str) -> Shown:
    """What an entry's page shows, in one query. `NotFound` also when the actor may not see it."""
    values = {"slug": slug, **talk_values(actor, THREADS)}
    found = read_beside(App, _beside(), "where slug = %(slug)s", values, without=_UNSHOWN)
    if not found or not may_see(actor, found[0][0]):
        raise NotFound
    app, (versions, shots, talk) = found[0]
    return Shown(
        app,
        [_version(*one) for one in json.loads(versions)] if versions and app.package else [],
        [Shot(*one) for one in json.loads(shots)] if shots else [],
        talk,
    )


def _version(*values: Any) -> Version:
    """A version as JSON holds it: moments are texts there."""
    published_at = values[-1]
    return Version._make((*values[:-1], datetime.fromisoformat(published_at) if published_at else None))


def list_releases(actor: Actor, app: App) -> list[Release]:
    """All versions, for those who work on the entry."""
    return list(app.releases.order_by("-version_code")) if may_see_inside(actor, app) else []


def find_release(actor: Actor, slug: str, version_code: int) -> tuple[App, Release]:
    """A version that the actor may download: a published one, or one of a draft that they work on or decide about."""
    app = find_app(actor, slug)
    release = app.releases.filter(version_code=version_code).first() if version_code < 2**63 else None
    if release is None or not ((release.step == Step.PUBLISHED and app.is_public) or may_see_inside(actor, app)):
        raise NotFound
    return app, release


def list_screenshots(actor: Actor, app: App) -> list[Screenshot]:
    """All pictures with those that wait, for those who work on the entry."""
    return list(app.screenshots.filter(goes=False)) if may_see_inside(actor, app) else []


def find_picture(actor: Actor, slug: str, sha256: str) -> str:
    """A picture of an entry (its icon or a screenshot) that the actor may see, by the name of its file."""
    app = find_app(actor, slug)
    inside = may_see_inside(actor, app)
    if sha256 == app.icon_id or (inside and sha256 == app.pending.get("icon_id")):
        return sha256
    rows = app.screenshots.filter(file=sha256)
    if not (rows if inside else rows.filter(live=True)).exists():
        raise NotFound
    return sha256


def next_order(app: App) -> int:
    """Where the next picture stands."""
    last = app.screenshots.order_by(F("order").desc()).values_list("order", flat=True).first()
    return 0 if last is None else last + 1
