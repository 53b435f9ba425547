"""The encryption of the messenger in the browser: matrix-js-sdk's, put into one file, and its WebAssembly beside it.

`meydan frontend` builds it after the browser's libraries, as `frontend/seal/` says and pins, and checks that what came
out is what came out where we tried it (`SHA256SUMS`). A release's wheel carries the result. A city without it has a
messenger all the same: its encrypted conversations say what is missing.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from meydan.site import frontend, sdk
from meydan.site.npm import NpmError, fetch

SOURCE = frontend.SOURCE / "seal"
TARGET = frontend.PACKAGE / "messaging" / "static" / "vendor" / "seal"
SUMS = "SHA256SUMS"
SCRIPTS = ("build.mjs", "entry.mjs", "event.mjs")
BUILD_SECONDS = 300
UNSEALED = 3
"""The exit code of `meydan frontend` when everything else is in place."""


def is_installed() -> bool:
    """Whether what `frontend/seal/` pins is in place. A release carries it, and has no such folder."""
    stamp = TARGET / "stamp"
    return not SOURCE.exists() or (stamp.exists() and stamp.read_text() == fingerprint())


def fingerprint() -> str:
    """Changes when what is pinned does, or how it is put together."""
    parts = [SOURCE / name for name in ("package-lock.json", SUMS, *SCRIPTS)]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def install() -> None:
    """Fetch, build, check. What is there serves until the new is whole. Raises `NpmError`."""
    with tempfile.TemporaryDirectory(prefix="meydan-seal-") as name:
        folder = Path(name)
        node = fetch_builder(folder)
        for script in SCRIPTS:
            shutil.copy(SOURCE / script, folder)
        draft = TARGET.with_name("seal.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        run_node(node, folder, "build.mjs", str(draft), seconds=BUILD_SECONDS)
        check(draft, (SOURCE / SUMS).read_text())
        (draft / "stamp").write_text(fingerprint())
        shutil.rmtree(TARGET, ignore_errors=True)
        draft.rename(TARGET)


def fetch_builder(folder: Path) -> Path:
    """The libraries, as `folder/node_modules`, and the Node.js that builds them. What the tests have fetched by the
    same lock is not fetched again. Raises `NpmError`."""
    if sdk.is_installed():
        (folder / "node_modules").symlink_to(sdk.FOLDER / "node_modules")
        return sdk.NODE
    return fetch(SOURCE, folder, oldest_node=sdk.KIT.oldest_node)


def run_node(node: Path, folder: Path, *command: str, seconds: float) -> None:
    """Run a script of `folder` with esbuild. Raises `NpmError`."""
    whole = [str(node), "--preserve-symlinks", "--preserve-symlinks-main", *command]
    try:
        done = subprocess.run(whole, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise NpmError(f"esbuild did not finish within {seconds} s") from None
    if done.returncode:
        raise NpmError(f"esbuild failed: {done.stderr.strip()[:800]}")


def check(folder: Path, sums: str) -> None:
    """Compare with lines of "<sha256>  <name>". `NpmError` names the first that is another one."""
    for line in sums.splitlines():
        wanted, name = line.split()
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != wanted:
            raise NpmError(f"{name} came out as {found}, and {SUMS} has {wanted}")
