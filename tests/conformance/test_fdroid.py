"""Judges that are not ours: F-Droid's own client in Python, Java's JAR tools and Android's apksigner, on real packages.

Each needs Java or a package registry, so they belong to the long run. What is judged in every run, with openssl:
meydan/store/tests/test_repository.py.
"""

import functools
import hashlib
import json
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bench.harness import virtual_environment
from bench.pages import cache
from meydan.kernel.actor import Actor, Role
from meydan.store import actions
from meydan.store.actions import fdroid
from meydan.store.models import SENSITIVE, Kind, senses_of
from meydan.store.models import App as StoreApp
from meydan.store.packages import Package, read_package
from meydan.store.queries.fdroid import repository_folder
from meydan.store.repository import App, Description, Picture, Release, Repository, SigningKey
from meydan.store.tests import apks
from meydan.store.tests.cast import agree, draft, hand_in, make_developer
from meydan.store.tests.hostile import HOSTILE

pytestmark = [pytest.mark.long, pytest.mark.fdroid]
HERE = Path(__file__).parent
# Harmless applications with free licences that lie in packages of npm: package, version, file, SHA-256 of the file.
REAL = {
    "demos": (
        "android-apidemos",
        "5.0.0",
        "ApiDemos-debug.apk",
        "5e59f42af4e89200fe33eb82a7c2a2a9224947a8aeb9af6e21b77d40827f7cbc",
    ),
    "settings": (
        "io.appium.settings",
        "8.0.9",
        "settings_apk-debug.apk",
        "bcfc5e6c2547d83beb3202c43c54cd0a0d3fe48511c87e43585db214259e11f8",
    ),
    "settings of another signer": (
        "io.appium.settings",
        "8.0.10",
        "settings_apk-debug.apk",
        "4c5d60ab5ae56502857dc625e1dde2996fa6d9e64c479bbce59214774e2129dd",
    ),
    "server": (
        "appium-uiautomator2-server",
        "10.6.4",
        "appium-uiautomator2-server-v10.6.4.apk",
        "49f6c1bfc15eb68c69050a8f608e2fed8d33c11ea19d7f77236b258eb4e09639",
    ),
    "newer server": (
        "appium-uiautomator2-server",
        "10.6.6",
        "appium-uiautomator2-server-v10.6.6.apk",
        "8ff760a2a86b487f53090fbdcd5b0360e67d02bb811887d527a9557b0d59c80d",
    ),
}
DEMOS, SETTINGS, SERVER = "io.appium.android.apis", "io.appium.settings", "io.appium.uiautomator2.server"


@functools.cache
def real_package(package: str, version: str, name: str, digest: str) -> Path:
    """The file out of the npm package, fetched once for this machine."""
    folder = cache() / "packages"
    kept = folder / f"{digest}.apk"
    if not kept.exists():
        npm = shutil.which("npm") or "npm"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True, capture_output=True)
        with tarfile.open(folder / f"{package}-{version}.tgz") as archive:
            inside = archive.extractfile(f"package/apks/{name}")
            assert inside
            kept.write_bytes(inside.read())
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest
    return kept


@functools.cache
def key() -> SigningKey:
    return SigningKey.make("A city", bits=2048)


def made_package(folder: Path, code: int) -> Path:
    path = folder / f"made{code}.apk"
    path.write_bytes(apks.make_apk(version_code=code, version_name=f"1.{code}"))
    return path


def app_of(packages: list[Package]) -> App:
    """The application of packages that were read; its versions."""
    now = datetime.now(UTC)
    newest = packages[-1]
    return App(
        application_id=newest.application_id,
        names=newest.labels,
        added=now,
        updated=now,
        icon=Picture.of(newest.icon) if newest.icon else None,
        releases=tuple(release_of(package, now) for package in packages),
    )


def release_of(package: Package, now: datetime) -> Release:
    return Release(
        version_code=package.version_code,
        version_name=package.version_name,
        file_name=f"{package.application_id}_{package.version_code}.apk",
        sha256=package.sha256,
        size=package.size,
        added=now,
        min_sdk=package.min_sdk,
        target_sdk=package.target_sdk,
        max_sdk=package.max_sdk,
        signer=package.signers[0],
        permissions=package.permissions,
        permission_limits=package.permission_limits,
        features=package.features,
        native_abis=package.native_abis,
    )


@contextmanager
def served(repository: Repository, files: dict[str, Path]) -> Iterator[str]:
    """The repository at an address of this machine, with the packages' files beside it."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/fdroid/repo/")
            found = files.get(path) or repository.find(path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(found.read_bytes() if found else b"")

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fdroid/repo"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def judged(address: str, fingerprint: str) -> dict[str, Any]:
    """What fdroidserver says of the repository."""
    python = virtual_environment(HERE / "requirements-fdroid.lock", cache() / "fdroid")
    command = [str(python), str(HERE / "fdroid_judge.py"), f"{address}?fingerprint={fingerprint}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_fdroids_own_client_takes_it_updates_it_and_refuses_a_changed_byte(tmp_path: Path) -> None:
    demos, settings, server, newer = (
        real_package(*REAL[name]) for name in ("demos", "settings", "server", "newer server")
    )
    made = [made_package(tmp_path, 1), made_package(tmp_path, 2)]
    files = {
        f"{read.application_id}_{read.version_code}.apk": path
        for path in (demos, settings, server, newer, *made)
        for read in (read_package(path),)
    }
    about = Description(names={"en": "City"}, descriptions={"en": "Apps"}, address="https://city.example/fdroid/repo")
    repository = Repository(tmp_path / "repository", key(), about)
    repository.publish([app_of([read_package(one)]) for one in (demos, settings, server, made[0])])
    with served(repository, files) as address:
        said = judged(address, key().fingerprint)
        assert said["packages"] == {DEMOS: [25], SETTINGS: [191], SERVER: [276], "org.example.buses": [1]}
        assert said["old"] == sorted(said["packages"])
        assert len(said["files"]) == 4
        assert all(said["files"].values())

        repository.publish_changes([app_of([read_package(one) for one in both]) for both in (made, (server, newer))])
        updated = judged(address, key().fingerprint)
        assert (updated["packages"]["org.example.buses"], updated["packages"][SERVER]) == ([2, 1], [278, 276])
        assert len(updated["files"]) == 6
        assert all(updated["files"].values())

        assert "fingerprint" in judged(address, "0" * 64)["refused"]
        for name in ("entry.jar", "index-v1.jar"):
            with_a_changed_byte(repository.public / name, lambda: judged(address, key().fingerprint))
        (index,) = repository.public.glob(f"index-v2.{newest(repository)}.json")
        with_a_changed_byte(index, lambda: judged(address, key().fingerprint))
        with_another_package(files, f"{SERVER}_278.apk", tmp_path, lambda: judged(address, key().fingerprint))
        assert all(judged(address, key().fingerprint)["files"].values())


def with_another_package(files: dict[str, Path], name: str, folder: Path, judge: Any) -> None:
    """The client finds that a package whose middle byte is another is not the one that the index says, and no other."""
    honest, files[name] = files[name], folder / "changed.apk"
    files[name].write_bytes(with_another_byte(honest.read_bytes()))
    assert [path for path, is_right in judge()["files"].items() if not is_right] == [f"/{name}"]
    files[name] = honest


def with_another_byte(body: bytes) -> bytes:
    """In its later middle."""
    middle = len(body) * 2 // 3
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


@pytest.mark.django_db
def test_a_real_update_comes_through_the_store_to_the_client(
    live_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer's program uploads two versions of a real application, a moderator agrees to the first, and the client
    finds both in the city's own repository. What another has signed, and what is damaged, is refused at the door."""
    monkeypatch.setattr(fdroid, "_key", key)
    repository = f"{live_address}/fdroid/repo"
    connection.cursor().execute("set local idle_in_transaction_session_timeout = 0")  # the client takes its time
    try:
        server, settings = (a_published_entry(live_address, name) for name in ("server", "settings"))
        said = judged(repository, key().fingerprint)
        assert said["packages"] == {SERVER: [276], SETTINGS: [191]}
        assert all(said["files"].values())

        update = real_package(*REAL["newer server"]).read_bytes()
        assert upload(live_address, server, with_another_byte(update)) == (422, "changed")
        other = real_package(*REAL["settings of another signer"]).read_bytes()
        assert upload(live_address, settings, other)[0] == 422
        assert upload(live_address, server, update) == (201, "published")  # nothing that matters has changed
        actions.publish_one(server.reference)
        said = judged(repository, key().fingerprint)
        assert said["packages"] == {SERVER: [278, 276], SETTINGS: [191]}
        assert all(said["files"].values())
    finally:
        shutil.rmtree(repository_folder(), ignore_errors=True)


def a_published_entry(address: str, name: str) -> StoreApp:
    """An entry with its first version, in the repository."""
    developer = make_developer(name)
    app = draft(developer, title=name, kind=Kind.ANDROID, address="")
    assert upload(address, app, real_package(*REAL[name]).read_bytes()) == (201, "ready")
    asked = {sense.value for sense in senses_of(app.releases.get().permissions) if sense in SENSITIVE}
    actions.explain_permissions(developer, app.slug, reasons=dict.fromkeys(asked, "To try other applications"))
    hand_in(developer, app)
    app = agree(app)
    actions.publish_one(app.reference)
    return app


def upload(address: str, app: StoreApp, body: bytes) -> tuple[int, str]:
    """As its developer's program does it: the status, and where the version stands or why it was refused."""
    token = actions.issue_token(Actor(person_id=app.owner_id, roles=frozenset({Role.DEVELOPER})), app.slug, name="CI")
    form = encode_multipart(BOUNDARY, {"package": SimpleUploadedFile("app.apk", body), "changelog": "Faster."})
    line = HTTPConnection(address.removeprefix("http://"), timeout=120)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": MULTIPART_CONTENT}
        line.request("POST", "/api/apps/versions", form, headers)
        answer = line.getresponse()
        said = json.loads(answer.read())
    finally:
        line.close()
    return answer.status, str(said.get("step") or said.get("code"))


def newest(repository: Repository) -> int:
    """The moment of the last publication."""
    moment: int = json.loads((repository.public / "entry.json").read_bytes())["timestamp"]
    return moment


def with_a_changed_byte(path: Path, judge: Any) -> None:
    """The client refuses the file when a byte in its middle is another; then it is as it was."""
    honest = path.read_bytes()
    path.write_bytes(with_another_byte(honest))
    assert "refused" in judge(), path.name
    path.write_bytes(honest)


def test_a_jar_of_ours_has_one_signer_for_java(tmp_path: Path) -> None:
    about = Description(names={"en": "City"}, descriptions={}, address="https://city.example/fdroid/repo")
    repository = Repository(tmp_path, key(), about)
    repository.publish([])
    done = subprocess.run(
        ["jarsigner", "-verify", "-verbose", "-certs", str(repository.public / "entry.jar")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "jar verified." in done.stdout
    files = 2  # the manifest and the entry: each is said to be signed, by one signer with one certificate
    assert done.stdout.count(">>> Signer") == done.stdout.count("X.509, CN=A city") == files


def test_what_we_take_apksigner_takes(tmp_path: Path) -> None:
    rsa = apks.make_signer("rsa", "rsa")
    made = {
        "ec": apks.make_apk(),
        "rsa": apks.Plan(apks.make_files(), v2=(rsa,), v3=(rsa,)).built(),
    }
    for name, body in made.items():
        path = tmp_path / f"{name}.apk"
        path.write_bytes(body)
        assert apksigner_takes(path)
        read_package(path)
    for one in REAL.values():
        assert apksigner_takes(real_package(*one))
        read_package(real_package(*one))


@pytest.mark.parametrize(
    "name",
    [
        "unsigned",
        "changed after it was signed",
        "a wrong signature",
        "another's certificate",
        "v2 of one and v3 of another",
        "v3 taken out",
        "an algorithm that nobody knows",
    ],
)
def test_what_apksigner_refuses_we_refuse(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.apk"
    path.write_bytes(HOSTILE[name][0]())
    assert not apksigner_takes(path)


def apksigner_takes(path: Path) -> bool:
    command = ["apksigner", "verify", "--min-sdk-version", "24", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
