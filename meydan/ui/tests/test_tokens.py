"""The colours' contrast in both schemes (WCAG 2.2: 1.4.3 and 1.4.11), and that one sheet serves both directions.

axe-core does not judge contrast on Arabic script, so it is judged here, on the tokens.
"""

import re
from typing import Literal

import pytest

from meydan.kernel.city import read_toml
from meydan.kernel.config import CITIES
from meydan.ui.sheet import FOLDER, main_sheet, our_colours

CSS = (FOLDER / "tokens.css").read_text("utf-8")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# ours, and those of every city pack: an override must keep the contrast
PALETTES = {f"meydan-{scheme}": our_colours(scheme) for scheme in SCHEMES} | {
    f"{path.parent.name}-{scheme}": our_colours(scheme) | read_toml(path).get("tokens", {}).get(scheme, {})
    for path in sorted(CITIES.glob("*/city.toml"))
    for scheme in SCHEMES
}
TONES = ("good", "warning", "bad", "info")
GROUNDS = ("ground", "surface", "raised")
TEXT = [
    *((ink, paper) for ink in ("ink", "quiet", "primary", "bad") for paper in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in (*TONES, "primary")),
    *((tone, paper) for tone in TONES for paper in ("ground", "surface")),
    ("on-primary", "primary"),
    ("on-primary", "primary-deep"),
    ("primary", "primary-soft"),
    ("primary-deep", "primary-soft"),
    ("primary-deep", "ground"),
    ("primary-deep", "surface"),
    ("on-accent", "accent"),
    ("accent", "accent-soft"),
    ("on-bad", "bad"),
    ("on-call", "call"),
    ("on-call", "call-deep"),
    ("on-band", "band"),
    ("on-band", "band-deep"),
    ("band-quiet", "band"),
    ("band", "on-band"),
]
CONTROLS = [
    *((edge, paper) for edge in ("edge", "focus", "primary") for paper in GROUNDS),
    *(("focus", f"{tone}-soft") for tone in TONES),
    ("band-focus", "band"),
    ("band-focus", "band-deep"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_can_be_read(name: str, ink: str, paper: str) -> None:
    colours = PALETTES[name]
    assert contrast(colours[ink], colours[paper]) >= 4.5, f"{ink} on {paper}, {name}: at least 4.5"


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize(("edge", "paper"), CONTROLS)
def test_controls_and_focus_are_seen(name: str, edge: str, paper: str) -> None:
    colours = PALETTES[name]
    assert contrast(colours[edge], colours[paper]) >= 3, f"{edge} on {paper}, {name}: at least 3"


def test_known_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_one_sheet_for_both_directions() -> None:
    found = re.findall(r"[^\n]*\b(?:left|right)\b[^\n]*", CSS)
    assert not found, f"use logical properties (inline-start, inset-inline-end, text-align: start): {found}"


def test_every_used_token_exists() -> None:
    known = set(re.findall(r"--([\w-]+):", CSS))
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= known


def test_the_ornament_is_small() -> None:
    star = re.search(r'--star: url\("([^"]*)"\)', CSS)
    assert star is not None
    assert len(star.group(1)) < 2048


def test_minified_sheet_keeps_what_matters() -> None:
    sheet = main_sheet()
    assert "calc(6.5rem + env(safe-area-inset-bottom))" in sheet.css
    assert "/*" not in sheet.css and "</" not in sheet.css
    assert sheet.source.startswith("'sha256-")
