"""Makes the `.mo` files; apart from `catalogs.py`, so that Babel is loaded only where there is something to make."""

import os
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(paths: Iterable[Path]) -> None:
    """Make the `.mo` beside each of these `.po`; a reader never sees half of one."""
    for path in paths:
        draft = path.with_suffix(f".{os.getpid()}.draft")  # two starts may make it at once
        with path.open("rb") as source, draft.open("wb") as target:
            write_mo(target, read_po(source, locale=path.parents[1].name))
        draft.replace(path.with_suffix(".mo"))
