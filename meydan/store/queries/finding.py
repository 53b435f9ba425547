"""What a search finds, best first: entries with all the words in their names, then with all of them anywhere; and where
these are few, those that come near: other forms of the words, words mistyped by a letter or two, and some of the words
instead of all.

Every list that is looked through ends at `MOST_FOUND`, so that a word which half the store uses costs no more than a
rare one. Words of the question that stand in no entry are looked for in the list of all words (`store_word`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, LiteralString

from meydan.kernel.analyser import fold_letters, is_near, search_query, skeleton_of

MOST_FOUND = 200
ENOUGH = 24  # with so many, nothing is looked for that only comes near
LEAST_LETTERS = 4  # of a word that is corrected, or taken for a beginning
MOST_NEAR = 5
LOOKED_AT = 40
FAINT = 0.3  # of the best, below which what comes near is left out
IN_NAME, OTHER_FORM = 1.5, 0.6


@dataclass(frozen=True)
class Among:
    """What is searched: SQL conditions with their values, the column of the order, and the reader's language, whose
    entries come first among equals (None: the order alone counts)."""

    conditions: Sequence[str]
    values: Mapping[str, Any]
    order: LiteralString
    reader: str | None


Rows = Any  # (sql, values) -> list of rows; of queries.listing


def find_ids(among: Among, words: Sequence[str], rows: Rows) -> list[int]:
    """The entries with these folded words, best first, at most `MOST_FOUND`."""
    query = search_query([*words])
    found = _ids(among, "title_words", query, rows)
    if len(found) < MOST_FOUND:
        found = list(dict.fromkeys((*found, *_ids(among, "body_words", query, rows))))[:MOST_FOUND]
    if len(found) < ENOUGH:
        found = list(dict.fromkeys((*found, *find_near(among, words, rows))))
    return found[:MOST_FOUND]


def _ids(among: Among, column: LiteralString, query: str, rows: Rows) -> list[int]:
    sql = f"""select id, title ? %(reader)s from store_app
               where {" and ".join(among.conditions)} and {column} @@ %(query)s::tsquery
               order by {among.order} desc, id desc limit %(most)s"""
    found = rows(sql, {**among.values, "reader": among.reader or "", "query": query, "most": MOST_FOUND})
    return [one for one, _own in sorted(found, key=lambda row: not row[1])]


def find_near(among: Among, words: Sequence[str], rows: Rows) -> list[int]:
    """Entries that have something of each word, or some of the words: those with more and rarer ones first."""
    wide = [_wide(word, near) for word, near in _near(words, rows).items()]
    if len(wide) == 1 and not wide[0].others:
        return []
    scores: dict[int, float] = {}
    own: set[int] = set()
    for one in wide:
        found = rows(
            f"""select id, title_words @@ %(wide)s::tsquery, body_words @@ %(exact)s::tsquery, title ? %(reader)s
                  from store_app where {" and ".join(among.conditions)} and body_words @@ %(wide)s::tsquery
                 order by {among.order} desc, id desc limit %(most)s""",
            {**among.values, "reader": among.reader or "", "wide": one.query, "exact": one.exact, "most": MOST_FOUND},
        )
        weight = log(2 + 2 * MOST_FOUND / (1 + len(found)))
        for number, named, exact, is_own in found:
            score = weight * (IN_NAME if named else 1) * (1 if exact else OTHER_FORM)
            scores[number] = scores.get(number, 0) + score
            own.update([number] if is_own else ())
    least = FAINT * max(scores.values(), default=0)
    good = [number for number in sorted(scores, key=lambda one: -scores[one]) if scores[number] >= least]
    return sorted(good, key=lambda one: one not in own)[:MOST_FOUND]


@dataclass(frozen=True)
class Wide:
    """A word, and what else is taken for it, as tsqueries."""

    exact: str
    others: tuple[str, ...]

    @property
    def query(self) -> str:
        """The word or any of the others."""
        return " | ".join((self.exact, *self.others))


def _wide(word: str, near: Sequence[str] | None) -> Wide:
    """`near`: what may have been meant; None for a word that entries have."""
    others = [f"'{one}'" for one in near or ()]
    if near is not None and len(word) >= LEAST_LETTERS:
        others.append(f"'{word}':*")
    if skeleton := skeleton_of(word):
        others.append(f"'{skeleton}'")
    return Wide(f"'{word}'", tuple(others))


def _near(words: Sequence[str], rows: Rows) -> dict[str, list[str] | None]:
    """For each word that no entry has, those that are nearest to it; None for the others."""
    known = {word for (word,) in rows("select word from store_word where word = any(%(words)s)", {"words": [*words]})}
    return {word: None if word in known else _nearest(word, rows) for word in dict.fromkeys(words)}


def _nearest(word: str, rows: Rows) -> list[str]:
    if len(word) < LEAST_LETTERS:
        return []
    alike = rows(
        """select word from store_word where word %% %(word)s and length(word) between %(least)s and %(most)s
            order by similarity(word, %(word)s) desc, word limit %(limit)s""",
        {"word": word, "least": len(word) - 2, "most": len(word) + 2, "limit": LOOKED_AT},
    )
    return [one for (one,) in alike if is_near(word, one)][:MOST_NEAR]


def growing_words(typed: str, words: Sequence[str]) -> list[str]:
    """The words of what is being typed: the last one has no ending yet that could be cut."""
    growing = [*words[:-1], fold_letters(typed).split()[-1]] if not typed.endswith(" ") else words
    return [bare for word in growing if (bare := "".join(letter for letter in word if letter.isalnum()))]
