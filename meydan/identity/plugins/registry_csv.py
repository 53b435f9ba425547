"""A registry that is a file: CSV (RFC 4180) with a header; `portrait` names a picture beside it."""

import csv
import os
from functools import lru_cache
from pathlib import Path

from meydan.identity.plugins.registry import MAX_PORTRAIT, Entry, RegistryDown, entry_of
from meydan.kernel.config import Registry

MAX_FILE = 200 * 2**20


class CsvRegistry:
    """Read whole and kept, and read anew when the file has changed."""

    def __init__(self, settings: Registry) -> None:
        self.name = settings.name
        self._file = settings.file or Path(os.devnull)

    def look_up(self, number: str) -> Entry | None:
        """As the protocol says."""
        try:
            stat = self._file.stat()
            row = _rows(self._file, stat.st_mtime_ns, stat.st_size).get("".join(number.split()).upper())
            return entry_of(number, dict(row), self._portrait(row.get("portrait") or "")) if row else None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise RegistryDown(str(error)) from error

    def _portrait(self, name: str) -> bytes:
        """A name only, never a path that leads elsewhere."""
        if not name:
            return b""
        with (self._file.parent / "portraits" / Path(name).name).open("rb") as file:
            return file.read(MAX_PORTRAIT + 1)


@lru_cache(maxsize=2)
def _rows(file: Path, _changed: int, size: int) -> dict[str, dict[str, str]]:
    if size > MAX_FILE:
        raise RegistryDown("the file is too large: put it into a database")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return {"".join((row.get("number") or "").split()).upper(): row for row in csv.DictReader(lines)}
