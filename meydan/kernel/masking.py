"""E-mail addresses and telephone numbers are taken out of what people have written. Names cannot be: no machine finds
them all, in five languages."""

import re
import unicodedata

MASK = "[…]"
"""Stands where something was taken out, in any language."""
FEWEST, FEWEST_ABROAD = 9, 8
"""Digits that make a telephone number: as it is dialled in a country, and after a plus sign."""
_ADDRESS = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.[\w-]+)+")
_RUN = re.compile(r"(?<!\w)(?:\+ ?)?\(?\d(?:[ \u00a0().-]{0,2}\d){7,}")
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:13|14|19|20)\d\d"
_DATE = re.compile(rf"(?<!\d)(?:{_DAY}[.-]{_MONTH}[.-]{_YEAR}|{_YEAR}[.-]{_MONTH}[.-]{_DAY})(?!\d)")


def mask_contacts(text: str) -> str:
    """The text with MASK in place of e-mail addresses and telephone numbers, in the digits of any script. A date is
    none, nor is a short number; a meter's long one is taken for one."""
    return _RUN.sub(_mask_run, _ADDRESS.sub(MASK, text))


def _mask_run(found: re.Match[str]) -> str:
    run = found.group()
    plain = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in run)
    digits = sum(letter.isdecimal() for letter in _DATE.sub("", plain))
    return MASK if digits >= (FEWEST_ABROAD if run.startswith("+") else FEWEST) else run
