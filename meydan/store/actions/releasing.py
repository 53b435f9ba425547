"""Versions of Android apps: what is uploaded is read in a bounded child process, and compared with what was before."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.facts import record
from meydan.kernel.fetch import fetch
from meydan.kernel.files import store_image, store_raw
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import ReleaseAdded, ReleasePublished, ReleaseWithdrawn
from meydan.store.models import (
    SENSITIVE,
    App,
    Concern,
    Kind,
    Release,
    Step,
    Token,
    senses_of,
    store_rules,
)
from meydan.store.packages import Package, Reason, Refused, read_package
from meydan.store.policies import may_change, may_upload, may_upload_by_token
from meydan.store.queries import digest_of, lock_app, lock_by_token

MEDIA_TYPE = "application/vnd.android.package-archive"
FETCH_SECONDS = 120.0
TOUCHED_EVERY = timedelta(minutes=1)


def read_upload(path: Path) -> Package:
    """What a package says, read in a bounded child process. `Invalid` by the field "package", with what is wrong."""
    if path.stat().st_size > store_rules().largest_mb * 1_000_000:
        sentence = _("This package is larger than %(most)s MB.") % {"most": store_rules().largest_mb}
        raise Invalid(fields={"package": sentence}, code="too_large")
    try:
        return read_package(path)
    except Refused as error:
        said = f"{sentence_of(error.code)} ({error})"
        raise Invalid(fields={"package": said}, code=str(error.code)) from error


@action_on(lock_app, policy=may_upload)
def add_release(actor: Actor, app: App, *, path: Path, package: Package, changelog: str = "") -> Release:
    """Add a version from the file at `path`, which `read_upload` has read. It is public at once where the app is and
    nothing in it matters; else a moderator looks first. `Invalid` or `Conflict` where it does not fit the app."""
    return _add(app, path, package, {actor.language: changelog} if changelog else {}, "form")


@action_on(lock_by_token, policy=may_upload_by_token)
def add_release_by_token(actor: Actor, app: App, *, path: Path, package: Package, changelog: str = "") -> Release:
    """The same, for a program: callers pass its token."""
    return _add(app, path, package, {app.language: changelog} if changelog else {}, "token")


def upload_by_token(actor: Actor, token: str, upload: "UploadedFile[Any] | None", *, changelog: str = "") -> Release:
    """A program's upload: its token is looked at before its file is. Raises as `add_release` does, and `NotFound` for
    a token that is none, or no longer."""
    with transaction.atomic():
        lock_by_token(actor, token)
    _touch(token)
    with on_disk(upload) as path:
        return add_release_by_token(actor, token, path=path, package=read_upload(path), changelog=changelog)


@contextmanager
def on_disk(upload: "UploadedFile[Any] | None") -> Iterator[Path]:
    """A file that came with a form, on disk for as long as it is read. `Invalid` (package) when there is none."""
    if upload is None:
        raise Invalid(fields={"package": _("Choose a package (APK).")})
    with NamedTemporaryFile(prefix="meydan-package-") as draft:
        for piece in upload.chunks():
            draft.write(piece)
        draft.flush()
        yield Path(draft.name)


def take_from_address(slug: str) -> Release | None:
    """Ask an entry's release address for its newest package, and add it; None when we have it already. Raises what
    `fetch` and `add_release` raise."""
    app = App.objects.defer("title_words", "body_words").get(slug=slug)
    body = fetch(app.release_address, max_bytes=store_rules().largest_mb * 1_000_000, timeout=FETCH_SECONDS).body
    if app.releases.filter(file=hashlib.sha256(body).hexdigest()).exists():
        return None
    with NamedTemporaryFile(prefix="meydan-package-") as draft:
        draft.write(body)
        draft.flush()
        path = Path(draft.name)
        return add_fetched_release(SYSTEM, slug, path=path, package=read_upload(path))


@action_on(lock_app, policy=may_upload)
def add_fetched_release(actor: Actor, app: App, *, path: Path, package: Package) -> Release:
    """Add a version that came from the entry's release address."""
    return _add(app, path, package, {}, "address")


def _touch(token: str) -> None:
    """Remember that a token was used, to the minute."""
    stale = now() - TOUCHED_EVERY
    rows = Token.objects.filter(digest=digest_of(token))
    rows.exclude(used_at__gt=stale).update(used_at=now())


def _add(app: App, path: Path, package: Package, changelog: Mapping[str, str], way: str) -> Release:
    _refuse_strangers(app, package)
    before = app.releases.exclude(step=Step.WITHDRAWN).order_by("-version_code").first()
    matters = concerns(before, package)
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
        permissions=[name[:200] for name in package.permissions],
        features=[name[:200] for name in package.features],
        native_abis=[name[:30] for name in package.native_abis],
        signers=list(package.signers),
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
    """One name and one signer for good; versions go up; a package is in the store once."""
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
    if App.objects.filter(package=package.application_id).exclude(pk=app.pk).exists():
        raise Conflict(_("This app has an entry in the store already. Ask its owner to take you into the team."))
    newest = app.releases.order_by("-version_code").values_list("version_code", flat=True).first()
    if newest is not None and package.version_code <= newest:
        sentence = _("The version code must be above %(newest)s, or no phone updates to it.")
        raise Invalid(fields={"package": sentence % {"newest": newest}}, code="old_version")


def concerns(before: Release | None, package: Package) -> list[Concern]:
    """What a moderator looks at in a version, compared with the one before."""
    if before is None:
        return [Concern.FIRST]
    had = set(senses_of(before.permissions))
    found = []
    if {sense for sense in senses_of(list(package.permissions)) if sense in SENSITIVE} - had:
        found.append(Concern.PERMISSIONS)
    if package.target_sdk < before.target_sdk:
        found.append(Concern.OLD_TARGET)
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


def sentence_of(reason: Reason) -> Sentence:
    """Why a package is refused, for its developer, who mends it with the code and the detail beside."""
    return next((sentence for sentence, reasons in _SENTENCES if reason in reasons), _DAMAGED)


_DAMAGED = _("This package is damaged, or made so that readers disagree about what is in it. Build it again.")
_SENTENCES: tuple[tuple[Sentence, frozenset[Reason]], ...] = (
    (_("This is not an Android package (APK)."), frozenset({Reason.NOT_A_PACKAGE, Reason.NO_MANIFEST})),
    (
        _("There is too much in this package, or it grows too large when it is unpacked."),
        frozenset(
            {
                Reason.TOO_LARGE,
                Reason.TOO_MANY_ENTRIES,
                Reason.BOMB,
                Reason.MANIFEST_TOO_LARGE,
                Reason.RESOURCES_TOO_LARGE,
                Reason.TOO_HEAVY,
            }
        ),
    ),
    (
        _("Names in this package hide something: they repeat, leave their folder, or look like others."),
        frozenset(
            {
                Reason.BAD_NAME,
                Reason.ESCAPING_NAME,
                Reason.DUPLICATE_NAME,
                Reason.LOOKALIKE_NAME,
                Reason.BAD_TEXT,
                Reason.BAD_APPLICATION_ID,
            }
        ),
    ),
    (
        _("This is a part of a package, or one for tests only. Upload a whole one that is meant for people."),
        frozenset({Reason.SPLIT, Reason.TEST_ONLY}),
    ),
    (_("This package has no version that a phone can compare."), frozenset({Reason.BAD_VERSION})),
    (
        _("This package is not signed, or only in the old way that lets others change it. Sign it with scheme v2."),
        frozenset({Reason.UNSIGNED, Reason.V1_ONLY, Reason.STRIPPED}),
    ),
    (
        _("More than one key has signed this package. Exactly one must."),
        frozenset({Reason.SEVERAL_SIGNERS, Reason.MIXED_SIGNERS}),
    ),
    (
        _("The signature of this package is wrong, or something was changed after it was signed."),
        frozenset(
            {
                Reason.BAD_SIGNING_BLOCK,
                Reason.UNKNOWN_ALGORITHM,
                Reason.WEAK_KEY,
                Reason.BAD_CERTIFICATE,
                Reason.BAD_SIGNATURE,
                Reason.CHANGED,
            }
        ),
    ),
    (
        _("Another key has signed this. An update needs the key of the first version."),
        frozenset({Reason.OTHER_SIGNER}),
    ),
)
