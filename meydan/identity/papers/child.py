"""The child process that reads a stranger's PDF: its standard input is the file, its output one line of JSON and what
is to be appended to the file.

It binds itself (memory, CPU time, size of what it writes, no new processes) before it reads a byte, and knows no key:
whatever a file does to it, it can sign nothing.
"""

import io
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import qrcode
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from meydan.identity.papers.reading import MAX_BYTES, MAX_RESULT
from meydan.identity.papers.refusals import Reason, Refused
from meydan.kernel.bounded import bind, give_time

MAX_PAGES, MAX_OBJECTS, MAX_DEPTH = 300, 100_000, 40
ADDRESS_SPACE = 768 * 1024 * 1024
WORK = (10, 30)
"""Seconds of CPU time, and by the clock."""
RESERVED = 24 * 1024
"""Hexadecimal digits for the signature with its two certificates and its time stamp: twice what is needed."""
A4 = (595, 842)  # points
ACTIONS = frozenset(
    f"/{name}"
    for name in (
        *("JavaScript", "Launch", "SubmitForm", "ImportData", "ResetForm", "GoToE", "GoToR", "Rendition", "Movie"),
        *("Sound", "Hide", "SetOCGState", "GoTo3DView", "RichMediaExecute", "Trans"),
    )
)
"""What makes a file do something when it is opened, beside leading to a place in it or to an address on the web."""
LIVELY = frozenset(("/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"))


def open_pdf(data: bytes) -> tuple[IncrementalPdfFileWriter, int]:
    """The file, to be appended to, and its pages. Refused with the first thing that is wrong."""
    if len(data) > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE)
    if not data.startswith(b"%PDF-"):  # elsewhere: a picture or a page with a PDF behind
        raise Refused(Reason.NOT_A_PDF)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    if "/Encrypt" in reader.trailer_view:
        raise Refused(Reason.ENCRYPTED)
    for one in _dictionaries(reader.trailer_view):
        _check(one)
    pages = _count_pages(reader.root["/Pages"], 0)
    if pages == 0:
        raise Refused(Reason.DAMAGED)
    return IncrementalPdfFileWriter.from_reader(reader), pages


def _dictionaries(start: generic.DictionaryObject) -> Iterator[generic.DictionaryObject]:
    """Every dictionary that can be reached, once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [start]
    while waiting:
        one = waiting.pop()
        if isinstance(one, generic.IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            if len(seen) > MAX_OBJECTS:
                raise Refused(Reason.TOO_HEAVY)
            one = one.get_object()
        if isinstance(one, generic.DictionaryObject):
            yield one
            waiting.extend(dict.values(one))
        elif isinstance(one, generic.ArrayObject):
            waiting.extend(list.__iter__(one))


def _check(one: generic.DictionaryObject) -> None:
    """Nothing may change what the reader sees, run, or bring along what they do not see."""
    if "/ByteRange" in one:
        raise Refused(Reason.SIGNED)
    if "/XFA" in one:
        raise Refused(Reason.FORM)
    if "/JS" in one or _name(one, "/S") in ACTIONS or _name(one, "/Subtype") in LIVELY:
        raise Refused(Reason.ACTIVE)
    if "/EF" in one or "/EmbeddedFiles" in one or _name(one, "/Subtype") == "/FileAttachment":
        raise Refused(Reason.ATTACHED)
    if isinstance(one, generic.StreamObject) and "/F" in one:
        raise Refused(Reason.ATTACHED)


def _name(one: generic.DictionaryObject, key: str) -> str:
    found = one.get(key, "")
    return str(found) if isinstance(found, generic.NameObject) else ""


def _count_pages(node: Any, depth: int) -> int:
    """By the tree of pages itself; what the file says of their number is not believed."""
    if depth > MAX_DEPTH or not isinstance(node, generic.DictionaryObject):
        raise Refused(Reason.DAMAGED)
    if _name(node, "/Type") == "/Page":
        return 1
    count, kids = 0, node["/Kids"]
    for place in range(len(kids)):  # by its place, for so what it refers to is read
        count += _count_pages(kids[place], depth + 1)
        if count > MAX_PAGES:
            raise Refused(Reason.TOO_LONG)
    return count


def prepare(writer: IncrementalPdfFileWriter, size: int, stamp: Mapping[str, str]) -> tuple[dict[str, Any], bytes]:
    """Where the signature's room lies, and what is appended to the file of `size` bytes: a page with the code, and the
    signature's frame."""
    at = datetime.fromisoformat(stamp["at"])
    writer.insert_page(_code_page(writer, stamp))
    spec = SigFieldSpec(f"Meydan-{stamp['code']}", on_page=-1)
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name=spec.sig_field_name, writer=writer)
    next(steps)
    frame = SignatureObject(
        timestamp=at, subfilter=SigSeedSubFilter.PADES, reason=stamp["reason"], bytes_reserved=RESERVED
    )
    steps.send(SigObjSetup(sig_placeholder=frame))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    said = {"start": prepared.reserved_region_start, "end": prepared.reserved_region_end}
    return said, output.getvalue()[size:]


def _code_page(writer: IncrementalPdfFileWriter, stamp: Mapping[str, str]) -> PageObject:
    """A last page, so that nothing of the others is covered: the code for a camera, and the same to be typed. Who has
    signed does not stand there: anybody can print a name."""
    side = 170
    lines = [stamp["address"], stamp["at"], "", "SHA-256", *(stamp["digest"][part : part + 32] for part in (0, 32))]
    content = [_qr(stamp["address"], 60, A4[1] - 60 - side, side)]
    for place, line in enumerate(lines):
        content.append(f"BT /F0 9 Tf 60 {A4[1] - side - 84 - 14 * place} Td ({_escaped(line)}) Tj ET")
    font = {"/Type": pdf_name("/Font"), "/Subtype": pdf_name("/Type1"), "/BaseFont": pdf_name("/Courier")}
    resources = generic.DictionaryObject(
        {pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F0"): _dictionary(font)})}
    )
    stream = writer.add_object(generic.StreamObject(stream_data="\n".join(content).encode("ascii")))
    return PageObject(contents=stream, media_box=(0, 0, *A4), resources=resources)


def _dictionary(entries: Mapping[str, Any]) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()})


def _qr(text: str, x: int, y: int, side: int) -> str:
    code = qrcode.QRCode(border=0)
    code.add_data(text)
    rows = code.get_matrix()
    unit = side / len(rows)
    dark = [
        f"{column} {len(rows) - 1 - row} 1 1 re"
        for row, cells in enumerate(rows)
        for column, filled in enumerate(cells)
        if filled
    ]
    return f"q {unit:.4f} 0 0 {unit:.4f} {x} {y} cm 0 g {' '.join(dark)} f Q"


def _escaped(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def work(data: bytes, stamp: Mapping[str, str]) -> tuple[dict[str, Any], bytes]:
    """What is known of the file, with a stamp also what is appended; or why it is refused."""
    try:
        writer, pages = open_pdf(data)
        return prepare(writer, len(data), stamp) if stamp else ({"pages": pages}, b"")
    except Refused as error:
        return {"refused": error.code}, b""
    except (MemoryError, PdfDecodeLimitError):
        return {"refused": Reason.TOO_HEAVY}, b""
    except Exception:  # a reader met what nobody thought of: the file is broken, whatever the error is
        return {"refused": Reason.DAMAGED}, b""


def main() -> None:
    bind(memory=ADDRESS_SPACE, written=MAX_RESULT)
    give_time(*WORK)
    header, tail = work(sys.stdin.buffer.read(MAX_BYTES + 1), json.loads(sys.argv[2]))
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + tail)
