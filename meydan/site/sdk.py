"""The Matrix client of others that the messenger is tried with: matrix-js-sdk, and a Node.js that is new enough for it.

Tests alone use it; `bin/meydan test` installs it under `build/`."""

import hashlib
import shutil

from meydan.site.frontend import CHECKOUT, PACKAGE
from meydan.site.frontend import SOURCE as FRONTEND
from meydan.site.npm import fetch

SOURCE = PACKAGE / "messaging" / "tests" / "conformance" / "sdk"
LOCK = FRONTEND / "seal"  # the same as the messenger's page has
FOLDER = CHECKOUT / "build" / "sdk"
NODE = FOLDER / "node"
OLDEST_NODE = 22  # what matrix-js-sdk 43 asks for


def is_installed() -> bool:
    """Whether what the lock pins is in place, and the Node.js that it was installed by."""
    stamp = FOLDER / "stamp"
    return stamp.exists() and stamp.read_text() == _fingerprint() and NODE.exists()


def install() -> None:
    """Fetch it anew; what is there serves until that is whole. Raises `NpmError`."""
    draft = FOLDER.with_name("sdk.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    (draft / "node").symlink_to(fetch(LOCK, draft, oldest_node=OLDEST_NODE))
    (draft / "stamp").write_text(_fingerprint())
    shutil.rmtree(FOLDER, ignore_errors=True)
    draft.rename(FOLDER)


def _fingerprint() -> str:
    return hashlib.sha256((LOCK / "package-lock.json").read_bytes()).hexdigest()
