"""`bin/meydan`: what it decides before anything is installed, and that it passes on."""

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the starter needs, with an environment that looks installed."""
    (tmp_path / "bin").mkdir()
    shutil.copy(CHECKOUT / "bin" / "meydan", tmp_path / "bin")
    for lock in CHECKOUT.glob("requirements*.lock"):
        shutil.copy(lock, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


def load(checkout: Path) -> ModuleType:
    loader = SourceFileLoader("starter", str(checkout / "bin" / "meydan"))
    spec = importlib.util.spec_from_loader("starter", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_what_is_installed_is_passed_on_to(checkout: Path) -> None:
    starter = load(checkout)
    starter.STAMP.write_text(starter.fingerprint(starter.RUN_LOCK))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path])}
    done = subprocess.run(
        [sys.executable, checkout / "bin" / "meydan", "up", "--help"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "--no-demo" in done.stdout


def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    starter = load(checkout)
    assert not starter.is_installed(starter.RUN_LOCK)
    starter.STAMP.write_text(starter.fingerprint(starter.RUN_LOCK))
    assert starter.is_installed(starter.RUN_LOCK)
    with starter.RUN_LOCK.open("a") as lock:
        lock.write("# another library\n")
    assert not starter.is_installed(starter.RUN_LOCK)


def test_the_development_libraries_will_do_for_running(checkout: Path) -> None:
    starter = load(checkout)
    starter.STAMP.write_text(starter.fingerprint(starter.DEV_LOCK))
    assert starter.is_installed(starter.RUN_LOCK)
    assert starter.is_installed(starter.DEV_LOCK)


def test_an_environment_whose_python_is_gone_is_made_again(checkout: Path) -> None:
    starter = load(checkout)
    starter.STAMP.write_text(starter.fingerprint(starter.RUN_LOCK))
    (checkout / ".venv" / "bin" / "python").unlink()
    assert not starter.is_installed(starter.RUN_LOCK)


def test_an_old_python_is_told_what_to_install(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starter = load(checkout)
    monkeypatch.setattr(starter.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(starter.shutil, "which", lambda _name: None)
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer"):
        starter.demand_python()


def test_no_address_of_a_registry_is_in_the_locks() -> None:
    for lock in (*CHECKOUT.glob("requirements*.lock"), *CHECKOUT.glob("frontend/**/package-lock.json")):
        text = lock.read_text("utf-8")
        assert "://" not in text.replace("https://github.com", "").replace("https://opencollective.com", ""), lock
