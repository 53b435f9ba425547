"""What a search finds, best first: entries with all the words in their names, then with all of them anywhere; and where
these are few, those that come near: other forms of the words, words mistyped by a letter or two, and some of the words
instead of all.

Every list that is looked through ends at `MOST_FOUND`, so that a word which half the store uses costs no more than a
rare one. Common words are found soonest by walking down the list's own order, rare ones by the index of words. Which is
which PostgreSQL knows for one word. For several it guesses wrongly: it takes them for independent, and those of one
language are not. So for these the beginning of the list is walked first, and what it holds decides.

Words of the question that stand in no entry are looked for in the list of all words (`store_word`).
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
BEGINNING = 200
"""Entries that are walked to see how common the words are."""
COMMON = 10
"""With so many hits among these, walking on costs less than the index: 200 hits are some 4,000 entries away, where the
index would give 5 % of the store to be fetched and sorted."""
SPARE = 1.6  # more is walked than the beginning promises


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
    found: list[int] = []
    if is_known := len(_known(words, rows)) == len({*words}):
        query = search_query([*words])
        found = _own_first(_planned(among, "title_words", query, rows))
        if len(found) < MOST_FOUND:
            found = list(dict.fromkeys((*found, *_own_first(_of_bodies(among, words, rows)))))[:MOST_FOUND]
    if len(found) < ENOUGH:
        found = list(dict.fromkeys((*found, *find_near(among, words, rows, is_known=is_known))))
    return found[:MOST_FOUND]


Hits = Sequence[tuple[int, bool]]
"""Entries, and whether each has a title in the reader's language."""


def _own_first(hits: Hits) -> list[int]:
    return [one for one, _own in sorted(hits, key=lambda hit: not hit[1])]


def _planned(among: Among, column: LiteralString, query: str, rows: Rows) -> Hits:
    """The first entries of the list with these words in this column, by whichever way PostgreSQL thinks the shorter."""
    sql = f"""select id, title ? %(reader)s from store_app
               where {" and ".join(among.conditions)} and {column} @@ %(query)s::tsquery
               order by {among.order} desc, id desc limit %(most)s"""
    found: Hits = rows(sql, _values(among, query))
    return found


def _of_bodies(among: Among, words: Sequence[str], rows: Rows) -> Hits:
    """The first entries of the list with these words anywhere."""
    query = search_query([*words])
    if len(words) == 1:
        return _planned(among, "body_words", query, rows)
    hits = _walked(among, query, BEGINNING, rows)
    if COMMON <= len(hits) < MOST_FOUND:
        hits = _walked(among, query, int(SPARE * BEGINNING * MOST_FOUND / len(hits)), rows)
    return hits if len(hits) >= MOST_FOUND else _by_index(among, query, rows)


def _walked(among: Among, query: str, far: int, rows: Rows) -> Hits:
    """Those among the first `far` entries of the list."""
    sql = f"""select id, title ? %(reader)s from (
                select id, title, body_words from store_app where {" and ".join(among.conditions)}
                 order by {among.order} desc, id desc limit %(far)s) as walked
               where body_words @@ %(query)s::tsquery limit %(most)s"""
    found: Hits = rows(sql, {**_values(among, query), "far": far})
    return found


def _by_index(among: Among, query: str, rows: Rows) -> Hits:
    """The same by the index of words, whatever PostgreSQL thinks: sorted apart, the list's order is no way to them."""
    sql = f"""with found as materialized (
                select id, title, {among.order} as value from store_app
                 where {" and ".join(among.conditions)} and body_words @@ %(query)s::tsquery)
              select id, title ? %(reader)s from found order by value desc, id desc limit %(most)s"""
    found: Hits = rows(sql, _values(among, query))
    return found


def _values(among: Among, query: str) -> dict[str, Any]:
    return {**among.values, "reader": among.reader or "", "query": query, "most": MOST_FOUND}


def find_near(among: Among, words: Sequence[str], rows: Rows, *, is_known: bool) -> list[int]:
    """Entries that have something of each word, or some of the words: those with more and rarer ones first. `is_known`:
    entries have all of the words."""
    wide = [_wide(word, near) for word, near in _near(words, rows, is_known=is_known).items()]
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


def _known(words: Sequence[str], rows: Rows) -> set[str]:
    """Those of the words that entries have."""
    return {word for (word,) in rows("select word from store_word where word = any(%(words)s)", {"words": [*words]})}


def _near(words: Sequence[str], rows: Rows, *, is_known: bool) -> dict[str, list[str] | None]:
    """For each word that no entry has, those that are nearest to it; None for the others."""
    known = {*words} if is_known else _known(words, rows)
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
