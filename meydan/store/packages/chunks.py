"""What Android's binary XML and resource tables are made of: chunks with a header, and pools of strings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from meydan.store.packages.refusals import Refused
from meydan.store.packages.source import Scanner

STRING_POOL = 0x0001
UTF8_POOL = 0x100
MAX_STRING, MAX_DECODED = 32_767, 8 * 1024 * 1024

REFERENCE, STRING = 0x01, 0x03
FIRST_INT, LAST_INT = 0x10, 0x1F
BOOLEAN = 0x12


class Value(NamedTuple):
    """A typed value: a number, the index of a string, or the number of a resource."""

    kind: int
    data: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece: what kind, its header behind the first 8 bytes, and what follows the header."""

    kind: int
    header: Scanner
    body: Scanner
    whole: memoryview


def read_chunk(scanner: Scanner) -> Chunk:
    """The chunk that begins here."""
    begin = scanner.at
    kind, header_size, size = scanner.numbers("2HI")
    if not 8 <= header_size <= size:
        raise Refused(scanner.reason, "a piece's sizes")
    scanner.take(size - 8)
    whole = scanner.data[begin : begin + size]
    return Chunk(
        kind, Scanner(whole[8:header_size], scanner.reason), Scanner(whole[header_size:], scanner.reason), whole
    )


def read_chunks(scanner: Scanner) -> Iterator[Chunk]:
    """All chunks up to the end."""
    while scanner.left:
        yield read_chunk(scanner)


class Strings:
    """A pool of strings, each decoded when it is first asked for. Many may point to the same long one: what is decoded
    in all is bounded."""

    def __init__(self, chunk: Chunk) -> None:
        self._reason = chunk.header.reason
        if chunk.kind != STRING_POOL:
            raise Refused(self._reason, "no pool of strings")
        self._count, _styles, flags, start, _style_start = chunk.header.numbers("5I")
        self._is_utf8 = bool(flags & UTF8_POOL)
        self._offsets = chunk.body.take(4 * self._count)
        self._known: dict[int, str] = {}
        self._decoded_bytes = 0
        self._data = chunk.whole[start:] if start <= len(chunk.whole) else memoryview(b"")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < self._count:
            raise Refused(self._reason, "a string that is not there")
        if index not in self._known:
            offset = int.from_bytes(self._offsets[4 * index : 4 * index + 4], "little")
            scanner = Scanner(self._data[offset:], self._reason)
            self._known[index] = self._utf8(scanner) if self._is_utf8 else self._utf16(scanner)
        return self._known[index]

    def _utf8(self, scanner: Scanner) -> str:
        _length8(scanner)
        return self._decoded(bytes(scanner.take(_length8(scanner))), "utf-8")

    def _utf16(self, scanner: Scanner) -> str:
        (length,) = scanner.numbers("H")
        if length & 0x8000:
            length = (length & 0x7FFF) << 16 | scanner.numbers("H")[0]
        if length > MAX_STRING:
            raise Refused(self._reason, "a string too long")
        return self._decoded(bytes(scanner.take(2 * length)), "utf-16-le")

    def _decoded(self, raw: bytes, encoding: str) -> str:
        """Java writes a sign beyond the first 65,536 as two halves, each for itself: they are put together."""
        self._decoded_bytes += len(raw)
        if self._decoded_bytes > MAX_DECODED:
            raise Refused(self._reason, "too many letters")
        try:
            halves = raw.decode(encoding, "surrogatepass")
            return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeError:
            raise Refused(self._reason, "a string that is no text") from None


def _length8(scanner: Scanner) -> int:
    (length,) = scanner.numbers("B")
    return (length & 0x7F) << 8 | scanner.numbers("B")[0] if length & 0x80 else length
