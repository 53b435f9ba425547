"""Pictures that carry a credential ("baked" badges, OB 3.0, 5.3): put in, and found again in what somebody uploads."""

import io
import struct
import zlib

from defusedxml.ElementTree import fromstring
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from meydan.club.queries.credentials import MAX_TOKEN

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
KEYWORD = b"openbadgecredential"
PNG = b"\x89PNG\r\n\x1a\n"
MAX_CARRIER = 1024 * 1024
MAX_CHUNKS = 10_000


def bake_svg(picture: str, token: str) -> str:
    """The picture with the credential in it; `picture` is one of our own drawings."""
    carrier = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}" verify="{token}"/>'
    return picture.removesuffix("</svg>") + f"{carrier}</svg>"


def bake_png(picture: Image.Image, token: str) -> bytes:
    """The picture as PNG with the credential in a chunk of international text."""
    carried = PngInfo()
    carried.add_itxt(KEYWORD.decode(), token)
    target = io.BytesIO()
    picture.save(target, "PNG", pnginfo=carried, optimize=True)
    return target.getvalue()


def find_token(content: bytes) -> str:
    """The credential in what was uploaded: a baked PNG or SVG, or the bare text. "" where there is none."""
    if len(content) > MAX_CARRIER:
        return ""
    if content.startswith(PNG):
        return _in_png(content)
    text = content.decode("utf-8", "replace").strip()
    return _in_svg(text) if text.startswith("<") else text[:MAX_TOKEN]


def _in_svg(text: str) -> str:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ValueError, SyntaxError, RecursionError):
        return ""
    found = root.find(f".//{{{NAMESPACE}}}credential")
    return found.get("verify", "")[:MAX_TOKEN].strip() if found is not None else ""


def _in_png(content: bytes) -> str:
    """Chunk by chunk; nothing of the picture itself is unpacked."""
    place = len(PNG)
    for _number in range(MAX_CHUNKS):
        if place + 8 > len(content):
            return ""
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        if kind == b"iTXt" and (token := _in_chunk(content[place + 8 : place + 8 + size])):
            return token
        place += size + 12
    return ""


def _in_chunk(chunk: bytes) -> str:
    """What a chunk of international text says under our keyword, unpacked to `MAX_TOKEN` at most."""
    keyword, _, rest = chunk.partition(b"\0")
    parts = rest[2:].split(b"\0", 2)  # behind two flags: the language, the keyword in it, the text
    if keyword != KEYWORD or len(parts) != 3:
        return ""
    try:
        text = zlib.decompressobj().decompress(parts[2], MAX_TOKEN) if rest[0] else parts[2][:MAX_TOKEN]
        return text.decode("ascii").strip()
    except (zlib.error, UnicodeDecodeError):
        return ""
