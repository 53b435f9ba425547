"""The machine-readable zone of travel documents and ID cards: ICAO Doc 9303 parts 3 to 6 (8th edition), read strictly.

Three forms: TD1 (cards, three lines of 30), TD2 (two of 36), TD3 (passports, two of 44).
"""

import re
from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 3, 1)
"""Part 3, section 4.9: the check digit is the sum of values times these, modulo 10."""
SIZES = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
MAX_LENGTH = 400
_LETTERS = re.compile(r"[A-Z0-9<]+")
Span = tuple[int, int, int]
"""Line, first and last place (exclusive)."""


class MrzError(ValueError):
    """The zone cannot be read. `what` is lines, letters, date, or the name of the field whose check digit is wrong."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Mrz:
    """What the zone says. Names are Latin transliterations, cut where the line ends; `optional` holds what the issuing
    state likes, which is often the national ID number."""

    form: str
    kind: str
    issuer: str
    number: str
    nationality: str
    birth_date: date
    sex: str
    expires: date
    family_name: str
    given_name: str
    optional: str


@dataclass(frozen=True)
class _Form:
    number: Span
    birth: Span
    sex: tuple[int, int]
    expires: Span
    nationality: Span
    names: Span
    optional: tuple[Span, ...]
    composite: tuple[Span, ...]
    check: tuple[int, int]


_FORMS = {
    "TD1": _Form(
        number=(0, 5, 14),
        birth=(1, 0, 6),
        sex=(1, 7),
        expires=(1, 8, 14),
        nationality=(1, 15, 18),
        names=(2, 0, 30),
        optional=((0, 15, 30), (1, 18, 29)),
        composite=((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
        check=(1, 29),
    ),
    "TD2": _Form(
        number=(1, 0, 9),
        birth=(1, 13, 19),
        sex=(1, 20),
        expires=(1, 21, 27),
        nationality=(1, 10, 13),
        names=(0, 5, 36),
        optional=((1, 28, 35),),
        composite=((1, 0, 10), (1, 13, 20), (1, 21, 35)),
        check=(1, 35),
    ),
    "TD3": _Form(
        number=(1, 0, 9),
        birth=(1, 13, 19),
        sex=(1, 20),
        expires=(1, 21, 27),
        nationality=(1, 10, 13),
        names=(0, 5, 44),
        optional=((1, 28, 42),),
        composite=((1, 0, 10), (1, 13, 20), (1, 21, 43)),
        check=(1, 43),
    ),
}


def check_digit(text: str) -> str:
    """The check digit of a field: digits count as themselves, A to Z as 10 to 35, the filler as 0."""
    values = (0 if letter == "<" else int(letter, 36) for letter in text)
    return str(sum(value * WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def read_mrz(text: str, *, today: date) -> Mrz:
    """The zone that somebody typed or pasted; spaces within its lines do no harm. `today` tells the century of a birth,
    which lies before it. Raises `MrzError`."""
    lines = _lines(text)
    form = SIZES[len(lines), len(lines[0])]
    at = _FORMS[form]
    _check(lines, at, form)
    family, _two, given = _cut(lines, at.names).partition("<<")
    return Mrz(
        form=form,
        kind=lines[0][:2].rstrip("<"),
        issuer=lines[0][2:5].rstrip("<"),
        number=_number(lines, at, form),
        nationality=_cut(lines, at.nationality).rstrip("<"),
        birth_date=_date(_cut(lines, at.birth), past=today),
        sex=lines[at.sex[0]][at.sex[1]].strip("<"),
        expires=_date(_cut(lines, at.expires), past=None),
        family_name=_words(family),
        given_name=_words(given),
        optional=" ".join(part for one in at.optional if (part := _words(_cut(lines, one)))),
    )


def _lines(text: str) -> list[str]:
    """The zone's lines, also where they were pasted as one."""
    lines = ["".join(line.split()).upper() for line in text[:MAX_LENGTH].splitlines()]
    lines = [line for line in lines if line]
    whole = "".join(lines)
    fitting = [(count, size) for count, size in SIZES if count * size == len(whole)]
    if not fitting:
        raise MrzError("lines")
    if not _LETTERS.fullmatch(whole):
        raise MrzError("letters")
    count, size = fitting[0]  # no two forms are equally long
    return [whole[place * size : (place + 1) * size] for place in range(count)]


def _check(lines: list[str], at: _Form, form: str) -> None:
    """Every check digit (part 3, section 4.9)."""
    for name, span in (("number", at.number), ("birth_date", at.birth), ("expires", at.expires)):
        digit = lines[span[0]][span[2]]
        if name == "number" and digit == "<" and form != "TD3":
            continue  # a number longer than nine places goes on in the optional data, and so does its digit
        if digit != check_digit(_cut(lines, span)):
            raise MrzError(name)
    if form == "TD3" and lines[1][42] not in (check_digit(lines[1][28:42]), "<"):
        raise MrzError("optional")
    if lines[at.check[0]][at.check[1]] != check_digit("".join(_cut(lines, span) for span in at.composite)):
        raise MrzError("composite")


def _number(lines: list[str], at: _Form, form: str) -> str:
    """The document's number; a long one goes on in the optional data (part 5, section 4.2.4 note j)."""
    number = _cut(lines, at.number)
    rest = _cut(lines, at.optional[0]).partition("<")[0]
    if form == "TD3" or lines[at.number[0]][at.number[2]] != "<" or len(rest) < 2:
        return number.rstrip("<")
    if rest[-1] != check_digit(number + rest[:-1]):
        raise MrzError("number")
    return number + rest[:-1]


def _cut(lines: list[str], span: Span) -> str:
    return lines[span[0]][span[1] : span[2]]


def _words(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


def _date(text: str, *, past: date | None) -> date:
    """A date of two-digit year: before `past`, or else in this century."""
    try:
        found = date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        return found.replace(year=found.year - 100) if past and found > past else found
    except ValueError as error:
        raise MrzError("date") from error
