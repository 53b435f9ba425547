"""The moving map's library, MapLibre: a page that has a map says to its script where the files are."""

from dataclasses import dataclass
from pathlib import Path

from django.templatetags.static import static

from meydan import ui

VENDOR = Path(ui.__file__).parent / "static" / "vendor"


@dataclass(frozen=True)
class MapLibrary:
    """Addresses of MapLibre's files."""

    js: str
    worker: str
    css: str


def map_library() -> MapLibrary | None:
    """The moving map's library; None until it is installed, for pages do not wait for it."""
    names = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
    if not all((VENDOR / name).exists() for name in names):
        return None
    try:
        return MapLibrary(*(static(f"vendor/{name}") for name in names))
    except ValueError:  # installed, but not collected yet
        return None
