"""The city's F-Droid repository follows the store: what is published here, any F-Droid client installs and updates.

Only the worker holds the key. Files lie under `<data>/fdroid`; web processes serve them (`queries.fdroid`).
"""

import contextlib
import os
from collections.abc import Iterable

from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.files import open_file
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.models import StoredFile
from meydan.store.models import App, Category, Release, State, Step
from meydan.store.queries import find_holder
from meydan.store.queries.fdroid import address_file, repository_address, repository_folder
from meydan.store.repository import App as Shown
from meydan.store.repository import Category as ShownCategory
from meydan.store.repository import Description, Picture, Repository, SigningKey
from meydan.store.repository import Release as ShownRelease


def publish_all() -> int:
    """Write the whole repository; returns how many apps are in it."""
    repository = _repository()
    packages = repository.publish(_shown(App.objects.filter(state=State.PUBLISHED).exclude(package=""))).packages
    _note_address(repository)
    return packages


def publish_one(reference: str) -> None:
    """Have the repository follow one entry ("app:12"): new, changed or gone."""
    app = App.objects.filter(pk=int(reference.partition(":")[2])).exclude(package="").first()
    if app is None:
        return
    shown = list(_shown([app])) if app.is_public else []
    repository = _repository()
    gone = [] if shown or find_holder(app.package, beside=app) else [app.package]  # another entry may have its name now
    repository.publish_changes(shown, gone)
    _note_address(repository)


def _note_address(repository: Repository) -> None:
    """For web processes, which do not hold the key: the address with the fingerprint."""
    draft = address_file().with_name(".address")
    draft.write_text(repository.address, "ascii")
    os.replace(draft, address_file())


def _repository() -> Repository:
    name = {code: text for code, text in this_city().name.items() if code in LANGUAGES}
    about = Description(
        names=name,
        descriptions=name,
        address=repository_address(),
        site=f"{config().base_url}/apps/by-package/",
        categories=tuple(ShownCategory(key=one.code, names=one.name) for one in Category.objects.order_by("order")),
    )
    return Repository(repository_folder(), _key(), about)


def _key() -> SigningKey:
    """The repository's key, made on its first use; safe when two workers ask at once."""
    path = config().data / "secrets" / "fdroid.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"fdroid.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(SigningKey.make(this_city().name.get("en", "Meydan")).pem())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return SigningKey.load(path.read_bytes())


def _shown(apps: Iterable[App]) -> Iterable[Shown]:
    """Those with a version that can be downloaded, as the repository takes them."""
    for app in apps:
        releases = list(app.releases.filter(step=Step.PUBLISHED))
        if releases:
            yield _shown_app(app, releases)


def _shown_app(app: App, releases: list[Release]) -> Shown:
    return Shown(
        application_id=app.package,
        names=app.title,
        summaries=app.summary,
        descriptions=app.description,
        added=app.published_at or app.made_at,
        updated=app.updated_at or app.made_at,
        categories=(app.category_id,) if app.category_id else (),
        author=app.developer,
        site=app.address,
        source_code=app.source_address,
        licence=app.licence,
        icon=_picture(app.icon) if app.icon else None,
        screenshots={"en": shots} if (shots := _screenshots(app)) else {},
        releases=tuple(_shown_release(app, one) for one in releases),
    )


def _screenshots(app: App) -> tuple[Picture, ...]:
    return tuple(_picture(shot.file) for shot in app.screenshots.filter(live=True).select_related("file"))


def _shown_release(app: App, release: Release) -> ShownRelease:
    return ShownRelease(
        version_code=release.version_code,
        version_name=release.version_name,
        file_name=f"{app.package}_{release.version_code}.apk",
        sha256=release.file_id,
        size=release.size,
        added=release.published_at or release.added_at,
        min_sdk=release.min_sdk,
        target_sdk=release.target_sdk,
        max_sdk=release.max_sdk,
        signer=app.signer,
        permissions=tuple(release.permissions),
        permission_limits=release.permission_limits,
        features=tuple(release.features),
        native_abis=tuple(release.native_abis),
        whats_new=release.changelog,
    )


def _picture(file: StoredFile) -> Picture:
    def read() -> bytes:
        with open_file(file.sha256) as opened:
            return opened.read()

    return Picture(sha256=file.sha256, size=file.size, media_type=file.media_type, read=read)
