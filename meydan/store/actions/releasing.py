"""Versions of Android apps: what is uploaded is looked into first (`looking`), and compared with what was before."""

import io
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.fetch import fetch_into
from meydan.kernel.files import store_image, store_raw
from meydan.store.actions.looking import Looked, look_into, on_disk
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import ReleaseAdded, ReleasePublished, ReleaseWithdrawn
from meydan.store.models import (
    SENSITIVE,
    App,
    Concern,
    Kind,
    Malware,
    Release,
    Step,
    Token,
    senses_of,
    store_rules,
)
from meydan.store.packages import Package
from meydan.store.policies import may_change, may_upload, may_upload_by_token
from meydan.store.queries import digest_of, find_holder, lock_app, lock_by_token

MEDIA_TYPE = "application/vnd.android.package-archive"
FETCH_SECONDS = 120.0
HELD = _(
    "This app has an entry in the store already. Ask its owner to take you into the team; if the name is yours, say on"
    " its page what is wrong with it, and moderators decide."
)
TOUCHED_EVERY = timedelta(minutes=1)


@action_on(lock_app, policy=may_upload)
def add_release(
    actor: Actor,
    app: App,
    *,
    path: Path,
    package: Package,
    malware: Malware = Malware.UNCHECKED,
    changelog: str = "",
) -> Release:
    """Add a version from the file at `path`, which `look_into` has read. It is public at once where the app is and
    nothing in it matters; else a moderator looks first. `Invalid` or `Conflict` where it does not fit the app."""
    return _add(app, path, Looked(package, malware), {actor.language: changelog} if changelog else {}, "form")


@action_on(lock_by_token, policy=may_upload_by_token)
def add_release_by_token(actor: Actor, app: App, *, path: Path, looked: Looked, changelog: str = "") -> Release:
    """The same, for a program: callers pass its token."""
    return _add(app, path, looked, {app.language: changelog} if changelog else {}, "token")


def upload_by_token(actor: Actor, token: str, upload: "UploadedFile[Any] | None", *, changelog: str = "") -> Release:
    """A program's upload: its token is looked at before its file is. Raises as `add_release` does, and `NotFound` for
    a token that is none, or no longer."""
    with transaction.atomic():
        lock_by_token(actor, token)
    _touch(token)
    with on_disk(upload) as path:
        return add_release_by_token(actor, token, path=path, looked=look_into(path), changelog=changelog)


def take_from_address(slug: str) -> Release | None:
    """Ask an entry's release address for its newest package, and add it; None when we have it already. Raises what
    `fetch` and `add_release` raise."""
    app = App.objects.defer("title_words", "body_words").get(slug=slug)
    most = store_rules().largest_mb * 1_000_000
    with NamedTemporaryFile(prefix="meydan-package-") as draft:
        taken = fetch_into(cast(BinaryIO, draft), app.release_address, max_bytes=most, timeout=FETCH_SECONDS)
        if app.releases.filter(file=taken.sha256).exists():
            return None
        draft.flush()
        path = Path(draft.name)
        return add_fetched_release(SYSTEM, slug, path=path, looked=look_into(path))


@action_on(lock_app, policy=may_upload)
def add_fetched_release(actor: Actor, app: App, *, path: Path, looked: Looked) -> Release:
    """Add a version that came from the entry's release address."""
    return _add(app, path, looked, {}, "address")


def _touch(token: str) -> None:
    """Remember that a token was used, to the minute."""
    stale = now() - TOUCHED_EVERY
    rows = Token.objects.filter(digest=digest_of(token))
    rows.exclude(used_at__gt=stale).update(used_at=now())


def _add(app: App, path: Path, looked: Looked, changelog: Mapping[str, str], way: str) -> Release:
    package = looked.package
    _refuse_strangers(app, package)
    before = app.releases.exclude(step=Step.WITHDRAWN).order_by("-version_code").first()
    matters = concerns(before, looked)
    with path.open("rb") as source:
        file = store_raw(
            source, sha256=package.sha256, size=package.size, media_type=MEDIA_TYPE, purpose="store_package"
        )
    waits = bool(matters) or not app.is_public
    release = Release(
        app=app,
        version_code=package.version_code,
        version_name=package.version_name[:80],
        changelog=dict(changelog),
        step=Step.READY if waits else Step.PUBLISHED,
        file=file,
        size=package.size,
        min_sdk=package.min_sdk,
        target_sdk=package.target_sdk,
        max_sdk=package.max_sdk,
        permissions=[name[:200] for name in package.permissions],
        permission_limits={name[:200]: level for name, level in package.permission_limits.items()},
        features=[name[:200] for name in package.features],
        native_abis=[name[:30] for name in package.native_abis],
        signers=list(package.signers),
        trackers=list(package.trackers),
        code_read=package.code_read,
        malware=looked.malware,
        scanned_at=None if looked.malware == Malware.UNCHECKED else now(),
        matters=[str(one) for one in matters],
        added_at=now(),
        published_at=None if waits else now(),
    )
    release.save()
    _take_over(app, package)
    if not waits:
        app.updated_at = now()
    keep(app)
    subject, persons, code = app.reference, persons_of(app), package.version_code
    record(ReleaseAdded(subject=subject, persons=persons, version_code=code, waits=waits, way=way))
    if not waits:
        record(ReleasePublished(subject=subject, persons=persons, version_code=code))
    return release


def _take_over(app: App, package: Package) -> None:
    """What the first version says of the app: its name for Android, who signs it, and its icon."""
    app.package, app.signer = package.application_id, package.signers[0]
    if app.icon_id is None and package.icon:
        app.icon = store_image(io.BytesIO(package.icon), purpose="store_icon")


def _refuse_strangers(app: App, package: Package) -> None:
    """One name and one signer for good; versions go up; a name is published once. A draft holds no name: who was first
    to be published does."""
    if app.kind != Kind.ANDROID:
        raise Invalid(fields={"package": _("Only Android apps have packages here.")})
    if app.package and app.package != package.application_id:
        sentence = _("This is another app: its name is %(name)s, and the one before was %(before)s.")
        raise Invalid(fields={"package": sentence % {"name": package.application_id, "before": app.package}})
    if app.signer and list(package.signers) != [app.signer]:
        raise Invalid(
            fields={"package": _("Another key has signed this. An update needs the key of the first version.")},
            code="other_signer",
        )
    if find_holder(package.application_id, beside=app):
        raise Conflict(HELD)
    newest = app.releases.order_by("-version_code").values_list("version_code", flat=True).first()
    if newest is not None and package.version_code <= newest:
        sentence = _("The version code must be above %(newest)s, or no phone updates to it.")
        raise Invalid(fields={"package": sentence % {"newest": newest}}, code="old_version")


def concerns(before: Release | None, looked: Looked) -> list[Concern]:
    """What a moderator looks at in a version, compared with the one before."""
    unscanned = [Concern.UNSCANNED] if looked.malware == Malware.UNANSWERED else []
    if before is None:
        return [Concern.FIRST, *unscanned]
    return [*_concerns_beside(before, looked.package), *unscanned]


def _concerns_beside(before: Release, package: Package) -> list[Concern]:
    had = set(senses_of(before.permissions))
    found = []
    if {sense for sense in senses_of(list(package.permissions)) if sense in SENSITIVE} - had:
        found.append(Concern.PERMISSIONS)
    if package.target_sdk < before.target_sdk:
        found.append(Concern.OLD_TARGET)
    if before.code_read and set(package.trackers) - set(before.trackers):
        found.append(Concern.TRACKERS)
    return found


@action_on(lock_app, policy=may_change)
def withdraw_release(actor: Actor, app: App, *, version_code: int) -> None:
    """Have a version downloaded no more: for one with a grave fault. Its number stays taken."""
    release = app.releases.filter(version_code=version_code).exclude(step=Step.WITHDRAWN).first()
    if release is None:
        raise Conflict
    release.step = Step.WITHDRAWN
    release.save(update_fields=["step"])
    keep(app)
    record(ReleaseWithdrawn(subject=app.reference, persons=persons_of(app), version_code=version_code))
