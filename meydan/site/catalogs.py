"""Translations: `.po` files are the source; the `.mo` that gettext reads are made from them, never committed."""

import importlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def compile_stale(root: Path = PACKAGE) -> int:
    """Make every `.mo` that is missing or older than its `.po`; how many. Loads Babel only when there are any."""
    stale = [catalog for catalog in root.glob("*/locale/*/LC_MESSAGES/*.po") if _is_stale(catalog)]
    if stale:
        importlib.import_module("meydan.site.mofiles").compile_catalogs(stale)
    return len(stale)


def _is_stale(catalog: Path) -> bool:
    made = catalog.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime_ns < catalog.stat().st_mtime_ns
