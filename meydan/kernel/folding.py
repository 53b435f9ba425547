"""Words as searches compare them: without case, accents, vowel signs, and what differs between keyboards.

Arabic alef and hamza, Persian and Arabic yeh and kaf, teh marbuta, tatweel; Tajik letters that Russian keyboards lack;
digits of every script; the joiners inside Persian words.
"""

import unicodedata

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیئ", "ي"),
        "ک": "ك",
        "ة": "ه",
        "ۀ": "ه",
        "ؤ": "و",
        "ـ": None,
        "\u200c": None,
        "\u200d": None,
        "ҳ": "х",
        "қ": "к",
        "ҷ": "ч",
        "ӯ": "у",
        "ӣ": "и",
        "ғ": "г",
        "ё": "е",
    }
)


def fold(text: str) -> str:
    """The text, folded; words are parted by one space."""
    composed = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    plain = (_digit(letter) for letter in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(letter))
    return " ".join("".join(plain).split())


def fold_words(text: str, most: int = 6) -> list[str]:
    """The first `most` words of a question, folded."""
    return fold(text).split()[:most]


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
