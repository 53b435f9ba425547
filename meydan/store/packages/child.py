"""The child process that reads a stranger's package: its standard input is the file, its output one line of JSON and
the icon's bytes.

It binds itself (memory, CPU time, size of what it writes, no new processes) before it reads a byte. What it refuses it
refuses within `CHECK`; only a package whose signature holds gets the time that reading all of it takes.
"""

import hashlib
import json
import re
import sys
from typing import Any

from meydan.kernel.bounded import bind, give_time
from meydan.store.packages.archive import MANIFEST, PIECE, RESOURCES, Archive, Entry, open_archive, unpack
from meydan.store.packages.code import Unreadable, packages_in
from meydan.store.packages.icons import read_icon
from meydan.store.packages.manifest import Manifest, read_manifest
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.resources import Table, read_table
from meydan.store.packages.signatures import Signed, verify
from meydan.store.packages.source import Source
from meydan.store.packages.trackers import find_trackers

ADDRESS_SPACE = 512 * 1024 * 1024
CHECK, WORK = (2, 20), (20, 60)
"""Seconds of CPU time, and by the clock, until the signature holds; and for all."""
HASHED_IN_A_SECOND = 64 * 1024 * 1024  # by a slow machine; a large package gets the time that this takes as well
MAX_RESULT = 4 * 1024 * 1024
MAX_MANIFEST, MAX_RESOURCES = 1024 * 1024, 64 * 1024 * 1024
CODE = re.compile(r"classes\d*\.dex")
NATIVE = re.compile(r"lib/([\w-]{1,32})/[^/]+\.so", re.ASCII)
DEX = b"dex\n"
MAX_CODE = 64 * 1024 * 1024  # of one file of code that is looked through; what builders make has at most 12 MB or so


def inspect(descriptor: int) -> tuple[dict[str, Any], bytes]:
    """All that `Package` has, but the icon, which comes behind; Refused with the first thing that is wrong."""
    source = Source(descriptor)
    archive = open_archive(source)
    _check_parts(archive)
    more = source.size // HASHED_IN_A_SECOND
    give_time(CHECK[0] + more, CHECK[1] + 4 * more, at_most=WORK[0])
    signed = verify(archive)
    give_time(*WORK)
    table = _table(archive)
    manifest = read_manifest(archive.read(MANIFEST, MAX_MANIFEST, Reason.MANIFEST_TOO_LARGE), table)
    code = _check_contents(archive)
    icon = read_icon(archive, table, manifest.icons) or b""
    return {**_described(manifest, signed, archive), **code}, icon


def _check_parts(archive: Archive) -> None:
    """What can be told by the directory alone."""
    entries = archive.entries
    if MANIFEST not in entries:
        raise Refused(Reason.NO_MANIFEST)
    if entries[MANIFEST].size > MAX_MANIFEST:
        raise Refused(Reason.MANIFEST_TOO_LARGE, f"{entries[MANIFEST].size} bytes")
    if RESOURCES in entries and entries[RESOURCES].size > MAX_RESOURCES:
        raise Refused(Reason.RESOURCES_TOO_LARGE, f"{entries[RESOURCES].size} bytes")


def _table(archive: Archive) -> Table | None:
    if RESOURCES not in archive.entries:
        return None
    return read_table(archive.read(RESOURCES, MAX_RESOURCES, Reason.RESOURCES_TOO_LARGE))


def _check_contents(archive: Archive) -> dict[str, Any]:
    """Every entry is what the directory says of it, and code begins as code does; what is found in the code."""
    found: set[str] = set()
    whole = True
    for entry in archive.entries.values():
        if CODE.fullmatch(entry.name):
            packages = _read_code(archive, entry)
            whole = whole and packages is not None
            found |= find_trackers(packages or ())
        else:
            _read_through(archive, entry)
    return {"trackers": sorted(found), "code_read": whole}


def _read_through(archive: Archive, entry: Entry) -> bytes:
    """Unpack an entry piece by piece; its first bytes."""
    beginning = b""
    for piece in unpack(archive.source, entry):
        beginning = beginning or piece[:4]
    return beginning


def _read_code(archive: Archive, entry: Entry) -> set[str] | None:
    """The packages that a file of code brings; None when its tables cannot be read."""
    small = entry.size <= MAX_CODE
    data = b"".join(unpack(archive.source, entry)) if small else _read_through(archive, entry)
    if data[:4] != DEX:
        raise Refused(Reason.BAD_CODE, entry.name)
    try:
        return packages_in(data) if small else None
    except Unreadable:
        return None


def _described(manifest: Manifest, signed: Signed, archive: Archive) -> dict[str, Any]:
    natives = {found[1] for name in archive.entries if (found := NATIVE.fullmatch(name))}
    return {
        "application_id": manifest.application_id,
        "version_code": manifest.version_code,
        "version_name": manifest.version_name,
        "labels": manifest.labels,
        "min_sdk": manifest.min_sdk,
        "target_sdk": manifest.target_sdk,
        "max_sdk": manifest.max_sdk,
        "permissions": list(manifest.permissions),
        "permission_limits": {name: last for name, last in manifest.permissions.items() if last is not None},
        "features": manifest.features,
        "native_abis": sorted(natives),
        "debuggable": manifest.debuggable,
        "signers": [signed.fingerprint],
        "schemes": signed.schemes,
        "size": archive.source.size,
        "sha256": _sha256(archive.source),
    }


def _sha256(source: Source) -> str:
    digest = hashlib.sha256()
    for at in range(0, source.size, PIECE):
        digest.update(source.read(at, min(PIECE, source.size - at)))
    return digest.hexdigest()


def work(descriptor: int) -> tuple[dict[str, Any], bytes]:
    """What is known of the package, or why it is refused."""
    try:
        return inspect(descriptor)
    except Refused as error:
        return {"refused": error.code, "detail": error.detail}, b""
    except MemoryError:
        return {"refused": Reason.TOO_HEAVY, "detail": ""}, b""
    except Exception as error:  # a reader met what nobody thought of: the package is broken, whatever the error is
        return {"refused": Reason.DAMAGED, "detail": type(error).__name__}, b""


def main() -> None:
    bind(memory=ADDRESS_SPACE, written=MAX_RESULT)
    give_time(*CHECK, at_most=WORK[0])
    header, icon = work(0)
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + icon)
