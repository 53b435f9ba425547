"""Installs the browser's libraries and fonts: fetched by npm as `frontend/package-lock.json` pins them, copied, fonts
cut to the letters that our languages need. Nothing is built. A release's wheel carries the result.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset

from meydan.site.frontend import SOURCE, TEST_TOOLS, VENDOR, fingerprint
from meydan.site.npm import fetch

OLDEST_NODE = 18

# where it is in node_modules -> where pages find it under vendor/
FILES = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "licences/maplibre-gl.txt",
    "pmtiles/dist/pmtiles.js": "pmtiles.js",
    "@fontsource/vazirmatn/LICENSE": "licences/vazirmatn.txt",
    "@fontsource/noto-sans/LICENSE": "licences/noto-sans.txt",
}
TEST_FILES = {"axe-core/axe.min.js": "axe.min.js", "ical.js/dist/ical.js": "ical.js"}

ARABIC = [*range(0x0600, 0x0700), *range(0x200C, 0x2010)]
CYRILLIC = [*range(0x0400, 0x0460), 0x0301, 0x0490, 0x0491, 0x2116]
TAJIK = [ord(letter) for letter in "ҒғӢӣҚқӮӯҲҳҶҷ"]
KAZAKH = [ord(letter) for letter in "ӘәҢңӨөҰұҮүҺһІі"]
# where it is in node_modules -> its name under vendor/fonts/, the characters to keep
FONTS = {
    "@fontsource/vazirmatn/files/vazirmatn-arabic-400-normal.woff2": ("vazirmatn-arabic.woff2", ARABIC),
    "@fontsource/vazirmatn/files/vazirmatn-arabic-700-normal.woff2": ("vazirmatn-arabic-bold.woff2", ARABIC),
    "@fontsource/noto-sans/files/noto-sans-cyrillic-400-normal.woff2": ("noto-sans-cyrillic.woff2", CYRILLIC),
    "@fontsource/noto-sans/files/noto-sans-cyrillic-ext-400-normal.woff2": ("noto-sans-tajik.woff2", TAJIK + KAZAKH),
}


def install(*, with_test_tools: bool = False) -> None:
    """Fetch, copy and cut. The old libraries serve until the new ones are whole. Raises `NpmError`."""
    with tempfile.TemporaryDirectory(prefix="meydan-frontend-") as folder:
        fetch(SOURCE, Path(folder), *([] if with_test_tools else ["--omit=dev"]), oldest_node=OLDEST_NODE)
        modules = Path(folder) / "node_modules"
        draft = VENDOR.with_name("vendor.draft")
        shutil.rmtree(draft, ignore_errors=True)
        _copy(modules, FILES, draft)
        for origin, (name, letters) in FONTS.items():
            _cut_font(modules / origin, draft / "fonts" / name, letters)
        (draft / "stamp").write_text(fingerprint())
        shutil.rmtree(VENDOR, ignore_errors=True)
        draft.rename(VENDOR)
        if with_test_tools:
            _copy(modules, TEST_FILES, TEST_TOOLS)


def _copy(modules: Path, files: dict[str, str], target: Path) -> None:
    for origin, name in files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix in (".js", ".mjs", ".css"):  # the maps stay behind, so do the lines that name them
            text = (modules / origin).read_text("utf-8")
            place.write_text(re.sub(r"\n?(//|/\*)# sourceMappingURL=[^\n]*", "", text), "utf-8")
        else:
            shutil.copy(modules / origin, place)


def _cut_font(origin: Path, target: Path, letters: Iterable[int]) -> None:
    """Keep the letters and the shaping rules that they need; the layout features are the font's own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    font = subset.load_font(origin, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    subset.save_font(font, target, options)
