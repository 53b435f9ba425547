"""What encrypts messages in the browser: what came out of the build is what came out where it was tried."""

import hashlib
from pathlib import Path

import pytest

from meydan.site import seal
from meydan.site.npm import NpmError

SUMS = seal.SOURCE / seal.SUMS


def test_what_is_pinned_names_all_that_is_served() -> None:
    names = {line.split()[1] for line in SUMS.read_text().splitlines()}
    assert names == {"seal.js", "seal.wasm", "licences/matrix-js-sdk.txt", "licences/matrix-sdk-crypto-wasm.txt"}


def test_what_came_out_as_something_else_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "seal.js").write_bytes(b"as it was tried")
    line = f"{hashlib.sha256(b'as it was tried').hexdigest()}  seal.js\n"
    seal.check(tmp_path, line)
    (tmp_path / "seal.js").write_bytes(b"as somebody would like it")
    with pytest.raises(NpmError, match=r"seal\.js came out as"):
        seal.check(tmp_path, line)


def test_it_is_built_anew_when_what_is_pinned_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in (source, target):
        folder.mkdir()
    for name in ("package-lock.json", seal.SUMS, *seal.SCRIPTS):
        (source / name).write_text(name)
    monkeypatch.setattr(seal, "SOURCE", source)
    monkeypatch.setattr(seal, "TARGET", target)
    assert not seal.is_installed()
    (target / "stamp").write_text(seal.fingerprint())
    assert seal.is_installed()
    (source / "entry.mjs").write_text("another")
    assert not seal.is_installed()


@pytest.mark.skipif(not seal.is_installed(), reason="it is not built here")
def test_what_is_served_here_is_what_is_pinned() -> None:
    seal.check(seal.TARGET, SUMS.read_text())
