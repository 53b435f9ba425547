"""The stylesheet, inlined in the first page that a browser asks for: one request less before anything is seen on a slow
link. Pages that follow (the browser says `Sec-Fetch-Site: same-origin`) name the file, which it has by then.

The Content-Security-Policy allows exactly these sheets, by their hash; nothing else inlined is ever applied.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from django.templatetags.static import static

from meydan.kernel.city import this_city

FOLDER = Path(__file__).parent / "static" / "ui"
FONTS = Path(__file__).parent / "static" / "vendor" / "fonts"

_ARABIC = "U+0600-06FF,U+0750-077F,U+200C-200F,U+FB50-FDFF,U+FE70-FEFC"
_CYRILLIC = "U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116"
_TAJIK = (
    "U+0492-0493,U+049A-049B,U+04A2-04A3,U+04AE-04AF,U+04B2-04B3,"
    "U+04B6-04B7,U+04D8-04D9,U+04E2-04E3,U+04E8-04E9,U+04EE-04EF"
)
# file, family, weight, characters
_FACES = (
    ("vazirmatn-arabic.woff2", "Vazirmatn", "400", _ARABIC),
    ("vazirmatn-arabic-bold.woff2", "Vazirmatn", "700", _ARABIC),
    ("noto-sans-cyrillic.woff2", "Noto Sans", "400", _CYRILLIC),
    ("noto-sans-tajik.woff2", "Noto Sans", "400", _TAJIK),
)


@dataclass(frozen=True)
class Sheet:
    """CSS for one `<style>` element, and the source expression that lets it through."""

    css: str
    source: str


def minify(css: str) -> str:
    """Without comments and needless space. Strings of our own sheet hold neither comments nor runs of space."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,>]) ?|(:) ", r"\1\2", css).replace(";}", "}").strip()


def make_sheet(css: str) -> Sheet:
    """A sheet out of CSS that we wrote ourselves (never out of anything a person sent)."""
    text = minify(css).replace("</", "")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Sheet(text, f"'sha256-{digest}'")


@cache
def main_sheet() -> Sheet:
    """Tokens, layout and parts."""
    return make_sheet((FOLDER / "tokens.css").read_text("utf-8"))


@cache
def city_sheet() -> Sheet:
    """The city's own colours, laid over ours; empty for a city that has none."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in this_city().tokens.get(scheme, {}).items())
        for scheme in ("light", "dark")
    )
    css = f":root{{{light}}}" if light else ""
    return make_sheet(css + (f"@media (prefers-color-scheme: dark){{:root{{{dark}}}}}" if dark else ""))


@cache
def colours(scheme: Literal["light", "dark"]) -> dict[str, str]:
    """The colours of a scheme by token, the city's own over ours: for what cannot read the sheet, and for tests."""
    return our_colours(scheme) | this_city().tokens.get(scheme, {})


@cache
def our_colours(scheme: Literal["light", "dark"]) -> dict[str, str]:
    """Our colours as `tokens.css` gives them: its two `:root` rules; the dark one says only what differs."""
    roots = re.findall(r":root *\{(.*?)\}", main_sheet().css)
    light, dark = (dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", root)) for root in roots)
    return light if scheme == "light" else light | dark


@cache
def font_sheet() -> Sheet:
    """`@font-face` for the fonts that are installed, empty while none is. Not in the first page (30 kB are for what it
    says), and never under Save-Data."""
    faces = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-display: swap;'
        f' unicode-range: {characters}; src: url("{static("vendor/fonts/" + file)}") format("woff2"); }}'
        for file, family, weight, characters in _FACES
        if (FONTS / file).exists()
    ]
    return make_sheet("\n".join(faces))
