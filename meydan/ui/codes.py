"""Codes for a camera (QR, ISO/IEC 18004)."""

import qrcode
from qrcode.image.svg import SvgPathFillImage

MODULE = 12


def qr_code(text: str, *, module: int = MODULE) -> str:
    """The text as an `<svg>` element with a white ground, so that it reads on a dark page too; `module`: how large one
    of its squares is, in tenths of a millimetre."""
    return str(qrcode.make(text, image_factory=SvgPathFillImage, box_size=module).to_string(encoding="unicode"))
