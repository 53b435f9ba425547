"""A ZIP file, read strictly: what two readers could understand differently is refused.

Android's own reader, Java's and Python's disagree about duplicate names, two ends, overlapping entries and headers that
contradict each other; a package that means one thing to us and another to a phone is what an attacker wants.
"""

import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.source import Scanner, Source

MAX_BYTES = 256 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_DIRECTORY = 8 * 1024 * 1024
MAX_NAME = 512
MAX_TOTAL = 1024 * 1024 * 1024
MAX_MEMBER = 512 * 1024 * 1024
RATIO_FROM, MAX_RATIO = 16 * 1024 * 1024, 100
"""From this size on an entry, and the whole, may be at most so many times what it takes in the file."""
MAX_GAP = 64 * 1024 + 30
PIECE = 256 * 1024

LOCAL, CENTRAL, END, DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIBED, UTF8 = 0x1, 0x8, 0x800
KNOWN_FLAGS = DESCRIBED | UTF8 | 0x6  # the last two say how hard the compressor tried
HIDING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # kinds of signs that are not seen, or change what is seen

MANIFEST, RESOURCES = "AndroidManifest.xml", "resources.arsc"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive; `at` is where its local header begins, `data` where its bytes do."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    data: int = 0

    @property
    def end(self) -> int:
        return self.data + self.packed


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose structure is sound: its entries by name, and where its parts lie."""

    source: Source
    entries: dict[str, Entry]
    contents_end: int
    """Where the last entry ends; the signing block lies between here and the directory."""
    directory_at: int
    directory_size: int

    def read(self, name: str, most: int, reason: Reason) -> bytes:
        """An entry, unpacked in memory: refused with `reason` when it is larger than `most` bytes."""
        entry = self.entries[name]
        if entry.size > most:
            raise Refused(reason, f"{name}: {entry.size} bytes")
        return b"".join(unpack(self.source, entry))


def open_archive(source: Source) -> Archive:
    """The archive; Refused when it is none, or not a plain one."""
    if source.size > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{source.size} bytes")
    if source.size < 22 or source.read(0, 4) != LOCAL:
        raise Refused(Reason.NOT_A_PACKAGE)
    count, size, at = _read_end(source)
    listed = _read_directory(source.read(at, size), count)
    _check_sizes(listed, source.size)
    entries = [_with_data(source, entry, at) for entry in sorted(listed, key=lambda entry: entry.at)]
    contents_end = _check_gaps(source, entries, at)
    return Archive(source, {entry.name: entry for entry in entries}, contents_end, at, size)


def _read_end(source: Source) -> tuple[int, int, int]:
    """Number of entries, size and place of the directory, by the end record: it must be the file's very end."""
    end = source.read(source.size - 22, 22)
    if end[:4] != END:
        tail = source.read(max(0, source.size - MAX_GAP), min(MAX_GAP, source.size))
        raise Refused(Reason.TRAILING_DATA if END in tail else Reason.DAMAGED)
    disk, first_disk, here, count, size, at, comment = struct.unpack("<4H2IH", end[4:])
    if comment:
        raise Refused(Reason.TRAILING_DATA, "a comment")
    if disk or first_disk or here != count:
        raise Refused(Reason.DAMAGED, "several disks")
    if count > MAX_ENTRIES:
        raise Refused(Reason.TOO_MANY_ENTRIES, str(count))
    if at + size != source.size - 22:
        raise Refused(Reason.DAMAGED, "the directory is not where the end says")
    if size > MAX_DIRECTORY:
        raise Refused(Reason.TOO_LARGE, "the directory")
    return count, size, at


def _read_directory(data: bytes, count: int) -> list[Entry]:
    scanner = Scanner(data, Reason.DAMAGED)
    names: set[str] = set()
    entries = []
    for _number in range(count):
        entry = _read_central(scanner)
        if entry.name in names:
            raise Refused(Reason.DUPLICATE_NAME, entry.name)
        names.add(entry.name)
        entries.append(entry)
    if scanner.left:
        raise Refused(Reason.TOO_MANY_ENTRIES if _goes_on(scanner) else Reason.DAMAGED, "more than the end says")
    _check_lookalikes(names)
    return entries


def _goes_on(scanner: Scanner) -> bool:
    return bytes(scanner.data[scanner.at : scanner.at + 4]) == CENTRAL


def _read_central(scanner: Scanner) -> Entry:
    if bytes(scanner.take(4)) != CENTRAL:
        raise Refused(Reason.DAMAGED, "the directory")
    fields = scanner.numbers("6H3I5H2I")
    _made_by, _needs, flags, method, _time, _day, crc, packed, size = fields[:9]
    name_length, extra, comment, disk, _internal, _external, at = fields[9:]
    if name_length > MAX_NAME:
        raise Refused(Reason.BAD_NAME, "too long")
    name = checked_name(bytes(scanner.take(name_length)))
    scanner.take(extra + comment)
    if flags & ENCRYPTED:
        raise Refused(Reason.ENCRYPTED, name)
    if flags & ~KNOWN_FLAGS or disk:
        raise Refused(Reason.DAMAGED, name)
    if method not in (STORED, DEFLATED) or (method == STORED and packed != size):
        raise Refused(Reason.BAD_METHOD, name)
    return Entry(name, flags, method, crc, packed, size, at)


def checked_name(raw: bytes) -> str:
    """An entry's name; Refused when it is no text, leads out of its folder, or hides what it is."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise Refused(Reason.BAD_NAME, repr(raw)) from None
    if not name or any(unicodedata.category(letter) in HIDING for letter in name):
        raise Refused(Reason.BAD_NAME, ascii(name))
    parts = name.removesuffix("/").split("/")
    if "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in map(_plain, parts)):
        raise Refused(Reason.ESCAPING_NAME, name)
    return name


def _plain(text: str) -> str:
    """As a careless reader would see it: dots and letters of another width are the usual ones, case does not count."""
    return unicodedata.normalize("NFKC", text).casefold()


def _check_lookalikes(names: set[str]) -> None:
    """Two names that are one after Unicode's normal form, or one that is nearly a name that Android knows."""
    seen: set[str] = set()
    for name in names:
        if not name.isascii():
            normal = unicodedata.normalize("NFKC", name)
            if normal in names or normal in seen:
                raise Refused(Reason.LOOKALIKE_NAME, name)
            seen.add(normal)
        known = _known_name(name)
        if known and known != name:
            raise Refused(Reason.LOOKALIKE_NAME, name)


def _known_name(name: str) -> str:
    """The name with a meaning that this one is, or looks like; "" when it is like none."""
    plain = _plain(name).translate(_ALIKE).strip()
    if plain in (MANIFEST.casefold(), RESOURCES):
        return MANIFEST if plain == MANIFEST.casefold() else RESOURCES
    if plain.startswith("classes") and plain.endswith(".dex") and "/" not in plain:
        return plain
    return "META-INF/" + name[9:] if plain.startswith("meta-inf/") else ""


_ALIKE = str.maketrans("асеіорхѕԁ", "aceiopxsd")  # Cyrillic that looks like Latin


def _check_sizes(entries: list[Entry], file_size: int) -> None:
    total = 0
    for entry in entries:
        total += entry.size
        if entry.size > MAX_MEMBER or _swells(entry.size, entry.packed):
            raise Refused(Reason.BOMB, entry.name)
    if total > MAX_TOTAL or _swells(total, file_size):
        raise Refused(Reason.BOMB, f"{total} bytes in all")


def _swells(size: int, packed: int) -> bool:
    return size > RATIO_FROM and size > MAX_RATIO * packed


def _with_data(source: Source, entry: Entry, directory_at: int) -> Entry:
    """The entry with the place of its bytes, by its local header, which must say what the directory says."""
    raw = entry.name.encode()
    if entry.at + 30 + len(raw) > directory_at:
        raise Refused(Reason.DAMAGED, entry.name)
    header = source.read(entry.at, 30 + len(raw))
    if header[:4] != LOCAL:
        raise Refused(Reason.TWO_HEADERS, entry.name)
    _needs, flags, method, _time, _day, *sizes, name_length, extra = struct.unpack("<5H3I2H", header[4:30])
    unsaid = [0, 0, 0] if entry.flags & DESCRIBED else [entry.crc, entry.packed, entry.size]
    same = (flags, method, name_length, header[30:]) == (entry.flags, entry.method, len(raw), raw)
    if not same or sizes not in ([entry.crc, entry.packed, entry.size], unsaid):
        raise Refused(Reason.TWO_HEADERS, entry.name)
    data = entry.at + 30 + name_length + extra
    if data + entry.packed > directory_at:
        raise Refused(Reason.OVERLAPPING, entry.name)
    return Entry(entry.name, flags, method, entry.crc, entry.packed, entry.size, entry.at, data)


def _check_gaps(source: Source, entries: list[Entry], directory_at: int) -> int:
    """Entries must not share bytes, and what lies between them must be filling; gives where the last ends."""
    reached = 0
    for entry in entries:
        if entry.at < reached:
            raise Refused(Reason.OVERLAPPING, entry.name)
        if entry.at > reached:
            _check_filling(source, reached, entry.at)
        reached = entry.end + _descriptor(source, entry, directory_at)
    return reached


def _descriptor(source: Source, entry: Entry, directory_at: int) -> int:
    """The length of the record behind an entry whose sizes were not known before."""
    if not entry.flags & DESCRIBED:
        return 0
    sizes = struct.pack("<3I", entry.crc, entry.packed, entry.size)
    data = source.read(entry.end, min(16, directory_at - entry.end))
    if data == DESCRIPTOR + sizes:
        return 16
    if data[:12] == sizes:
        return 12
    raise Refused(Reason.TWO_HEADERS, entry.name)


def _check_filling(source: Source, begin: int, end: int) -> None:
    """Zeros, or the empty entries that Android's build tools leave where something was taken out."""
    while begin < end:
        if end - begin > MAX_GAP and not _is_empty_entry(source.read(begin, 30)):
            raise Refused(Reason.HIDDEN_DATA, f"{end - begin} bytes at {begin}")
        gap = source.read(begin, min(MAX_GAP, end - begin))
        if not any(gap):
            return
        if len(gap) < 30 or not _is_empty_entry(gap[:30]):
            raise Refused(Reason.HIDDEN_DATA, f"{end - begin} bytes at {begin}")
        length = 30 + int.from_bytes(gap[28:30], "little")
        if any(gap[30:length]) or begin + length > end:
            raise Refused(Reason.HIDDEN_DATA, f"{end - begin} bytes at {begin}")
        begin += length


def _is_empty_entry(header: bytes) -> bool:
    """No name, no size: nothing but an extra field."""
    return header[:4] == LOCAL and not any(header[14:28])


def unpack(source: Source, entry: Entry) -> Iterator[bytes]:
    """The entry's bytes in pieces, never more than it says; Refused when it is not what it says."""
    size = crc = 0
    for piece in _inflate(source, entry) if entry.method == DEFLATED else _stored(source, entry):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if size > entry.size:
            raise Refused(Reason.SIZE_LIES, entry.name)
        yield piece
    if size != entry.size or crc != entry.crc:
        raise Refused(Reason.SIZE_LIES, entry.name)


def _stored(source: Source, entry: Entry) -> Iterator[bytes]:
    for at in range(entry.data, entry.end, PIECE):
        yield source.read(at, min(PIECE, entry.end - at))


def _inflate(source: Source, entry: Entry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in _stored(source, entry):
            while piece:
                if inflater.eof:
                    raise Refused(Reason.SIZE_LIES, entry.name)
                yield inflater.decompress(piece, PIECE)
                piece = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error:
        raise Refused(Reason.SIZE_LIES, entry.name) from None
    yield inflater.flush()
    if not inflater.eof:
        raise Refused(Reason.SIZE_LIES, entry.name)
