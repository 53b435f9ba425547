"""What attackers send is refused with its reason, within 2 s of CPU and 300 MB, by a child that writes nothing."""

import json
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meydan.kernel.actor import Actor, Role
from meydan.kernel.config import config
from meydan.kernel.models import StoredFile
from meydan.site.guard import MAX_BODY_BYTES
from meydan.store import actions, api
from meydan.store.models import Kind, Release
from meydan.store.packages import Reason, Refused, child, read_package, require_signers
from meydan.store.packages.reading import COMMAND, START
from meydan.store.tests.apks import Plan, make_files, make_manifest, make_signer
from meydan.store.tests.cast import draft, make_developer
from meydan.store.tests.hostile import HOSTILE

MOST_SECONDS, MOST_KILOBYTES = 2.0, 300 * 1024
# The child says at its end what it took: its CPU, and its memory since it is a program of its own.
TELL = r"""; import time, re
peak = re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]
print(time.process_time(), peak, file=sys.stderr)"""
MEASURED = (*COMMAND[:-2], START + TELL, COMMAND[-1])


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 40
    never = {Reason.TOO_LARGE, Reason.OTHER_SIGNER, Reason.TOO_HEAVY}  # have tests of their own
    assert {reason for _make, reason in HOSTILE.values()} == set(Reason) - never


def test_each_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, in this process: no child has to start."""
    monkeypatch.setattr(child, "give_time", lambda *_seconds, **_most: None)
    for name, (make, reason) in HOSTILE.items():
        with tempfile.TemporaryFile() as file:
            file.write(make())
            file.flush()
            assert child.work(file.fileno())[0].get("refused") == reason, name


# A child takes a quarter of a second to start: half of them, and the heaviest, in each run; all in the long one.
HEAVIEST = ("a member that says 1 kB and is 1 GiB", "resources of 64 MB", "30,000 entries", "resources that fan out")
NAMES = [
    pytest.param(name, marks=[pytest.mark.long] if number % 2 and name not in HEAVIEST else [])
    for number, name in enumerate(HOSTILE)
]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_package_is_refused_within_bounds(name: str, tmp_path: Path) -> None:
    make, reason = HOSTILE[name]
    upload = tmp_path / "upload"
    upload.write_bytes(make())
    before = (upload.stat().st_size, upload.stat().st_mtime_ns)

    with upload.open("rb") as package:
        done = subprocess.run(MEASURED, stdin=package, capture_output=True, cwd=tmp_path, env={}, check=True)

    assert json.loads(done.stdout)["refused"] == reason
    seconds, kilobytes = done.stderr.split()  # and no complaint
    assert float(seconds) <= MOST_SECONDS
    assert int(kilobytes) <= MOST_KILOBYTES
    assert list(tmp_path.iterdir()) == [upload]
    assert (upload.stat().st_size, upload.stat().st_mtime_ns) == before


AT_THE_DOOR = ("a name that climbs", "another's certificate", "a picture in front")


@pytest.mark.django_db
@pytest.mark.parametrize("names", [AT_THE_DOOR, pytest.param(tuple(HOSTILE), marks=pytest.mark.long)], ids=len)
def test_the_store_keeps_nothing_of_them(
    names: tuple[str, ...], client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a program of its developer's sends them: each is answered with its reason, and no row and no file is left, not
    even for a while in a temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(api, "TRIES_PER_HOUR", len(names))
    app = draft(make_developer(), kind=Kind.ANDROID, address="")
    developer = Actor(person_id=app.owner_id, roles=frozenset({Role.DEVELOPER}))
    headers = {"Authorization": f"Bearer {actions.issue_token(developer, app.slug, name='CI')}"}
    before = kept()
    for name in names:
        make, reason = HOSTILE[name]
        body = make()
        refusal = (422, reason) if len(body) < MAX_BODY_BYTES else (413, "too_large")  # not taken in at all
        sent = {"package": SimpleUploadedFile("app.apk", body), "changelog": "Look inside"}
        answer = client.post("/api/apps/versions", sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == refusal, name
        assert list(tmp_path.iterdir()) == [], name
    assert kept() == before


def kept() -> tuple[set[str], int, list[Path]]:
    """What the store has: files by what they contain, versions, and what lies on the disk."""
    files = set(StoredFile.objects.values_list("sha256", flat=True))
    on_disk = sorted(path for path in (config().data / "files").rglob("*") if path.is_file())
    return files, Release.objects.count(), on_disk


def test_who_calls_is_told_the_reason_and_where(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(HOSTILE["a name that climbs"][0]())
    with pytest.raises(Refused) as refused:
        read_package(upload)
    assert refused.value.code == Reason.ESCAPING_NAME
    assert refused.value.detail == "../../evil"


def test_a_file_beyond_the_largest_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    with upload.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)  # takes no room on the disk
    with pytest.raises(Refused) as refused:
        read_package(upload)
    assert refused.value.code == Reason.TOO_LARGE


def test_a_package_signed_anew_by_another_is_refused_where_the_signer_is_known(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(Plan(make_files(make_manifest(version_code=8)), v2=(make_signer("other"),)).built())
    package = read_package(upload)
    require_signers(package, [make_signer("other").fingerprint.upper()])
    require_signers(package, [])
    with pytest.raises(Refused) as refused:
        require_signers(package, [make_signer().fingerprint])
    assert refused.value.code == Reason.OTHER_SIGNER
