"""Names from strangers, as pages show them: the same as `chat/plain.js` makes of them."""

import re
import unicodedata
from itertools import groupby

MARKS = 3
"""So many combining marks of one letter are shown."""
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufff9-\ufffb\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def clean(text: object, most: int = 80) -> str:
    """One line of at most `most` characters: without what steers the direction, and no letter under a pile of marks. ""
    of what is no text."""
    if not isinstance(text, str):
        return ""
    runs = groupby(text[: 4 * most], lambda letter: unicodedata.category(letter)[0] == "M")
    short = "".join("".join(run)[: MARKS if is_mark else None] for is_mark, run in runs)
    return " ".join(_CONTROL.sub(" ", _STEERING.sub("", short)).split())[:most].strip()
