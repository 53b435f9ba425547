"""Android's table of resources (resources.arsc), as far as names and icons need it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from meydan.store.packages.chunks import REFERENCE, STRING, Chunk, Strings, Value, read_chunk, read_chunks
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.source import Scanner

TABLE, PACKAGE, TYPE = 0x0002, 0x0200, 0x0201
SPARSE, SHORT_OFFSETS = 0x1, 0x2
COMPLEX, COMPACT = 0x1, 0x8
MAX_STEPS, MAX_PIECES, MAX_ENTRIES = 8, 50_000, 65_536
EFFORT = 50_000
"""How many places may be looked at for one package in all, a long list counted by its length: half a second."""
REASON = Reason.BAD_RESOURCES


@dataclass(frozen=True, slots=True)
class Variant:
    """A value for some devices: the language tag ("" for all) and the density (0 for all) it is for."""

    language: str
    density: int
    value: Value
    is_plain: bool
    """Nothing but language and density decides: not the country's network, the screen, the night, the version."""


@dataclass(slots=True)
class Table:
    """The values of resources by their number (0xPPTTEEEE)."""

    strings: Strings
    _types: dict[int, list[Chunk]] = field(default_factory=dict)
    _effort: int = 0

    def variants(self, number: int) -> list[Variant]:
        """All values of a resource; references are followed, each into all that it means."""
        return list(self._followed(number, 0))

    def _followed(self, number: int, steps: int) -> Iterator[Variant]:
        if steps > MAX_STEPS:
            raise Refused(REASON, "references in a circle")
        for chunk in self._types.get(number >> 16, ()):
            for variant in self._in_type(chunk, number & 0xFFFF):
                if variant.value.kind == REFERENCE:
                    yield from self._through(variant, steps)
                else:
                    yield variant

    def _in_type(self, chunk: Chunk, entry: int) -> Iterator[Variant]:
        """The value that one configuration has for an entry, when it has one."""
        header = Scanner(chunk.header.data, REASON)
        _kind, flags, _zero, count, entries_start = header.numbers("2BH2I")
        self._effort += 1 + (count // 64 if flags & SPARSE else 0)
        if count > MAX_ENTRIES or self._effort > EFFORT:
            raise Refused(REASON, "too many values")
        at = _place(Scanner(chunk.body.data, REASON), flags, count, entry)
        value = None if at is None else _value(Scanner(chunk.whole[entries_start + at :], REASON))
        if value:
            yield _variant(header, value)

    def _through(self, variant: Variant, steps: int) -> Iterator[Variant]:
        for meant in self._followed(variant.value.data, steps + 1):
            yield Variant(
                variant.language or meant.language,
                variant.density or meant.density,
                meant.value,
                variant.is_plain and meant.is_plain,
            )

    def text(self, value: Value) -> str | None:
        """The text of a value; None when it is none."""
        return self.strings[value.data] if value.kind == STRING else None


def read_table(data: bytes) -> Table:
    """The table; its types are looked up only when a value is asked for."""
    outer = read_chunk(Scanner(data, REASON))
    if outer.kind != TABLE or len(outer.whole) != len(data):
        raise Refused(REASON, "no table of resources")
    table = Table(Strings(read_chunk(outer.body)))
    for chunk in read_chunks(outer.body):
        if chunk.kind == PACKAGE:
            _read_package(chunk, table)
    return table


def _read_package(package: Chunk, table: Table) -> None:
    number = package.header.u32() & 0xFF
    for count, chunk in enumerate(read_chunks(package.body)):
        if count > MAX_PIECES:
            raise Refused(REASON, "too many pieces")
        if chunk.kind == TYPE:
            kind = chunk.header.data[0] if chunk.header.left else 0
            table._types.setdefault(number << 8 | kind, []).append(chunk)


def _place(offsets: Scanner, flags: int, count: int, entry: int) -> int | None:
    """Where the entry lies behind the start of the entries."""
    if flags & SPARSE:
        pairs = offsets.numbers(f"{2 * min(count, offsets.left // 4)}H")
        return next((4 * at for number, at in zip(pairs[::2], pairs[1::2], strict=True) if number == entry), None)
    if entry >= count:
        return None
    if flags & SHORT_OFFSETS:
        offsets.take(2 * entry)
        (at,) = offsets.numbers("H")
        return None if at == 0xFFFF else 4 * at
    offsets.take(4 * entry)
    at = offsets.u32()
    return None if at == 0xFFFFFFFF else at


def _value(scanner: Scanner) -> Value | None:
    size, flags, key = scanner.numbers("2HI")
    if flags & COMPACT:
        return Value(flags >> 8, key)
    if flags & COMPLEX or size < 8:
        return None
    _size, _zero, kind, data = scanner.numbers("H2BI")
    return Value(kind, data)


def _variant(header: Scanner, value: Value) -> Variant:
    size = header.u32()
    config = bytes(header.take(min(size - 4, header.left))).ljust(60, b"\0")
    density = int.from_bytes(config[10:12], "little")
    decides = config[0:4] + config[8:10] + config[12:20] + config[24:32]  # not for which version: "v4" stands at most
    language = _letters(config[4:6], "a")
    script = config[32:36].rstrip(b"\0").decode("ascii", "replace")
    region = _letters(config[6:8], "0")
    tag = "-".join(part for part in (language, script, region) if part) if language else ""
    return Variant(tag, density, value, not any(decides))


def _letters(packed: bytes, base: str) -> str:
    """Two letters as they are, or three in two bytes."""
    first, second = packed
    if not first & 0x80:
        return packed.rstrip(b"\0").decode("ascii", "replace")
    indexes = (second & 0x1F, (second & 0xE0) >> 5 | (first & 0x03) << 3, (first & 0x7C) >> 2)
    return "".join(chr(ord(base) + index) for index in indexes)
