"""The F-Droid repository follows the store: published, changed and withdrawn entries, served with their packages."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meydan.store import actions
from meydan.store.actions import fdroid
from meydan.store.queries.fdroid import full_address, repository_folder
from meydan.store.repository import SigningKey
from meydan.store.tests.cast import make_developer
from meydan.store.tests.test_releases import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A quick key, and no repository left behind."""
    key = SigningKey.make("Casablanca", bits=2048)
    monkeypatch.setattr(fdroid, "_key", lambda: key)
    yield
    shutil.rmtree(repository_folder(), ignore_errors=True)


def packages(client: Client) -> dict[str, Any]:
    """What the index names."""
    answer = client.get("/fdroid/repo/index-v2.json")
    assert answer["Cache-Control"] == "public, no-cache"
    read: dict[str, Any] = json.loads(answer.getvalue())["packages"]
    return read


def test_it_follows_an_entry(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "app.apk"
    file.write_bytes(b"PK" + bytes(range(200)))
    developer = make_developer()
    internet = "android.permission.INTERNET"
    app = published(developer, file, max_sdk=35, permission_limits={internet: 30})
    assert full_address() == ""
    actions.publish_one(app.reference)
    shown = packages(client)
    assert list(shown) == ["ma.casa.bus"]
    (version,) = shown["ma.casa.bus"]["versions"].values()
    assert version["manifest"]["maxSdkVersion"] == 35
    assert version["manifest"]["usesPermission"] == [{"name": internet, "maxSdkVersion": 30}]
    assert client.get("/fdroid/repo/entry.jar").getvalue()[:2] == b"PK"
    assert client.get("/fdroid/repo/ma.casa.bus_1.apk").getvalue() == file.read_bytes()
    assert "?fingerprint=" in full_address()
    assert "<svg" in client.get("/apps/repository").content.decode()
    assert client.get("/apps/by-package/ma.casa.bus")["Location"] == f"/apps/{app.slug}"
    actions.withdraw_app(developer, app.slug)
    actions.publish_one(app.reference)
    assert packages(client) == {}
    assert client.get("/fdroid/repo/ma.casa.bus_1.apk").status_code == 404
    assert actions.publish_all() == 0
