"""What a search finds, best first: entries with all the words in their names, then with all of them anywhere; and where
these are few, those that come near: other forms of the words, words mistyped by a letter or two, and some of the words
instead of all.

Every list that is looked through ends at `MOST_FOUND`, so that a word which half the store uses costs no more than a
rare one. Common words are found soonest by walking down the list's own order, rare ones by the index of words; how
common they are, the beginning of the list shows. A walk reads nothing but the index by that order, which holds each
entry's signature beside its place: a few bits for each of its words (docs/decisions/0080-signatures.md). Only
entries that can have the words are looked at themselves.

Words of the question that stand in no entry are looked for in the list of all words (`store_word`).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from math import log
from typing import Any, LiteralString

from meydan.kernel.analyser import fold_letters, is_near, search_query, skeleton_of

MOST_FOUND = 200
ENOUGH = 24  # with so many, nothing is looked for that only comes near
LEAST_LETTERS = 4  # of a word that is corrected, or taken for a beginning: so long are those in signatures
MOST_NEAR = 5
LOOKED_AT = 40
FAINT = 0.3  # of the best, below which what comes near is left out
IN_NAME, OTHER_FORM = 1.5, 0.6
BEGINNING = 1_000
"""Entries that are walked to see how common the words are."""
COMMON = 25
"""With so many hits among these, walking on costs less than the index: 200 hits are at most 8,000 entries away, where
the index would give 2.5 % of the store to be fetched and sorted. At 100,000 entries both take about as long."""
SPARE = 1.6  # more is walked than the beginning promises


@dataclass(frozen=True)
class Among:
    """What is searched: SQL conditions with their values, the column of the order, and the reader's language, whose
    entries come first among equals (None: the order alone counts)."""

    conditions: Sequence[str]
    values: Mapping[str, Any]
    order: LiteralString
    reader: str | None


LIVE = "state = 'published'"
"""What everybody finds; the indexes by the list's orders hold nothing else."""


@dataclass(frozen=True)
class Asked:
    """Which words an entry must have: a tsquery for a column, and the same as lists of words, of which it has one list
    whole (beginnings of words are marked as in signatures). `tells`: what else is read of a hit, as SQL with its
    values."""

    column: LiteralString
    query: str
    lists: Sequence[Sequence[str]]
    tells: LiteralString = ""
    values: Mapping[str, Any] = field(default_factory=dict)


Rows = Any  # (sql, values) -> list of rows; of queries.listing
Hits = Sequence[Any]
"""Rows of entries: number, whether the title is in the reader's language, and what else was asked of them."""


def find_ids(among: Among, words: Sequence[str], rows: Rows) -> list[int]:
    """The entries with these folded words, best first, at most `MOST_FOUND`."""
    known = _known(words, rows)
    found = _exact(among, words, rows) if known == {*words} else []
    if len(found) < ENOUGH:
        found = list(dict.fromkeys((*found, *find_near(among, words, known, rows))))
    return found[:MOST_FOUND]


def _exact(among: Among, words: Sequence[str], rows: Rows) -> list[int]:
    """Entries with all of the words, those first that have them in their names."""
    query = search_query([*words])
    found = _own_first(_first(among, Asked("title_words", query, [words]), rows))
    if len(found) < MOST_FOUND:
        anywhere = _own_first(_first(among, Asked("body_words", query, [words]), rows))
        found = list(dict.fromkeys((*found, *anywhere)))
    return found[:MOST_FOUND]


def _own_first(hits: Hits) -> list[int]:
    return [hit[0] for hit in sorted(hits, key=lambda hit: not hit[1])]


def _first(among: Among, asked: Asked, rows: Rows) -> Hits:
    """The first entries of the list with these words, by the shorter way."""
    hits = _walked(among, asked, BEGINNING, rows)
    if COMMON <= len(hits) < MOST_FOUND:
        hits = _walked(among, asked, int(SPARE * BEGINNING * MOST_FOUND / len(hits)), rows)
    return hits if len(hits) >= MOST_FOUND else _by_index(among, asked, rows)


def _walked(among: Among, asked: Asked, far: int, rows: Rows) -> Hits:
    """Those among the first `far` public entries, in the list's order. (Signatures are made once for the statement, and
    entries looked at one by one: `offset 0` keeps PostgreSQL from thinking of another way.)"""
    numbers = range(len(asked.lists))
    masks = ", ".join(f"store_signature(%(names{n})s::text[], %(texts{n})s::text[]) as mask{n}" for n in numbers)
    fits = " or ".join(f"signature & (select mask{n} from asked) = (select mask{n} from asked)" for n in numbers)
    sql = f"""with asked as materialized (select {masks})
              select app.* from (
                select id, {among.order} as value, signature from store_app where {LIVE}
                 order by {among.order} desc, id desc limit %(far)s) as walked
               cross join lateral (
                select id, title ? %(reader)s{asked.tells} from store_app
                 where id = walked.id and {" and ".join(among.conditions)}
                   and {asked.column} @@ %(query)s::tsquery offset 0) as app
               where {fits} order by walked.value desc, walked.id desc limit %(most)s"""
    named = asked.column == "title_words"
    lists: dict[str, Any] = {f"texts{n}": [*words] for n, words in enumerate(asked.lists)}
    lists |= {f"names{n}": [*words] if named else [] for n, words in enumerate(asked.lists)}
    found: Hits = rows(sql, {**_values(among, asked), **lists, "far": far})
    return found


def _by_index(among: Among, asked: Asked, rows: Rows) -> Hits:
    """The same by the index of words, whatever PostgreSQL thinks: sorted apart, the list's order is no way to them."""
    sql = f"""with found as materialized (
                select id, {among.order} as value from store_app
                 where {" and ".join(among.conditions)} and {asked.column} @@ %(query)s::tsquery),
              best as materialized (select * from found order by value desc, id desc limit %(most)s)
              select app.* from best cross join lateral (
                select id, title ? %(reader)s{asked.tells} from store_app where id = best.id offset 0) as app
               order by best.value desc, best.id desc"""
    found: Hits = rows(sql, _values(among, asked))
    return found


def _values(among: Among, asked: Asked) -> dict[str, Any]:
    given = {"reader": among.reader or "", "query": asked.query, "most": MOST_FOUND}
    return {**among.values, **asked.values, **given}


def find_near(among: Among, words: Sequence[str], known: Set[str], rows: Rows) -> list[int]:
    """Entries that have something of each word, or some of the words: those with more and rarer ones first. `known`:
    those of the words that entries have."""
    wide = [_wide(word, word in known, rows) for word in dict.fromkeys(words)]
    if len(wide) == 1 and wide[0].query == wide[0].exact:
        return []  # all that has the word was found already
    scores: dict[int, float] = {}
    own: set[int] = set()
    for one in wide:
        found = _first(among, one.asked, rows) if one.query else ()
        weight = log(2 + 2 * MOST_FOUND / (1 + len(found)))
        for number, is_own, named, exact in found:
            score = weight * (IN_NAME if named else 1) * (1 if exact else OTHER_FORM)
            scores[number] = scores.get(number, 0) + score
            own.update([number] if is_own else ())
    least = FAINT * max(scores.values(), default=0)
    good = [number for number in sorted(scores, key=lambda one: -scores[one]) if scores[number] >= least]
    return sorted(good, key=lambda one: one not in own)[:MOST_FOUND]


@dataclass(frozen=True)
class Wide:
    """A word with what else is taken for it; `grows`: and all that begins with it."""

    word: str
    taken: tuple[str, ...]
    grows: bool

    @property
    def exact(self) -> str:
        """The word alone, as a tsquery."""
        return f"'{self.word}'"

    @property
    def query(self) -> str:
        """Any of them, as a tsquery; "" where there are none."""
        return " | ".join((*(f"'{one}'" for one in self.taken), *([f"{self.exact}:*"] if self.grows else [])))

    @property
    def asked(self) -> Asked:
        """What is looked for; it is told whether it stands in the name, and whether it is the word itself."""
        tells = ", title_words @@ %(query)s::tsquery, body_words @@ %(exact)s::tsquery"
        marks = (*self.taken, *([f"<{self.word[:LEAST_LETTERS]}"] if self.grows else []))
        return Asked("body_words", self.query, [[mark] for mark in marks], tells, {"exact": self.exact})


def _wide(word: str, is_known: bool, rows: Rows) -> Wide:
    grows = not is_known and len(word) >= LEAST_LETTERS
    taken = [word] if is_known else _nearest(word, rows) if grows else []
    if skeleton := skeleton_of(word):
        taken.append(skeleton)
    return Wide(word, tuple(dict.fromkeys(taken)), grows)


def _known(words: Sequence[str], rows: Rows) -> Set[str]:
    """Those of the words that entries have."""
    return {word for (word,) in rows("select word from store_word where word = any(%(words)s)", {"words": [*words]})}


def _nearest(word: str, rows: Rows) -> list[str]:
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
