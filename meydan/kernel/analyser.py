"""The one analyser of searches: words as they are compared, whatever keyboard, vowel signs or ending they were written
with. Indexed and asked for alike, so that only the sameness of two results matters, never their beauty.

Arabic, Persian, Tajik, French and English in one: a word is treated by its script. Endings are cut lightly: what is
left has at least three letters.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_WORD = 60
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیئې", "ي"),
        "ک": "ك",
        **dict.fromkeys("ةۀە", "ه"),
        "ؤ": "و",
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("ـ\u200d\0", None),  # the stretched line, the joiner
        "ҳ": "х",
        "қ": "к",
        "ҷ": "ч",
        "ғ": "г",
        "ӣ": "и",
        "ӯ": "у",
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ı": "i",
        "ø": "o",
        "’": " ",
        "'": " ",
        "_": " ",
    }
)
_WORD = re.compile(r"\w+(?:\u200c\w+)*")
_AFTER_JOINER = frozenset(
    (
        *("ها", "هاي", "هايي", "هايم", "هايت", "هايش", "تر", "ترين"),
        *("ام", "ات", "اش", "اي", "اند", "يم", "يد", "ند"),
    )
)
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ARABIC_BEFORE = ("وال", "بال", "كال", "فال", "لل", "ال")
_ARABIC_AFTER = ("هاي", "ات", "ون", "ين", "ها", "ان")
_TAJIK_AFTER = ("хои", "хо", "хоро", "ро")
_LATIN_AFTER = (("ies", "y"), ("eaux", "eau"), ("aux", "al"), ("s", ""), ("x", ""))
LEAST = 3
_WEAK = frozenset("اويهى")
"""Letters that come and go between an Arabic word and its plural."""
SKELETON = "~"
"""Stands before a skeleton, so that it is never taken for a word."""
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "by",
        "for",
        "from",
        "how",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "the",
        "to",
        "what",
        "when",
        "where",
        "which",
        "who",
        "with",
        "you",
        "your",
        "au",
        "aux",
        "avec",
        "ce",
        "ces",
        "cette",
        "comment",
        "d",
        "de",
        "des",
        "du",
        "en",
        "est",
        "et",
        "l",
        "la",
        "le",
        "les",
        "mes",
        "mon",
        "ou",
        "par",
        "pour",
        "quand",
        "que",
        "quel",
        "quelle",
        "qui",
        "sa",
        "se",
        "ses",
        "son",
        "sur",
        "ta",
        "tes",
        "ton",
        "un",
        "une",
        "vos",
        "votre",
        "من",
        "في",
        "على",
        "عن",
        "الى",
        "هل",
        "ما",
        "هذا",
        "هذه",
        "اين",
        "كيف",
        "متى",
        "كم",
        "مع",
        "او",
        "و",
        "از",
        "به",
        "با",
        "در",
        "را",
        "که",
        "این",
        "ان",
        "برای",
        "ها",
        "هاي",
        "هايي",
        "چه",
        "کی",
        "یا",
        "تا",
        "است",
        "می",
        "كي",
        "يا",
        "مي",
        "اين",
        "аз",
        "ба",
        "бо",
        "дар",
        "ва",
        "ё",
        "ки",
        "ин",
        "он",
        "барои",
        "чи",
        "кай",
        "то",
    ]
)
"""Words that say nothing of what is looked for."""


def fold_letters(text: str) -> str:
    """The text without case, accents, vowel signs, and the letters that keyboards write differently; not shortened."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).translate(_LETTERS)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)


def fold(text: str) -> str:
    """The same, with one space between words and without the joiners inside them: for who looks for parts of words."""
    return " ".join(fold_letters(text).replace("\u200c", "").split())


def fold_words(text: str) -> list[str]:
    """The words of a text as searches compare them, in order, each of at most `MAX_WORD` letters."""
    return [word[:MAX_WORD] for word in _stems(fold_letters(text))]


def without_small(words: list[str]) -> list[str]:
    """The words of a question without those that say nothing, unless nothing else is there."""
    return [word for word in words if word not in _FOLDED_SMALL] or words


def skeleton_of(word: str) -> str:
    """What an Arabic noun and its broken plural have in common (حديقة and حدائق): the word without its weak letters
    but the first, marked; "" where too little is left, and for other scripts."""
    if not _ARABIC.search(word):
        return ""
    bare = word.removeprefix("ا")
    strong = "".join(letter for at, letter in enumerate(bare) if at == 0 or letter not in _WEAK)
    return SKELETON + strong if len(strong) >= LEAST else ""


def parts_of(text: str) -> list[str]:
    """The parts of Persian words that are written with a joiner: others write them apart."""
    folded = fold_letters(text)
    return [
        _stem(part)[:MAX_WORD]
        for found in _WORD.finditer(folded)
        if "\u200c" in found[0]
        for part in found[0].split("\u200c")
    ]


def is_near(one: str, other: str) -> bool:
    """Whether somebody who meant the one may have typed the other: a letter more or less, another one, or two that
    changed places; in a word of eight letters and more, two such faults."""
    most = 1 if min(len(one), len(other)) < 8 else 2
    return abs(len(one) - len(other)) <= most and _distance(one, other) <= most


def _distance(one: str, other: str) -> int:
    """Damerau's distance, of neighbours that change places at most once."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]


def _stems(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        first, *rest = found[0].split("\u200c")
        yield _stem("".join((first, *(part for part in rest if part not in _AFTER_JOINER))))


def _stem(word: str) -> str:
    if _ARABIC.search(word):
        return _arabic(word)
    if _CYRILLIC.search(word):
        return _without(_without(word, _TAJIK_AFTER), ("и",))
    return _latin(word)


def _arabic(word: str) -> str:
    for before in _ARABIC_BEFORE:
        if word.startswith(before) and len(word) - len(before) >= LEAST:
            word = word[len(before) :]
            break
    return _without(_without(_without(word, _ARABIC_AFTER), ("ه",)), ("ي",))


def _latin(word: str) -> str:
    for ending, instead in _LATIN_AFTER:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= LEAST:
            word = word[: -len(ending)] + instead
            break
    return word[:-1] if word.endswith("e") and len(word) > LEAST else word


def _without(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST:
            return word[: -len(ending)]
    return word


def search_query(words: list[str], *, growing: bool = False) -> str:
    """Folded words as PostgreSQL's tsquery, all of them wanted; `growing`: the last one is still being typed."""
    wanted = [f"'{word}'" for word in words]
    if growing and wanted:
        wanted[-1] += ":*"
    return " & ".join(wanted)


_FOLDED_SMALL = frozenset(one for word in _SMALL for one in (fold_letters(word), *fold_words(word)))
