"""The code of a package: which classes it brings, by the tables at the beginning of each DEX file.

The format: source.android.com/docs/core/runtime/dex-format. Only names are read, nothing is run or followed; a table
that leads out of its file is read by nobody, Android least of all.
"""

import struct
from collections.abc import Iterator

VERSIONS = frozenset({b"035", b"037", b"038", b"039", b"040"})
HEADER = 0x70
MOST = 65_536  # classes and types of one file: Android's own bound
CLASS_SIZE = 32
MAX_NAME = 512


class Unreadable(Exception):
    """The tables of this file are not where it says."""


def packages_in(data: bytes) -> set[str]:
    """The packages ("com/example/bus") of the classes that this DEX file brings. Raises `Unreadable`."""
    if len(data) < HEADER or data[:4] != b"dex\n" or data[4:7] not in VERSIONS:
        raise Unreadable
    return {name.rpartition("/")[0] for name in _classes(data) if "/" in name}


def _classes(data: bytes) -> Iterator[str]:
    strings_count, strings_at, types_count, types_at = struct.unpack_from("<4I", data, 0x38)
    classes_count, classes_at = struct.unpack_from("<2I", data, 0x60)
    if max(types_count, classes_count) > MOST or strings_count > len(data) // 4:
        raise Unreadable
    strings, types = _numbers(data, strings_at, strings_count), _numbers(data, types_at, types_count)
    for number in range(classes_count):
        (of_type,) = _numbers(data, classes_at + number * CLASS_SIZE, 1)
        yield _name(data, _at(strings, _at(types, of_type)))


def _numbers(data: bytes, at: int, count: int) -> tuple[int, ...]:
    if at + 4 * count > len(data):
        raise Unreadable
    return struct.unpack_from(f"<{count}I", data, at)


def _at(table: tuple[int, ...], index: int) -> int:
    if index >= len(table):
        raise Unreadable
    return table[index]


def _name(data: bytes, at: int) -> str:
    """The class of a descriptor, "Lcom/example/bus/Stop;": behind its length, up to a zero."""
    begin = at
    while begin < len(data) and data[begin] & 0x80 and begin - at < 5:
        begin += 1
    begin += 1
    end = data.find(b"\0", begin, begin + MAX_NAME)
    if end < 0:
        raise Unreadable
    name = data[begin:end].decode("utf-8", "replace")
    return name[1:-1] if name.startswith("L") and name.endswith(";") else ""
