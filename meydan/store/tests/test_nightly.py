"""Every night the newest package is asked for where its developer keeps it: streamed to disk, with a bound."""

import ipaddress
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest

from meydan.kernel import fetch
from meydan.kernel.errors import Invalid, TooLarge
from meydan.kernel.tests.test_fetch import server
from meydan.store import actions
from meydan.store.actions import releasing
from meydan.store.models import App, Kind
from meydan.store.reactions import ask_for_package
from meydan.store.tests.apks import File, make_manifest, make_plan
from meydan.store.tests.cast import agree, draft, hand_in, make_category, make_developer

pytestmark = pytest.mark.django_db
MEGA = 1_000_000


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has listed the loopback network."""
    network = ipaddress.ip_network("127.0.0.0/8")
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(network,)))


def package(version_code: int, filling: int = 0) -> bytes:
    """A real package of a version, with so many bytes that do not shrink."""
    more = [File("assets/map.bin", bytes(range(256)) * (filling // 256), method=0)] if filling else []
    return make_plan(make_manifest(version_code=version_code, application_id="org.example.night"), *more).built()


def published(folder: Path, address: str) -> App:
    developer = make_developer()
    app = draft(developer, kind=Kind.ANDROID, address="")
    path = folder / "first.apk"
    path.write_bytes(package(1))
    actions.add_release(developer, app.slug, path=path, package=actions.look_into(path).package)
    actions.change_details(developer, app.slug, category=make_category(), release_address=address)
    hand_in(developer, app)
    return agree(app)


def test_a_large_package_is_taken_without_being_held_in_memory(tmp_path: Path) -> None:
    body = package(2, 30 * MEGA)
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    with server(lambda peer: peer.sendall(answer)) as port:
        app = published(tmp_path, f"http://127.0.0.1:{port}/newest.apk")
        tracemalloc.start()
        try:
            release = actions.take_from_address(app.slug)
            _now, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert release is not None
        assert (release.version_code, release.size) == (2, len(body))
        assert most < 8 * MEGA, f"{most / MEGA:.1f} MB were held"
        assert actions.take_from_address(app.slug) is None  # the same again is nothing new


def test_one_that_does_not_end_is_cut_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "store_rules", lambda: SimpleNamespace(largest_mb=1))
    with server(lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"P" * 3 * MEGA)) as port:
        app = published(tmp_path, f"http://127.0.0.1:{port}/newest.apk")
        with pytest.raises(TooLarge):
            actions.take_from_address(app.slug)
        ask_for_package(app.slug)  # no fault of ours
    assert app.releases.count() == 1


def test_what_is_no_package_is_refused_and_asked_again_the_next_night(tmp_path: Path) -> None:
    with server(lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n<html>Moved</html>")) as port:
        app = published(tmp_path, f"http://127.0.0.1:{port}/newest.apk")
        with pytest.raises(Invalid):
            actions.take_from_address(app.slug)
        ask_for_package(app.slug)
    assert app.releases.count() == 1
