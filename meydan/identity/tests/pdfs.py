"""PDF files, written by hand: one that is sound, and many that are not."""

import io
import zlib

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>"
CONTENT = b"<< /Length 22 >>\nstream\n0 0 100 100 re f      \nendstream"


def make_pdf(
    *more: bytes, root: bytes = b"", page: bytes = b"", trailer: bytes = b"", kids: bytes = b"[3 0 R]", count: int = 1
) -> bytes:
    """A file of one page; `more` are objects from number 5 on, the rest is put into the dictionaries."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + root + b" >>",
        b"<< /Type /Pages /Kids " + kids + b" /Count " + str(count).encode() + b" >>",
        PAGE[:-2] + page + b" >>",
        CONTENT,
        *more,
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R " % (len(objects) + 1) + trailer + b" >>\n")
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def make_bomb() -> bytes:
    """A file whose objects lie in a stream that unpacks to a gigabyte."""
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(b" " * 2**20) for _ in range(1024)) + packed.flush()
    head = b"<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length %d >>\nstream\n" % len(body)
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    stream_at = out.tell()
    out.write(b"1 0 obj\n" + head + body + b"\nendstream\nendobj\n")
    start = out.tell()
    rows = bytes([0, 0, 0, 0, 0, 0]) + b"\x01" + stream_at.to_bytes(4, "big") + b"\0" + b"\x02\0\0\0\x01\0"
    rows += b"\x01" + start.to_bytes(4, "big") + b"\0"
    out.write(b"3 0 obj\n<< /Type /XRef /Size 4 /W [1 4 1] /Root 2 0 R /Length %d >>\nstream\n" % len(rows))
    out.write(rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
HOSTILE: dict[str, tuple[str, bytes]] = {
    "a picture": ("not_a_pdf", b"\x89PNG\r\n\x1a\n"),
    "a picture with a PDF behind": ("not_a_pdf", b"GIF89a" + make_pdf()),
    "cut short": ("damaged", make_pdf()[:300]),
    "nothing but a head": ("damaged", b"%PDF-1.7\n"),
    "too large": ("too_large", make_pdf() + b" " * (10 * 2**20)),
    "encrypted": ("encrypted", make_pdf(b"<< /Filter /Standard /V 2 /R 3 >>", trailer=b"/Encrypt 5 0 R")),
    "script when it opens": ("active", make_pdf(SCRIPT, root=b"/OpenAction 5 0 R")),
    "script in the names": ("active", make_pdf(SCRIPT, root=b"/Names << /JavaScript << /Names [(a) 5 0 R] >> >>")),
    "script of a page": ("active", make_pdf(SCRIPT, page=b"/AA << /O 5 0 R >>")),
    "starts a program": ("active", make_pdf(b"<< /S /Launch /F (cmd.exe) >>", root=b"/OpenAction 5 0 R")),
    "sends a form": ("active", make_pdf(page=b"/AA << /O << /S /SubmitForm /F (https://x.org) >> >>")),
    "a film": ("active", make_pdf(b"<< /Type /Annot /Subtype /RichMedia >>", page=b"/Annots [5 0 R]")),
    "XFA": ("form", make_pdf(root=b"/AcroForm << /Fields [] /XFA (x) >>")),
    "an attachment": ("attached", make_pdf(b"<< /Type /Filespec /EF << /F 4 0 R >> >>", root=b"/AF [5 0 R]")),
    "content from outside": (
        "attached",
        make_pdf(b"<< /Length 0 /F (x.bin) >>\nstream\n\nendstream", page=b"/X 5 0 R"),
    ),
    "signed already": ("signed", make_pdf(b"<< /Type /Sig /ByteRange [0 1 2 3] >>", root=b"/X 5 0 R")),
    "no page": ("damaged", make_pdf(kids=b"[]", count=0)),
    "pages in a ring": ("damaged", make_pdf(kids=b"[2 0 R]")),
    "too many pages": ("too_long", make_pdf(kids=b"[" + b"3 0 R " * 301 + b"]", count=301)),
    "lies of its pages": ("too_long", make_pdf(kids=b"[" + b"3 0 R " * 400 + b"]", count=1)),
    "arrays without end": ("damaged", make_pdf(b"[" * 100_000, root=b"/X 5 0 R")),
    "a bomb": ("too_heavy", make_bomb()),
}
"""Each with the word of `papers.refusals.Reason` for which it is refused."""
