"""Every icon that a template, a page or a city pack names is one that Lucide has."""

import re
from pathlib import Path

import pytest

from meydan.ui.icons import TURNING, icon

PACKAGE = Path(__file__).resolve().parents[2]
IN_TEMPLATES = re.compile(r"""\bicon(?:\(|=)["']([a-z0-9-]+)["']""")
IN_PACKS = re.compile(r'^icon = "([^"]+)"', flags=re.MULTILINE)


def used_icons() -> list[str]:
    names = set(TURNING)
    for path in (*PACKAGE.glob("*/templates/**/*.html"), *PACKAGE.glob("*/*.py")):
        names.update(IN_TEMPLATES.findall(path.read_text("utf-8")))
    for path in (PACKAGE.parent / "cities").glob("*/categories.toml"):
        names.update(IN_PACKS.findall(path.read_text("utf-8")))
    return sorted(names)


@pytest.mark.parametrize("name", used_icons())
def test_icon_exists(name: str) -> None:
    assert 'aria-hidden="true"' in icon(name)


def test_what_points_turns_round() -> None:
    assert "turning" in icon("arrow-right")
    assert "turning" not in icon("house")
