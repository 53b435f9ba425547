"""The repository as files: all of it, or what changed.

A client fetches `entry.jar`, which names the index and the diffs by their hashes. Each of these has the moment of its
publication in its name and never changes, so it can be cached for ever, and whoever is just fetching the last one still
gets it; `entry.jar` is put in place last. `index-v2.json` lies beside for those that read it by this name.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from meydan.store.repository import forms
from meydan.store.repository.apps import App, Description, Picture
from meydan.store.repository.jar import Packed
from meydan.store.repository.key import SigningKey
from meydan.store.repository.state import State, opened

MAX_PATCHED = 500  # applications in a diff; beyond it the index itself is fetched
PICTURE_FOLDERS = ("icons", "*/*/phoneScreenshots")
BUFFER = 1024 * 1024
encode = msgspec.json.encode


class Named(TypedDict):
    """How the entry names a file."""

    name: str
    sha256: str
    size: int
    numPackages: int


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did: its moment (ms since 1970), the applications in it, and how many of them changed."""

    moment: int
    packages: int
    changed: int


class Repository:
    """A repository in a folder: `public` is to be served, beside it lies what it remembers.

    Nothing in `public` is secret. The packages themselves are not in it: whoever serves it answers
    `/<file_name>` of each release out of its own store.
    """

    def __init__(self, folder: Path, key: SigningKey, about: Description) -> None:
        self._folder = folder
        self._key = key
        self._about = about
        self._folders: set[Path] = set()
        self.public = folder / "public"

    @property
    def address(self) -> str:
        """For the QR code: a client that opens it adds the repository, and trusts this key only."""
        return f"{self._about.address}?fingerprint={self._key.fingerprint}"

    def find(self, path: str) -> Path | None:
        """The public file of a path as a client asks for it ("entry.jar", "icons/x.png"); None when there is none."""
        parts = path.split("/")
        if len(path) > 400 or not path.isprintable() or any(part.startswith(".") or not part for part in parts):
            return None
        found = self.public.joinpath(*parts)
        return found if found.is_file() and not found.is_symlink() else None

    def publish(self, apps: Iterable[App]) -> Published:
        """Write all of it: these applications, and no others. Pictures that nobody shows any more are deleted."""
        with self._opened() as state:
            gone = state.names()
            changed = 0
            for app in apps:
                gone.discard(app.application_id)
                changed += self._put(state, app)
            changed += sum(state.remove(name) for name in sorted(gone))
            published = self._write(state, changed)
            self._sweep(state)
        return published

    def publish_changes(self, changed: Iterable[App], removed: Iterable[str] = ()) -> Published | None:
        """Write what follows from these applications being new or other than before, and from those (by their id)
        being gone; None when nothing follows from it."""
        with self._opened() as state:
            count = sum(self._put(state, app) for app in changed) + sum(state.remove(name) for name in removed)
            return self._write(state, count) if count else None

    def _opened(self) -> AbstractContextManager[State]:
        self.public.mkdir(parents=True, exist_ok=True)
        return opened(self._folder / "state.sqlite3")

    def _put(self, state: State, app: App) -> bool:
        pictures = _pictures_of(app)
        for path, picture in pictures.items():
            self._keep(path, picture)
        written = (encode(forms.package_v2(app)), encode(forms.app_v1(app)), encode(forms.packages_v1(app)))
        return state.put(app.application_id, written, list(pictures))

    def _keep(self, path: str, picture: Picture) -> None:
        target = self.public / path
        if target.exists() and target.stat().st_size == picture.size:
            return
        body = picture.read()
        if hashlib.sha256(body).hexdigest() != picture.sha256:
            raise ValueError(f"{path}: not the picture that was announced")
        self._replace(path, [body])

    def _replace(self, path: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Put a file in place at once: nobody sees half of it. Gives its SHA-256 and size."""
        target = self.public / path
        if target.parent not in self._folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        part = target.with_name(f".{target.name}.part")
        digest, size = hashlib.sha256(), 0
        with part.open("wb", BUFFER) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        os.replace(part, target)
        return digest.hexdigest(), size

    def _write(self, state: State, changed: int) -> Published:
        """Index and diffs first, then what names them."""
        previous = state.last
        moment = max(int(time.time() * 1000), previous + 1)
        if self._about.icon:
            self._keep(forms.icon_path(self._about.icon), self._about.icon)
        repo = encode(forms.repo_v2(self._about, moment))
        state.publish(moment, repo)
        index = self._put_in_place(f"index-v2.{moment}.json", _index_v2(state, repo), state.count())
        entry: dict[str, Any] = {"timestamp": moment, "version": forms.VERSION, "index": index}
        entry["diffs"] = self._write_diffs(state, moment, repo, index["size"] // 2)
        self._link(f"index-v2.{moment}.json", "index-v2.json")
        old = Packed.of(_index_v1(state, encode(forms.repo_v1(self._about, moment))), "SHA1")
        self._replace("index-v1.jar", [self._key.signed_jar("index-v1.json", old, "SHA1")])
        self._replace("entry.json", [encode(entry)])
        self._replace("entry.jar", [self._key.signed_jar("entry.json", Packed.of([encode(entry)]))])
        self._drop_all_but(moment, previous)
        return Published(moment, index["numPackages"], changed)

    def _write_diffs(self, state: State, moment: int, repo: bytes, most: int) -> dict[str, Named]:
        """A diff from each of the last publications, where it is much smaller than the index."""
        found = {}
        for since, old_repo in state.publications():
            before = state.since(since)
            if len(before) > MAX_PATCHED:
                break  # the older ones have as much or more
            diff = _diff(state, before, old_repo, repo)
            if len(diff) <= most:
                found[str(since)] = self._put_in_place(f"diff/{since}-{moment}.json", [diff], len(before))
        return found

    def _put_in_place(self, path: str, pieces: Iterable[bytes], packages: int) -> Named:
        """Write the file; how the entry names it."""
        digest, size = self._replace(path, pieces)
        return {"name": f"/{path}", "sha256": digest, "size": size, "numPackages": packages}

    def _link(self, path: str, name: str) -> None:
        """The same file by another name."""
        part = self.public / f".{name}.part"
        part.unlink(missing_ok=True)
        os.link(self.public / path, part)
        os.replace(part, self.public / name)

    def _drop_all_but(self, *moments: int) -> None:
        """Delete the indexes and diffs of other publications than these: nobody is fetching them any more."""
        ends = tuple(f"{moment}.json" for moment in moments)
        for pattern in ("index-v2.*.json", "diff/*.json"):
            for path in self.public.glob(pattern):
                if not path.name.endswith(ends):
                    path.unlink(missing_ok=True)

    def _sweep(self, state: State) -> None:
        """Delete the pictures that nothing shows any more."""
        kept = state.pictures() | ({forms.icon_path(self._about.icon)} if self._about.icon else set())
        for pattern in PICTURE_FOLDERS:
            for path in self.public.glob(f"{pattern}/*"):
                if str(path.relative_to(self.public)) not in kept:
                    path.unlink(missing_ok=True)


def _pictures_of(app: App) -> dict[str, Picture]:
    """An application's pictures by their paths."""
    pictures = {forms.icon_path(app.icon): app.icon} if app.icon else {}
    for language, shots in app.screenshots.items():
        pictures |= {forms.screenshot_path(app, language, picture): picture for picture in shots}
    return pictures


def _index_v2(state: State, repo: bytes) -> Iterator[bytes]:
    yield b'{"repo":%b,"packages":{' % repo
    comma = b""
    for name, package in state.apps():
        yield b'%b"%b":' % (comma, name.encode())
        yield package
        comma = b","
    yield b"}}"


def _index_v1(state: State, repo: bytes) -> Iterator[bytes]:
    """The index for old clients."""
    yield b'{"repo":%b,"requests":{"install":[],"uninstall":[]},"apps":[' % repo
    comma = b""
    for (app,) in state.old_apps():
        yield comma + app
        comma = b","
    yield b'],"packages":{'
    comma = b""
    for name, packages in state.old_packages():
        yield b'%b"%b":%b' % (comma, name.encode(), packages)
        comma = b","
    yield b"}}"


def _diff(state: State, before: dict[str, bytes | None], old_repo: bytes, repo: bytes) -> bytes:
    """What a client that has the old index does to have the new one."""
    packages = {}
    for name, was in sorted(before.items()):
        now = state.app(name)
        if now != was:
            packages[name] = forms.merge_patch(_decoded(was), _decoded(now))
    return encode({"repo": forms.merge_patch(_decoded(old_repo), _decoded(repo)), "packages": packages})


def _decoded(written: bytes | None) -> object:
    return msgspec.json.decode(written) if written else None
