"""Whatever the messenger's scripts say or draw is there, in the page or in what is loaded with them."""

import re
from pathlib import Path

from meydan.messaging.pages.more_words import MORE_ICONS, MORE_WORDS
from meydan.messaging.pages.words import ICONS, WORDS

CHAT = Path(__file__).parents[1] / "static" / "messaging" / "chat"
SAID = re.compile(r'\bsay\(\s*"(\w+)"')
DRAWN = re.compile(r'\b(?:icon|tool)\(\s*"([a-z0-9-]+)"')
LATER = 'import "./more.js";'


def lacking(pattern: re.Pattern[str], early: set[str], late: set[str]) -> list[str]:
    """What a script names that is not there when it runs."""
    scripts = {path.name: path.read_text("utf-8") for path in sorted(CHAT.glob("*.js"))}
    return [
        f"{name}: {word}"
        for name, text in scripts.items()
        for word in pattern.findall(text)
        if word not in early | (late if LATER in text else set())
    ]


def test_every_sentence_is_there() -> None:
    assert lacking(SAID, set(WORDS), set(MORE_WORDS)) == []
    assert not WORDS.keys() & MORE_WORDS.keys()


def test_every_icon_is_there() -> None:
    assert lacking(DRAWN, set(ICONS), set(MORE_ICONS)) == []
    assert not set(ICONS) & set(MORE_ICONS)
