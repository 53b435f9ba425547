"""Translations: `.po` files are the source; the `.mo` that gettext reads are made from them, never committed."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent


def compile_stale(root: Path = PACKAGE) -> int:
    """Make every `.mo` that is missing or older than its `.po`; how many. Costs nothing when all are fresh."""
    stale = [catalog for catalog in root.glob("*/locale/*/LC_MESSAGES/*.po") if _is_stale(catalog)]
    for catalog in stale:
        _compile(catalog)
    return len(stale)


def _is_stale(catalog: Path) -> bool:
    made = catalog.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime_ns < catalog.stat().st_mtime_ns


def _compile(catalog: Path) -> None:
    with catalog.open("rb") as source:
        messages = read_po(source, locale=catalog.parents[1].name)
    draft = catalog.with_suffix(".mo.draft")
    with draft.open("wb") as target:
        write_mo(target, messages)
    draft.replace(catalog.with_suffix(".mo"))
