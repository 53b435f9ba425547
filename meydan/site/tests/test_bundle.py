"""The messenger's modules in fewer files."""

import json
import re
from pathlib import Path

import pytest

from meydan.messaging.pages.chat import MODULES
from meydan.site import bundle


def test_it_is_built_anew_when_a_module_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules, target = tmp_path / "modules", tmp_path / "target"
    for folder in (modules, target):
        folder.mkdir()
    (modules / "main.js").write_text("one")
    monkeypatch.setattr(bundle, "MODULES", modules)
    monkeypatch.setattr(bundle, "TARGET", target)
    (target / "stamp").write_text(bundle.fingerprint())
    assert bundle.is_installed()
    (modules / "main.js").write_text("another")
    assert not bundle.is_installed()
    bundle.drop_stale()
    assert not target.exists()


@pytest.mark.skipif(not (bundle.TARGET / "stamp").exists(), reason="it is not built here")
def test_what_the_list_needs_is_in_files_of_which_none_names_a_later_one() -> None:
    parts = json.loads((bundle.TARGET / "parts.json").read_text())
    texts = [(bundle.TARGET / name).read_text() for name in parts["list"]]
    for number, text in enumerate(texts):
        named = re.findall(r'(?:from|import) *"([^"]+)"', text)
        assert set(named) <= {f"./{name}" for name in parts["list"][:number]}
        assert not re.search(r'import\("', text)
    assert '["seal/desk.js"]' in "".join(texts)
    assert all((bundle.TARGET / name).exists() for name in parts["late"])


def test_the_page_names_every_module_of_the_list() -> None:
    """Where it is not built, they are asked for one by one, none of them only when another has come."""
    named = {f"{name}.js" for name in MODULES}
    imported = {
        line.rpartition("./")[2].rstrip('";')
        for name in named
        for line in (bundle.MODULES / name).read_text().splitlines()
        if line.startswith("import ") and " from " in line
    }
    assert imported <= named
