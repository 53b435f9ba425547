"""The city's F-Droid repository: a client that trusts its fingerprint takes it, and refuses it when a byte changes."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from meydan.store.repository import Picture, Repository, SigningKey
from meydan.store.tests import repositories
from meydan.store.tests.repositories import Untrusted, fetched_from, make_app, make_key, make_repository

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl judges the signatures")
TRUSTED = make_key().fingerprint


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "repository")


def index_of(repository: Repository, tmp_path: Path) -> dict[str, dict[str, object]]:
    return repositories.read_index(fetched_from(repository), tmp_path, TRUSTED)


def test_a_client_finds_an_application_with_all_it_needs(repository: Repository, tmp_path: Path) -> None:
    published = repository.publish([make_app("org.example.buses", 1, 2)])
    index = index_of(repository, tmp_path)
    assert (published.packages, published.changed) == (1, 1)
    assert index["repo"]["timestamp"] == published.moment
    assert index["repo"]["name"] == {"en-US": "City apps", "ar": "تطبيقات المدينة"}
    assert index["repo"]["categories"] == {"transport": {"name": {"en-US": "Transport", "ar": "النقل"}}}
    package = repositories.patched({}, index["packages"]["org.example.buses"])
    assert package["metadata"]["name"] == {"ar": "حافلات", "en-US": "Buses"}
    assert package["metadata"]["description"] == {"en-US": "Lines &amp; &lt;stops&gt;"}
    newest = next(iter(package["versions"].values()))
    assert newest["file"]["name"] == "/org.example.buses_2.apk"
    assert newest["manifest"]["usesSdk"] == {"minSdkVersion": 24, "targetSdkVersion": 34}
    assert newest["manifest"]["signer"] == {"sha256": ["ab" * 32]}
    assert newest["manifest"]["usesPermission"][0] == {"name": "android.permission.BLUETOOTH", "maxSdkVersion": 30}
    for picture in (package["metadata"]["icon"]["en-US"], package["metadata"]["screenshots"]["phone"]["en-US"][0]):
        assert len(fetched_from(repository)(picture["name"])) == picture["size"]


def test_an_old_client_finds_it_too(repository: Repository, tmp_path: Path) -> None:
    repository.publish([make_app("org.example.buses", 1, 12)])
    index = repositories.read_old_index(fetched_from(repository), tmp_path, TRUSTED)
    (app,) = index["apps"]
    assert app["suggestedVersionCode"] == "12"
    assert app["localized"]["en-US"]["phoneScreenshots"]
    assert [one["versionCode"] for one in index["packages"]["org.example.buses"]] == [12, 1]
    assert index["packages"]["org.example.buses"][0]["uses-permission"] == [
        ["android.permission.BLUETOOTH", 30],
        ["android.permission.INTERNET", None],
    ]


def test_an_update_reaches_a_client_by_a_small_diff(repository: Repository, tmp_path: Path) -> None:
    others = [make_app(f"org.example.other{number}") for number in range(20)]
    repository.publish([make_app("org.example.buses", 1), *others])
    known = index_of(repository, tmp_path)
    for code in (2, 3):
        repository.publish_changes([make_app("org.example.buses", *range(1, code + 1))])
    repository.publish_changes([], ["org.example.other7"])
    now = index_of(repository, tmp_path)
    assert len(now["packages"]) == 20
    assert repositories.updated(fetched_from(repository), tmp_path, TRUSTED, known) == now
    entry = repositories.read_entry(fetched_from(repository), tmp_path, TRUSTED)
    assert len(entry["diffs"]) == 3
    assert max(diff["size"] for diff in entry["diffs"].values()) < entry["index"]["size"] / 5


def test_a_whole_publication_takes_out_what_is_not_in_it(repository: Repository, tmp_path: Path) -> None:
    shown = make_app("org.example.gone")
    repository.publish([make_app(), shown])
    known = index_of(repository, tmp_path)
    assert shown.icon
    icon = repository.public / "icons" / shown.icon.file_name
    assert icon.exists()
    repository.publish([make_app(summary="Another")])
    assert list(index_of(repository, tmp_path)["packages"]) == ["org.example.buses"]
    assert index_of(repository, tmp_path) != known
    assert not icon.exists()
    assert repository.find("icons/" + Picture.of(b"the city's icon").file_name)


def test_nothing_is_published_when_nothing_changed(repository: Repository) -> None:
    repository.publish([make_app()])
    before = (repository.public / "entry.jar").read_bytes()
    assert repository.publish_changes([make_app()], ["org.example.unknown"]) is None
    assert (repository.public / "entry.jar").read_bytes() == before


def test_moments_grow_even_when_the_clock_goes_back(repository: Repository) -> None:
    moments = [repository.publish([make_app("org.example.buses", code)]).moment for code in (1, 2)]
    with mock.patch("time.time", return_value=1.0):
        moments.append(repository.publish([make_app("org.example.buses", 3)]).moment)
    assert moments == sorted(set(moments))


def test_of_old_indexes_only_the_last_is_kept(repository: Repository) -> None:
    for code in range(1, 15):
        repository.publish([make_app("org.example.buses", code), make_app("org.example.other")])
    assert len(list(repository.public.glob("index-v2.*.json"))) == 2
    assert len(list(repository.public.glob("diff/*.json"))) <= 20


def flipped(jar: bytes) -> Iterator[bytes]:
    """The JAR with one byte other than it was, at places all over it."""
    for at in range(0, len(jar), max(1, len(jar) // 25)):
        yield jar[:at] + bytes([jar[at] ^ 0x55]) + jar[at + 1 :]


def test_a_changed_byte_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.publish([make_app()])
    honest = repositories.read_entry(fetched_from(repository), tmp_path, TRUSTED)
    jar = (repository.public / "entry.jar").read_bytes()
    for changed in flipped(jar):
        try:
            said = repositories.read_entry(lambda path, jar=changed: jar, tmp_path, TRUSTED)  # type: ignore[misc]  # bound
        except Untrusted:
            continue
        assert said == honest  # a byte that means nothing: a date, a padding
    index = repository.public / str(honest["index"]["name"]).removeprefix("/")
    index.write_bytes(index.read_bytes().replace(b"Buses", b"Busez", 1))
    with pytest.raises(Untrusted, match="not what the entry says"):
        index_of(repository, tmp_path)


def test_another_key_is_refused(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", make_key("thief"))
    repository.publish([make_app()])
    with pytest.raises(Untrusted, match="another signer"):
        index_of(repository, tmp_path)


def test_a_key_can_be_kept_and_loaded(tmp_path: Path) -> None:
    key = SigningKey.load(make_key().pem())
    assert key.fingerprint == TRUSTED
    assert make_repository(tmp_path, key).address == f"{repositories.ADDRESS}?fingerprint={TRUSTED}"
    wrong = (
        make_key().pem().split(b"-----BEGIN CERT")[0]
        + b"-----BEGIN CERT"
        + make_key("thief").pem().split(b"-----BEGIN CERT")[1]
    )
    with pytest.raises(ValueError, match="not an RSA key"):
        SigningKey.load(wrong)


@pytest.mark.parametrize(
    "path",
    ["../state.sqlite3", "..", "/etc/passwd", "", "icons", "icons/../entry.jar", ".entry.jar.part", "a\0b", "x" * 500],
)
def test_only_what_is_public_is_found(path: str, repository: Repository) -> None:
    repository.publish([make_app()])
    assert repository.find(path) is None
    assert repository.find("entry.jar")


def test_a_picture_that_is_another_than_announced_is_not_published(repository: Repository) -> None:
    repository.publish([make_app()])
    icon = replace(Picture.of(b"announced"), read=lambda: b"something else")
    with pytest.raises(ValueError, match="not the picture"):
        repository.publish_changes([replace(make_app("org.example.other"), icon=icon)])
    assert repository.publish_changes([make_app()]) is None  # and nothing of it is kept
