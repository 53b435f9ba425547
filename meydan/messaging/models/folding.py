"""Texts as they are compared when somebody searches: without case, vowel signs, and the letters that Arabic and Persian
keyboards write differently."""

import re
import unicodedata

FOLDED = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("يىئې", "ی"),
        **dict.fromkeys("ك", "ک"),
        **dict.fromkeys("ةۀ", "ه"),
        **dict.fromkeys("ؤ", "و"),
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("ـ\u200c\u200d\0", None),  # the stretched line, joiners
    }
)
MOST_WORDS = 10
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """The text as it is compared."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(FOLDED))
    return "".join(char for char in bare if not unicodedata.combining(char)).translate(FOLDED)


def words_of(text: str, most: int = MOST_WORDS) -> list[str]:
    """The different words of a text, folded, at most so many, each of at most 60 letters."""
    return list(dict.fromkeys(word[:60] for word in _WORD.findall(fold(text))))[:most]
