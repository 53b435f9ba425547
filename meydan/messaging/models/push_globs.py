"""Patterns of push rules, matched without a backtracking search: linear, but for `?`, whose text is cut short.

Matrix spec, appendices: "Glob-style matching" (`*` any characters, `?` exactly one) and client-server API: "Conditions"
(case does not matter; in `content.body` a pattern matches any part that starts and ends at a word boundary).

A word boundary lies between two characters unless both belong to a word. The spec counts only A-Z, a-z, 0-9 and _ as
such, which would find "علی" inside "معلیم"; like Synapse, we count letters, digits and marks of every script, but for
scripts that write no spaces between words (Chinese, Thai, ...) or hang particles on them (Korean): there we keep to the
spec, which finds more.

Boundaries are searched at the speed of `str.find`: a text is marked, NUL at each boundary, and so is the pattern.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

Match = Callable[[str], bool]

MAX_WILD = 4_096
"""How many characters of a text a pattern with `?` looks at: its search is not linear."""

_MARKS = "".join(char for char in map(chr, range(0x300, 0xE00)) if unicodedata.category(char) in ("Mn", "Mc"))
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
_WORD = rf"(?:[^\W{_UNSPACED}]|[{_MARKS}])"
_ONE = re.compile(_WORD)
_PIECE = re.compile(rf"{_WORD}++|.", re.DOTALL)
_EDGE = rf"(?:(?<![^\W{_UNSPACED}])(?<![{_MARKS}])|(?!{_WORD}))"


def fold(text: str) -> str:
    """The text without what does not matter: case, and whether a Persian or an Arabic keyboard wrote yeh and kaf."""
    folded = text.casefold()
    return folded if folded.isascii() else folded.replace("ي", "ی").replace("ك", "ک")


class Text:
    """A text to be searched for words: folded at once, marked when first needed."""

    __slots__ = ("_marked", "folded")

    def __init__(self, value: str) -> None:
        self.folded = fold(value)
        self._marked: str | None = None

    @property
    def marked(self) -> str:
        if self._marked is None:
            self._marked = mark(self.folded)
        return self._marked

    def has_word(self, folded: str) -> bool:
        """Whether it holds these words as they are, without wildcards. No words are only in no text."""
        at = self.folded.find(folded)
        if at < 0 or not folded:
            return not folded and not self.folded
        if self._is_edge(at) and self._is_edge(at + len(folded)):
            return True
        return mark(folded) in self.marked

    def _is_edge(self, at: int) -> bool:
        text = self.folded
        return not (0 < at < len(text) and _ONE.match(text, at - 1) and _ONE.match(text, at))


def mark(folded: str) -> str:
    """The text with NUL at each boundary, its start and its end: `"\\0hello\\0 \\0world\\0"`."""
    return f"\0{_join(folded)}\0"


def _join(folded: str) -> str:
    return "\0".join(_PIECE.findall(folded.replace("\0", " ")))


def is_literal(pattern: str) -> bool:
    """Whether the pattern has no wildcard."""
    return "*" not in pattern and "?" not in pattern


def match_whole(pattern: str) -> Match:
    """A test of folded texts that must match the pattern from start to end."""
    folded = fold(pattern)
    if "?" in folded:
        wild = re.compile(_wild_whole(_chunks(folded)), re.DOTALL)
        return lambda text: len(text) <= MAX_WILD and wild.fullmatch(text) is not None
    if "*" not in folded:
        return lambda text: text == folded
    first, *middle, last = _chunks(folded)
    return lambda text: text.startswith(first) and _ends_in(text, _find_all(text, middle, len(first)), last)


def match_words(pattern: str) -> Callable[[Text], bool]:
    """A test of texts that must hold the pattern between word boundaries."""
    folded = fold(pattern)
    if is_literal(folded):
        return lambda text: text.has_word(folded)
    plain = tuple(filter(None, re.split(r"[*?]+", folded)))
    found = _find_wild_words(folded) if "?" in folded else _find_words(folded)
    return lambda text: all(part in text.folded for part in plain) and found(text)


def _find_words(folded: str) -> Callable[[Text], bool]:
    first, *middle, last = map(_join, _chunks(folded))
    needles = [f"\0{first}", *middle, f"{last}\0"]
    return lambda text: _find_all(text.marked, needles, 0) >= 0


def _find_wild_words(folded: str) -> Callable[[Text], bool]:
    wild = re.compile(_wild_words(_chunks(folded)), re.DOTALL)
    return lambda text: wild.match(text.folded[:MAX_WILD]) is not None


def _chunks(folded: str) -> list[str]:
    """What stands between the `*`; the first and the last may be empty, and there is only one without `*`."""
    first, *rest = folded.split("*")
    return [first, *filter(None, rest[:-1]), *rest[-1:]]


def _find_all(text: str, needles: Sequence[str], at: int) -> int:
    """Where the last of the needles ends, each found after the one before; -1 if one is missing."""
    for needle in needles:
        at = text.find(needle, at)
        if at < 0:
            return -1
        at += len(needle)
    return at


def _ends_in(text: str, at: int, last: str) -> bool:
    return 0 <= at <= len(text) - len(last) and text.endswith(last)


def _wild_whole(chunks: Sequence[str]) -> str:
    first, *rest = map(_wild, chunks)
    return first + "".join(map(_skip_to, rest[:-1])) + "".join(f".*{last}" for last in rest[-1:])


def _wild_words(chunks: Sequence[str]) -> str:
    first, *rest = map(_wild, chunks)
    parts = [_EDGE + first, *rest]
    return "".join(map(_skip_to, [*parts[:-1], parts[-1] + _EDGE]))


def _skip_to(expression: str) -> str:
    """The expression where it first fits, and never looked for again further on: that is enough, and keeps it fast."""
    return f"(?>.*?{expression})"


def _wild(chunk: str) -> str:
    return ".".join(map(re.escape, chunk.split("?")))
