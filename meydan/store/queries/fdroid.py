"""The F-Droid repository as it is served: its files, and the packages of the versions in it."""

import re
from pathlib import Path

from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.store.models import App, Release, State, Step

PACKAGE_FILE = re.compile(r"([A-Za-z][A-Za-z0-9_.]{1,250})_(\d{1,18})\.apk")
MOST_PATH = 400


def repository_folder() -> Path:
    """Where the repository lies."""
    return config().data / "fdroid"


def repository_address() -> str:
    """Where clients find it, without the fingerprint."""
    return f"{config().base_url}/fdroid/repo"


def address_file() -> Path:
    """Where the worker notes the address with the fingerprint of its key."""
    return repository_folder() / "address"


def full_address() -> str:
    """The address with the fingerprint, as a client adds it; "" while nothing is published."""
    try:
        return address_file().read_text("ascii")
    except FileNotFoundError:
        return ""


def find_repository_file(path: str) -> Path:
    """A public file of the repository. `NotFound` for everything else, and for paths that lead elsewhere."""
    parts = path.split("/")
    if len(path) > MOST_PATH or not path.isprintable() or any(part.startswith(".") or not part for part in parts):
        raise NotFound
    found = (repository_folder() / "public").joinpath(*parts)
    if not found.is_file() or found.is_symlink():
        raise NotFound
    return found


def find_package(path: str) -> tuple[App, Release] | None:
    """The version whose package has this name in the repository; None for another kind of name. `NotFound` when it
    is not public."""
    match = PACKAGE_FILE.fullmatch(path)
    if match is None:
        return None
    rows = Release.objects.select_related("app").filter(step=Step.PUBLISHED, app__state=State.PUBLISHED)
    release = rows.filter(app__package=match[1], version_code=int(match[2])).first()
    if release is None:
        raise NotFound
    return release.app, release


def find_by_package(package: str) -> App:
    """The public entry of an Android app, by its name for Android."""
    app = App.objects.defer("title_words", "body_words").filter(package=package, state=State.PUBLISHED).first()
    if app is None or not package:
        raise NotFound
    return app
