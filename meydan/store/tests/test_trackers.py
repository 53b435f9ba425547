"""Trackers are found by the names in a package's code; what cannot be read is said to be unread."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from meydan.store.models import Concern, Step
from meydan.store.packages import TRACKERS, read_package
from meydan.store.packages.code import Unreadable, packages_in
from meydan.store.packages.trackers import find_trackers
from meydan.store.queries import Level, check_app
from meydan.store.tests.apks import File, dex, make_plan, without
from meydan.store.tests.cast import make_developer
from meydan.store.tests.test_releases import add, published


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "app.apk"
    path.write_bytes(b"PK" + bytes(range(200)) * 5)
    yield path


def read(folder: Path, *files: File) -> tuple[tuple[str, ...], bool]:
    """What is found in a package with these files of code."""
    plan = make_plan()
    if files:
        plan = replace(plan, files=(*without(plan, "classes.dex").files, *files))
    path = folder / "app.apk"
    path.write_bytes(plan.built())
    package = read_package(path)
    return package.trackers, package.code_read


def test_an_honest_package_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ((), True)


def test_trackers_are_found_in_every_file_of_code(tmp_path: Path) -> None:
    first = dex("org/example/Main", "com/google/firebase/analytics/FirebaseAnalytics")
    second = dex("com/adjust/sdk/internal/Clock", "com/facebook/appevents/AppEventsLogger")
    found = read(tmp_path, File("classes.dex", first), File("classes2.dex", second))
    assert found == (("adjust", "facebook_events", "firebase_analytics"), True)


def test_names_that_only_begin_alike_are_none() -> None:
    assert (
        find_trackers({"com/adjustable/sdk", "com/facebook", "io/sentryhouse", "org/example/com/adjust/sdk"}) == set()
    )
    assert find_trackers({"io/sentry"}) == {"sentry"}


@pytest.mark.parametrize(
    "broken",
    [
        dex("a/B", version=b"041"),
        dex("a/B")[:0x60] + struct.pack("<2I", 60_000, 0x70) + dex("a/B")[0x68:],
        dex("a/B")[:0x60] + struct.pack("<2I", 2**32 - 1, 0) + dex("a/B")[0x68:],
        dex("a/B")[:0x38] + struct.pack("<2I", 1, 2**32 - 1) + dex("a/B")[0x40:],
        dex("a/B")[:-6],
        b"dex\n035\0" + b"\7" * 400,
        b"dex\n035\0",
    ],
    ids=["unknown version", "too many classes", "more than there can be", "strings elsewhere", "cut", "noise", "short"],
)
def test_code_that_cannot_be_read_is_said_to_be_unread(broken: bytes) -> None:
    with pytest.raises(Unreadable):
        packages_in(broken)


def test_what_is_found_in_readable_code_is_told_beside_unread_code(tmp_path: Path) -> None:
    files = [File("classes2.dex", dex("io/sentry/Hub")), File("classes3.dex", b"dex\n099\0" + bytes(200))]
    assert read(tmp_path, *files) == (("sentry",), False)


def test_every_tracker_is_listed_once() -> None:
    packages = [package for one in TRACKERS.values() for package in one.packages]
    assert len(packages) == len(set(packages)) > 70
    assert all(package == package.strip("/") and package.count("/") >= 1 for package in packages)


@pytest.mark.django_db
def test_the_page_and_the_developer_are_told_in_plain_words(client: Client, file: Path) -> None:
    developer = make_developer()
    app = published(developer, file, trackers=("firebase_analytics",), code_read=True)
    page = client.get(f"/apps/{app.slug}").content.decode()
    assert "Google Firebase Analytics" in page
    assert "measures how you use the app" in page
    assert "Not checked for malware" in page
    told = {one.code: one for one in check_app(app)}["trackers"]
    assert (told.level, "Google Firebase Analytics" in str(told.text)) == (Level.NOTE, True)
    version = client.get(f"/api/apps/{app.slug}").json()["versions"][0]
    assert (version["trackers"], version["malware"]) == (["firebase_analytics"], "unchecked")


@pytest.mark.django_db
def test_a_version_that_brings_new_trackers_is_looked_at(file: Path) -> None:
    developer = make_developer()
    app = published(developer, file, trackers=("sentry",), code_read=True)
    assert add(developer, app, file, version_code=2, trackers=("sentry",), code_read=True).matters == []
    bold = add(developer, app, file, version_code=3, trackers=("sentry", "admob"), code_read=True)
    assert (bold.step, bold.matters) == (Step.READY, [str(Concern.TRACKERS)])


@pytest.mark.django_db
def test_code_that_nobody_could_read_is_called_so(client: Client, file: Path) -> None:
    app = published(make_developer(), file)
    assert "could not be looked through" in client.get(f"/apps/{app.slug}").content.decode()
    assert {one.code: one.level for one in check_app(app)}["code"] is Level.WARNING
