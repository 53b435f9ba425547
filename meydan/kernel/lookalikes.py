"""Names that look alike: what a reader takes for the same word, whatever letters it is written with.

Unicode's own list of confusable characters (UTS 39) has thousands; the few here are those that a phone's keyboards for
our languages give.
"""

import unicodedata

_SAME = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕԁԛԝүһ", "abekmhopctyxijsdqwyh", strict=True)),  # Cyrillic
        **dict(zip("αβεικνορτυχ", "abeiknoptux", strict=True)),  # Greek
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("يىئې", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ةۀەھ", "ه"),
        "ؤ": "و",
        "0": "o",
        "1": "l",
        "|": "l",
        "ı": "i",
    }
)


def skeleton(text: str) -> str:
    """The words of a text as an eye compares them: without case, accents and vowel signs, joined by single spaces. Two
    texts that look alike have the same."""
    spelled = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in spelled if not unicodedata.combining(letter) and letter not in "ـ\u200c\u200d")
    words = "".join(letter if letter.isalnum() else " " for letter in bare.translate(_SAME))
    return " ".join(words.split())


def has_mark(text: str) -> bool:
    """Whether it holds a sign that reads as "verified": a check mark, or the root sign, which looks like one."""
    return any("CHECK" in (name := unicodedata.name(letter, "")) or name == "SQUARE ROOT" for letter in text)
