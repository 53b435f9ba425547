"""Files for browsers: named by their content, without comments, compressed once, cached for ever."""

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # ships no types
import rjsmin  # type: ignore[import-untyped]  # ships no types
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from meydan.site import frontend
from meydan.ui.sheet import minify

LARGE_BYTES = 200_000
VENDOR = "vendor/"  # libraries come as their makers pack them, and their hashes are known
BEST, GOOD = 11, 9  # Brotli's last two steps cost ten times the seconds for five per cent of a large file


class OnceCompressor(Compressor):  # type: ignore[misc]  # whitenoise carries no types
    """Does not compress again what it has compressed, nor the same bytes under two names."""

    def compress(self, path: str) -> list[str]:
        done = Path(f"{path}.br")
        if done.exists() and abs(done.stat().st_mtime - Path(path).stat().st_mtime) < 0.001:
            return []
        return list(super().compress(path))

    @staticmethod
    @lru_cache(maxsize=16)
    def compress_brotli(data: bytes) -> bytes:
        return _squeeze(data, BEST) if len(data) <= LARGE_BYTES else _squeeze_once(data)


def _squeeze(data: bytes, quality: int) -> bytes:
    compressed: bytes = brotli.compress(data, quality=quality)
    return compressed


def _squeeze_once(data: bytes) -> bytes:
    """What encrypts messages takes five seconds, and each new city of a checkout would spend them again: its tests make
    several. A release has no folder to keep it in."""
    if not frontend.SOURCE.exists():
        return _squeeze(data, GOOD)
    kept = frontend.CHECKOUT / "build" / "brotli" / hashlib.sha256(data).hexdigest()
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as draft:
            draft.write(_squeeze(data, GOOD))
        Path(draft.name).replace(kept)
    return kept.read_bytes()


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise carries no types
    """Also renames what ES modules import. A library that is still being installed keeps its plain name until then."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20
    """A script is named by what it imports, so there are as many rounds as scripts that import one another in a row;
    only a circle has no end."""

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def create_compressor(self, **options: Any) -> Compressor:
        return OnceCompressor(**options)

    def _save(self, name: str, content: Any) -> str:
        """Our own scripts and sheets go out without what only we read: a fifth less of a first view's line. They are
        named by what we wrote: the same words always make the same file."""
        if name.endswith((".js", ".css")) and not name.startswith(VENDOR):
            text = b"".join(content.chunks())
            content = ContentFile(minify_script(text) if name.endswith(".js") else minify(text.decode()).encode())
        return str(super()._save(name, content))


def minify_script(script: bytes) -> bytes:
    """An ES module without comments and needless space; names stay, so that a fault's trace can be read."""
    short: bytes = rjsmin.jsmin(script)
    return short
