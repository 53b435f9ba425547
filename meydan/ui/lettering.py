"""Words as a pen writes them from the left: letters of the Arabic script joined, and what runs to the left turned.

Pillow does this only where the machine has FriBidi; a picture must read the same everywhere. Shapes are those that
Unicode names itself (presentation forms); order follows UAX 9 for one short line without embeddings, its rules W1 to
W7, N1, N2, I1, I2 and L2 as far as names need them. Marks on Arabic letters are left out, as in most printed names.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby

_FORMS = (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD))
_TATWEEL, _JOINER, _NON_JOINER, _LAM = "\u0640", "\u200d", "\u200c", "\u0644"
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_STRONG = {"L": "L", "R": "R", "AL": "R"}
_WITHIN_NUMBERS = frozenset({"CS", "ES"})


@cache
def _shapes() -> dict[tuple[str, str], str]:
    """(shape, letters) -> the one character that draws them: ("initial", "ب"), ("final", "لا")."""
    found = {}
    for code in _FORMS:
        kind, _space, rest = unicodedata.decomposition(chr(code)).partition("> ")
        letters = "".join(chr(int(one, 16)) for one in rest.split())
        if kind and (len(letters) == 1 or (len(letters) == 2 and letters[0] == _LAM and code >= 0xFEF5)):
            found[kind.removeprefix("<"), letters] = chr(code)
    return found


def _joins_next(letter: str) -> bool:
    return letter in (_TATWEEL, _JOINER) or ("initial", letter) in _shapes()


def _joins_last(letter: str) -> bool:
    return letter in (_TATWEEL, _JOINER) or ("final", letter) in _shapes()


def joined(text: str) -> str:
    """The text with its Arabic letters in the shapes that they have beside their neighbours, still in reading order."""
    letters = [one for one in unicodedata.normalize("NFC", text) if not _is_arabic_mark(one)]
    return "".join(_joined(letters))


def _is_arabic_mark(letter: str) -> bool:
    return unicodedata.bidirectional(letter) == "NSM" and "\u0600" <= letter <= "\u08ff"


def _joined(letters: list[str]) -> Iterator[str]:
    shapes, place = _shapes(), 0
    while place < len(letters):
        letter = letters[place]
        pair = letter + letters[place + 1] if place + 1 < len(letters) else ""
        taken = pair if ("isolated", pair) in shapes else letter
        before = letters[place - 1] if place else ""
        after = letters[place + len(taken)] if place + len(taken) < len(letters) else ""
        with_last = bool(before) and _joins_next(before) and _joins_last(letter)
        with_next = taken == letter and bool(after) and _joins_next(letter) and _joins_last(after)
        shape = ("isolated", "initial", "final", "medial")[with_last * 2 + with_next]
        if unicodedata.category(letter) != "Cf":  # what only steers is not drawn
            yield shapes.get((shape, taken), taken)
        place += len(taken)


def runs_to_the_left(text: str) -> bool:
    """Whether the text begins at the right: its first letter says so (UAX 9, P2 and P3)."""
    return next((kind == "R" for kind in map(_strong, text) if kind), False)


def _strong(letter: str) -> str:
    return _STRONG.get(unicodedata.bidirectional(letter), "")


def drawn(text: str, *, to_the_left: bool) -> str:
    """One line in the order in which it is drawn from the left; `to_the_left`: the direction of the whole."""
    letters = list(joined(text))
    levels = _levels(letters, base=int(to_the_left))
    letters = [one.translate(_MIRRORED) if level % 2 else one for one, level in zip(letters, levels, strict=True)]
    for level in range(max(levels, default=0), 0, -1):
        letters, levels = _turned(letters, levels, level)
    return "".join(letters)


def _turned(letters: list[str], levels: list[int], least: int) -> tuple[list[str], list[int]]:
    """Every run of at least this level the other way round (L2)."""
    pairs: list[tuple[str, int]] = []
    for high, run in groupby(zip(letters, levels, strict=True), key=lambda pair: pair[1] >= least):
        found = list(run)
        pairs += reversed(found) if high else found
    return [one for one, _level in pairs], [level for _one, level in pairs]


def _levels(letters: list[str], *, base: int) -> list[int]:
    """How deep each letter lies: even runs to the right, odd to the left."""
    kinds = _kinds(letters, "R" if base else "L")
    raised = {"L": base % 2, "R": 1 - base % 2, "D": 2 - base % 2}
    return [base + raised[kind] for kind in kinds]


def _kinds(letters: list[str], base: str) -> list[str]:
    """L and R for letters, D for numbers that stand among R; what is between takes after its neighbours."""
    kinds, strong = [], base
    for place, letter in enumerate(letters):
        kind = _strong(letter) or ("D" if _is_number(letters, place) else "N")
        strong = kind if kind in "LR" else strong
        kinds.append("L" if kind == "D" and strong == "L" and unicodedata.bidirectional(letter) != "AN" else kind)
    return _settled(kinds, base)


def _is_number(letters: list[str], place: int) -> bool:
    """A digit, or what stands between two of them: "3.5", "24/7"."""
    if unicodedata.bidirectional(letters[place]) in ("EN", "AN"):
        return True
    around = (letters[place - 1 : place] + letters[place + 1 : place + 2]) if place else []
    between = len(around) == 2 and all(unicodedata.bidirectional(one) in ("EN", "AN") for one in around)
    return between and unicodedata.bidirectional(letters[place]) in _WITHIN_NUMBERS


def _settled(kinds: list[str], base: str) -> list[str]:
    """N1 and N2: neutral runs take the direction that stands on both sides, else that of the line."""
    settled: list[str] = []
    for kind, run in groupby(kinds):
        length = len(list(run))
        place = len(settled)
        before = settled[-1] if settled else base
        after = kinds[place + length] if place + length < len(kinds) else base
        both = {"R" if one == "D" else one for one in (before, after)}
        settled += [kind if kind != "N" else (both.pop() if len(both) == 1 else base)] * length
    return settled
