"""A package's icon, decoded and written anew by our own encoder. An icon that cannot be read is none: no harm done."""

import io
from collections.abc import Iterator

from PIL import Image

from meydan.store.packages.archive import Archive
from meydan.store.packages.binary_xml import Element, read_xml
from meydan.store.packages.chunks import REFERENCE, STRING, Value
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.resources import Table, Variant

MAX_FILE, MAX_SIDE, SIDE, MAX_TRIES = 4 * 1024 * 1024, 4096, 512, 24
FORMATS = ("PNG", "WEBP", "JPEG")
PICTURES = (".png", ".webp", ".jpg", ".jpeg")
NO_DENSITY = 0xFFFE  # what is for any density is drawn by lines, or by layers
DRAWABLE = 0x01010199
COLOURS = range(0x1C, 0x20)
SHOWN = 72 / 108  # of a layer's side; the rest is for moving


def read_icon(archive: Archive, table: Table | None, values: tuple[Value, ...]) -> bytes | None:
    """A PNG of at most 512 px; None when there is no picture that we can read."""
    if not table:
        return None
    for value in values:
        variants = _variants(table, value)
        picture = _best(archive, table, variants) or _layered(archive, table, variants)
        if picture:
            return _written(picture)
    return None


def _variants(table: Table, value: Value) -> list[Variant]:
    """The plain ones, the densest first."""
    found = table.variants(value.data) if value.kind == REFERENCE else []
    return sorted(found, key=lambda one: (not one.is_plain, one.language != "", -(one.density % NO_DENSITY)))


def _paths(table: Table, variants: list[Variant], endings: tuple[str, ...]) -> Iterator[str]:
    for variant in variants[:MAX_TRIES]:
        if variant.value.kind == STRING:
            path = table.strings[variant.value.data]
            if path.endswith(endings):
                yield path


def _best(archive: Archive, table: Table, variants: list[Variant]) -> Image.Image | None:
    for path in _paths(table, variants, PICTURES):
        picture = _decoded(archive, path)
        if picture:
            return picture
    return None


def _decoded(archive: Archive, path: str) -> Image.Image | None:
    try:
        data = archive.read(path, MAX_FILE, Reason.TOO_HEAVY)
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if max(picture.size) > MAX_SIDE:
            return None
        return picture.convert("RGBA")
    except (KeyError, Refused, OSError, ValueError, SyntaxError, EOFError):  # what decoders raise, by experience
        return None


def _layered(archive: Archive, table: Table, variants: list[Variant]) -> Image.Image | None:
    """An adaptive icon whose layers are pictures or one colour: put together, cut to what is shown."""
    for path in _paths(table, variants, (".xml",)):
        try:
            root = read_xml(archive.read(path, MAX_FILE, Reason.TOO_HEAVY), Reason.BAD_RESOURCES).root
        except (KeyError, Refused):
            continue
        front = _layer(archive, table, root, "foreground")
        if root.name == "adaptive-icon" and front:
            return _put_together(front, _layer(archive, table, root, "background"))
    return None


def _layer(archive: Archive, table: Table, root: Element, name: str) -> Image.Image | None:
    for element in root.each(name):
        value = element.attributes.get(DRAWABLE)
        variants = _variants(table, value) if value else []
        colour = next((one.value.data for one in variants if one.value.kind in COLOURS), None)
        if colour is not None:
            return Image.new("RGBA", (1, 1), (colour >> 16 & 255, colour >> 8 & 255, colour & 255, colour >> 24))
        return _best(archive, table, variants)
    return None


def _put_together(front: Image.Image, back: Image.Image | None) -> Image.Image:
    whole = Image.new("RGBA", front.size)
    if back:
        whole.alpha_composite(back.resize(front.size))
    whole.alpha_composite(front)
    edge = round(min(whole.size) * (1 - SHOWN) / 2)
    return whole.crop((edge, edge, whole.width - edge, whole.height - edge))


def _written(picture: Image.Image) -> bytes:
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
