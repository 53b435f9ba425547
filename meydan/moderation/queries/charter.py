"""The charter of use as numbered rules. Its text is the city's own (`accounts`): what people accept is cited."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from meydan.accounts.public import current_charter, find_charter
from meydan.kernel.i18n import current_language, text_of

MOST_RULES = 40
_RULE = re.compile(r"^(\d{1,2})\.\s+(.{1,1000})$", re.MULTILINE)
_BOLD = re.compile(r"^\*\*(.{1,200}?)\*\*\s*(.*)$")


@dataclass(frozen=True)
class CharterRule:
    """One rule of one version: `code` ("1:3") says which for ever."""

    code: str
    version: str
    number: int
    title: str
    text: str


def list_rules() -> list[CharterRule]:
    """What the charter in force asks of people, in the reader's language; none before there is a charter."""
    charter = current_charter()
    return list(_rules(charter.version, text_of(charter.text, current_language()))) if charter else []


def find_rules(codes: Iterable[str]) -> list[CharterRule]:
    """These rules, of whichever version they were cited from, in the reader's language."""
    found = []
    for code in codes:
        version, _colon, number = code.rpartition(":")
        charter = find_charter(version)
        rules = _rules(version, text_of(charter.text, current_language())) if charter else ()
        found += [rule for rule in rules if str(rule.number) == number]
    return found


def known_codes(codes: Iterable[str]) -> list[str]:
    """Those of the codes that the charter in force has, each once, in its order."""
    wanted = set(codes)
    return [rule.code for rule in list_rules() if rule.code in wanted]


@lru_cache(maxsize=64)
def _rules(version: str, text: str) -> tuple[CharterRule, ...]:
    """The first numbered list of the text: what is asked of people. What they may expect comes after it."""
    rules: list[CharterRule] = []
    for found in _RULE.finditer(text):
        number, words = int(found[1]), found[2].strip()
        if number != len(rules) + 1 or len(rules) == MOST_RULES:
            break
        bold = _BOLD.match(words)
        title, more = (bold[1], bold[2]) if bold else (words, "")
        rules.append(CharterRule(f"{version}:{number}", version, number, title.strip(" .,،؛"), more.strip()))
    return tuple(rules)
