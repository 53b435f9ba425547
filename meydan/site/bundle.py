"""The messenger's modules in fewer files, for slow lines: `frontend/seal/chat.mjs` puts them together with esbuild, in
the same step that builds the encryption (`site/seal.py`). The sources stay what one reads, and what
serves without it."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from meydan.site import frontend, seal

SCRIPT = seal.SOURCE / "chat.mjs"
MODULES = frontend.PACKAGE / "messaging" / "static" / "messaging" / "chat"
TARGET = frontend.PACKAGE / "messaging" / "static" / "vendor" / "chat"
BUILD_SECONDS = 60


def is_installed() -> bool:
    """Whether it is made of the modules as they are now. A release carries it, and is not built anew."""
    stamp = TARGET / "stamp"
    return not SCRIPT.exists() or (stamp.exists() and stamp.read_text() == fingerprint())


def fingerprint() -> str:
    """Changes when a module does, or how they are put together."""
    parts = (seal.SOURCE / "package-lock.json", SCRIPT, *sorted(MODULES.rglob("*.js")))
    return hashlib.sha256(b"".join(part.name.encode() + part.read_bytes() for part in parts)).hexdigest()


def install() -> None:
    """Put them together. What is there serves until the new is whole. Raises `NpmError`."""
    with tempfile.TemporaryDirectory(prefix="meydan-chat-") as name:
        folder = Path(name)
        node = seal.fetch_builder(folder)
        shutil.copy(SCRIPT, folder)
        draft = TARGET.with_name("chat.draft")
        shutil.rmtree(draft, ignore_errors=True)
        stamp = fingerprint()
        seal.run_node(node, folder, SCRIPT.name, str(MODULES), str(draft), seconds=BUILD_SECONDS)
        (draft / "stamp").write_text(stamp)
        shutil.rmtree(TARGET, ignore_errors=True)
        draft.rename(TARGET)


def drop_stale() -> None:
    """Take away what was made of other modules than there are: the sources serve."""
    if not is_installed():
        shutil.rmtree(TARGET, ignore_errors=True)
