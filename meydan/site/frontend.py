"""Which libraries of the browser's are in place. `vendor.py` installs them; this much every start asks."""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent
SOURCE = CHECKOUT / "frontend"
VENDOR = PACKAGE / "ui" / "static" / "vendor"
TEST_TOOLS = CHECKOUT / "build" / "frontend"


def is_installed() -> bool:
    """Whether the libraries that the lock pins are in place. A release carries them, and has no `frontend/` folder."""
    stamp = VENDOR / "stamp"
    return not SOURCE.exists() or (stamp.exists() and stamp.read_text() == fingerprint())


def has_test_tools() -> bool:
    """Whether what only tests use (axe-core, ical.js) is there too."""
    return all((TEST_TOOLS / name).exists() for name in ("axe.min.js", "ical.js"))


def fingerprint() -> str:
    """Changes when the lock does, or how we install."""
    parts = (SOURCE / "package-lock.json", Path(__file__).with_name("vendor.py"))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
