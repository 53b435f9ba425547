"""Codes for a camera (QR, ISO/IEC 18004)."""

from itertools import groupby

import qrcode

MODULE = 12
MASK = 2
"""The pattern that all of ours are masked with: for addresses it is nearly always the one that the standard prefers. To
rate all eight takes three quarters of the time, and whatever reads one reads each."""


def qr_code(text: str, *, module: int = MODULE) -> str:
    """The text as an `<svg>` element with a white ground, so that it reads on a dark page too; `module`: how large one
    of its squares is, in tenths of a millimetre."""
    code = qrcode.QRCode(mask_pattern=MASK)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(_dark(row, y) for y, row in enumerate(rows))
    side = f"{len(rows) * module / 10:g}mm"
    return (
        f'<svg width="{side}" height="{side}" version="1.1" viewBox="0 0 {len(rows)} {len(rows)}"'
        ' xmlns="http://www.w3.org/2000/svg"><rect fill="white" x="0" y="0" width="100%" height="100%"/>'
        f'<path d="{dark}"/></svg>'
    )


def _dark(row: list[bool], y: int) -> str:
    """The dark modules of a row, each run of them as one rectangle."""
    path, x = "", 0
    for is_dark, run in groupby(row):
        length = sum(1 for _module in run)
        path += f"M{x},{y}h{length}v1h-{length}z" if is_dark else ""
        x += length
    return path
