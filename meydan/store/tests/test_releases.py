"""Versions of Android apps: what a package must be to follow the one before, and downloads that go on."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.store import actions
from meydan.store.actions import looking
from meydan.store.models import App, Concern, Kind, Malware, Release, Stage, State, Step
from meydan.store.packages import Package, Reason, Refused
from meydan.store.queries import Version, check_app, faults_in, find_release, find_shown
from meydan.store.tests.cast import agree, draft, hand_in, make_developer

pytestmark = pytest.mark.django_db
KEY, OTHER_KEY = "a" * 64, "b" * 64


def package(body: bytes, **values: Any) -> Package:
    """What is read from a package with these bytes."""
    values_of_it = {
        "application_id": "ma.casa.bus",
        "version_code": 1,
        "version_name": "1.0",
        "labels": {"": "Casa Bus"},
        "min_sdk": 23,
        "target_sdk": 34,
        "max_sdk": None,
        "permissions": ("android.permission.INTERNET",),
        "permission_limits": {},
        "features": (),
        "native_abis": (),
        "debuggable": False,
        "signers": (KEY,),
        "schemes": ("v2",),
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "icon": None,
    }
    return Package(**{**values_of_it, **values})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "app.apk"
    path.write_bytes(b"PK" + bytes(range(200)) * 5)
    yield path


def add(developer: Actor, app: App, path: Path, *, malware: Malware = Malware.UNCHECKED, **values: Any) -> Release:
    body = path.read_bytes()
    return actions.add_release(developer, app.slug, path=path, package=package(body, **values), malware=malware)


def published(developer: Actor, path: Path, **values: Any) -> App:
    app = draft(developer, kind=Kind.ANDROID, address="")
    add(developer, app, path, **values)
    hand_in(developer, app)
    return agree(app)


def test_the_first_version_waits_for_a_moderator_and_the_next_one_does_not(file: Path) -> None:
    developer = make_developer()
    app = published(developer, file)
    assert (app.package, app.signer) == ("ma.casa.bus", KEY)
    assert [one.step for one in app.releases.all()] == [Step.PUBLISHED]
    assert add(developer, app, file, version_code=2).step == Step.PUBLISHED


def test_new_sensitive_permissions_are_looked_at(file: Path) -> None:
    developer = make_developer()
    app = published(developer, file)
    bold = ("android.permission.CAMERA", "android.permission.INTERNET")
    release = add(developer, app, file, version_code=2, permissions=bold)
    assert (release.step, release.matters) == (Step.READY, [Concern.PERMISSIONS])
    with pytest.raises(Invalid):
        hand_in(developer, app)  # without a reason
    actions.explain_permissions(developer, app.slug, reasons={"camera": "To scan the ticket"})
    hand_in(developer, app)
    agree(app)
    assert add(developer, app, file, version_code=3, permissions=bold).step == Step.PUBLISHED
    older = add(developer, app, file, version_code=4, permissions=bold, target_sdk=26)
    assert older.matters == [Concern.OLD_TARGET]


@pytest.mark.parametrize(
    "values",
    [
        {"signers": (OTHER_KEY,), "version_code": 2},
        {"version_code": 1},
        {"application_id": "ma.other", "version_code": 2},
    ],
)
def test_a_version_that_does_not_follow_is_refused(file: Path, values: dict[str, Any]) -> None:
    developer = make_developer()
    app = published(developer, file)
    with pytest.raises(Invalid) as refusal:
        add(developer, app, file, **values)
    assert set(refusal.value.fields) == {"package"}
    assert app.releases.count() == 1


def test_a_package_is_in_the_store_once(file: Path) -> None:
    published(make_developer(), file)
    other = make_developer("otto")
    app = draft(other, title="Copy", kind=Kind.ANDROID, address="")
    with pytest.raises(Conflict):
        add(other, app, file)


def test_a_draft_holds_no_name_and_who_is_published_first_does(file: Path) -> None:
    first, second = make_developer(), make_developer("otto")
    apps = [draft(one, title=one.name, kind=Kind.ANDROID, address="") for one in (first, second)]
    for developer, app in zip((first, second), apps, strict=True):
        add(developer, app, file)  # both of them: a draft reserves nothing
        hand_in(developer, App.objects.get(pk=app.pk))
    assert "name" in {one.code for one in check_app(App.objects.get(pk=apps[0].pk))}
    assert agree(apps[1]).state == State.PUBLISHED
    late = agree(apps[0])
    assert (late.state, late.stage) == (State.DRAFT, Stage.SENT_BACK)
    assert [one.code for one in faults_in(late)] == ["name"]
    with transaction.atomic():
        actions.take_app_off(SYSTEM, apps[1].reference, decision=1)  # a moderator finds that the name was not theirs
    hand_in(first, App.objects.get(pk=late.pk))
    assert agree(late).state == State.PUBLISHED
    with transaction.atomic():
        actions.put_app_back(SYSTEM, apps[1].reference)
    assert App.objects.get(pk=apps[1].pk).state == State.DRAFT


def test_a_download_is_everybodys_and_goes_on(file: Path, client: Client) -> None:
    body = file.read_bytes()
    app = published(make_developer(), file)
    address = f"/apps/{app.slug}/versions/1"
    whole = client.get(address)
    assert whole.getvalue() == body
    assert whole["Content-Type"] == actions.MEDIA_TYPE
    assert whole["Content-Disposition"] == 'attachment; filename="ma.casa.bus_1.apk"'
    assert whole["X-Content-Type-Options"] == "nosniff"
    rest = client.get(address, HTTP_RANGE="bytes=100-", HTTP_IF_RANGE=whole["ETag"])
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 100-{len(body) - 1}/{len(body)}")
    assert rest.getvalue() == body[100:]
    assert client.get(address, HTTP_RANGE="bytes=100-", HTTP_IF_RANGE='"other"').getvalue() == body
    assert client.get(address, HTTP_RANGE="bytes=-5").getvalue() == body[-5:]
    assert client.get(address, HTTP_RANGE=f"bytes={len(body)}-").status_code == 416
    actions.refresh_trends()
    assert App.objects.get().downloads == 1


def test_what_is_not_public_is_not_downloaded(file: Path) -> None:
    developer = make_developer()
    app = published(developer, file)
    add(developer, app, file, version_code=2, target_sdk=26)
    assert find_release(developer, app.slug, 2)
    with pytest.raises(NotFound):
        find_release(VISITOR, app.slug, 2)
    actions.withdraw_release(developer, app.slug, version_code=1)
    with pytest.raises(NotFound):
        find_release(VISITOR, app.slug, 1)


def test_a_package_that_is_none_is_refused_with_its_reason(client: Client, file: Path) -> None:
    for reason in Reason:
        assert str(looking.sentence_of(reason))
    with pytest.raises(Invalid) as refusal:
        actions.read_upload(file)
    assert "package" in refusal.value.fields


def test_a_program_uploads_with_a_token_and_nothing_else(
    client: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    developer = make_developer()
    app = published(developer, file)
    token = actions.issue_token(developer, app.slug, name="CI")
    body = file.read_bytes()
    monkeypatch.setattr(looking, "read_package", lambda path: package(body, version_code=2))

    def send(bearer: str) -> int:
        upload = SimpleUploadedFile("app.apk", body)
        headers = {"Authorization": f"Bearer {bearer}"}
        return client.post("/api/apps/versions", {"package": upload}, headers=headers).status_code

    assert client.post("/api/apps/versions").status_code == 401
    assert send("wrong") == 404
    assert send(token) == 201
    assert App.objects.get().releases.count() == 2
    actions.revoke_token(developer, app.slug, token=app.tokens.get().pk)
    assert send(token) == 404


def test_a_refusal_of_the_reader_is_the_packages_fault(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Package:
        raise Refused(Reason.V1_ONLY, "CERT.RSA")

    monkeypatch.setattr(looking, "read_package", refuse)
    with pytest.raises(Invalid) as refusal:
        actions.read_upload(file)
    assert (refusal.value.code, "CERT.RSA" in str(refusal.value.fields["package"])) == ("v1_only", True)


def test_an_entry_shows_its_newest_published_versions_as_they_are_kept(file: Path) -> None:
    developer = make_developer()
    app = published(developer, file, version_name='1 "first" é', native_abis=("arm64-v8a",))
    for code in range(2, 8):
        add(developer, app, file, version_code=code)
    actions.withdraw_release(developer, app.slug, version_code=6)
    shown = find_shown(VISITOR, app.slug)
    rows = list(app.releases.filter(step=Step.PUBLISHED).order_by("-version_code"))
    for version, row in zip(shown.versions, rows[:5], strict=True):
        assert version == Version(*(getattr(row, name) for name in Version._fields))
    assert [one.file for one in shown.shots] == [one.file_id for one in app.screenshots.filter(live=True)]
    assert (shown.app.title, shown.app.package, shown.app.signer) == (app.title, app.package, app.signer)
    actions.withdraw_app(developer, app.slug)
    with pytest.raises(NotFound):
        find_shown(VISITOR, app.slug)
    assert find_shown(developer, app.slug).app == app
