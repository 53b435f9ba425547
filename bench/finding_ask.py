"""Puts the search set into a store and asks it, ours and PostgreSQL's own configurations: for `bench finding`, which
starts it with `harness.run_in_django` in a migrated database, and for the test that keeps our numbers from falling.

The set (`data/find_entries.jsonl`, `data/find_queries.jsonl`) was written for this, entries, queries and what is right
for each, before anything was asked: what a reader who types this would call an answer, whatever words it holds. All
entries lie in one store, as in a city of several languages. `kind` says how a query differs from what is written:
plain, words (several), plural, typo, synonym, or a spelling (accents, elision, hamza, ta marbuta, diacritics, ye, kaf,
joiner, keyboard).
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.db import connection
from django.utils.translation import override

from bench.harness import HOME
from meydan.kernel.actor import VISITOR
from meydan.kernel.clock import now
from meydan.store.actions.steps import keep
from meydan.store.models import App, Kind, State
from meydan.store.queries import Wanted, list_public

DATA = HOME / "bench" / "data"
TUNED, HELD_OUT = "find_queries.jsonl", "find_queries_held_out.jsonl"
"""The set whose misses the search was improved by, and one that was written afterwards and never looked at so."""
FEW, MANY = 5, 20
LANGUAGES = ("ar", "fr", "en", "fa", "tg")
CONFIGURATIONS = ("simple", "arabic", "french", "english", "russian")
OWN = {"ar": "arabic", "fr": "french", "en": "english", "fa": "simple", "tg": "russian"}
"""What PostgreSQL has for each language: for Persian and Tajik nothing, and Russian for Tajik's letters."""


@dataclass(frozen=True)
class Asked:
    """A query, what is right for it, and what was found, best first."""

    language: str
    query: str
    kind: str
    right: frozenset[str]
    found: tuple[str, ...]

    @property
    def precision(self) -> float:
        """The right ones among the first five, of five."""
        return len(self.right.intersection(self.found[:FEW])) / FEW

    @property
    def best_precision(self) -> float:
        """What nobody can surpass: many queries have fewer than five right answers."""
        return min(FEW, len(self.right)) / FEW

    @property
    def recall(self) -> float:
        """Of the right ones, those among the first twenty."""
        return len(self.right.intersection(self.found[:MANY])) / len(self.right)


Search = Callable[[str, str], Sequence[str]]
"""From what somebody typed, and their language, to what is found, best first."""


def read(name: str) -> list[dict[str, Any]]:
    """The lines of a file of the set."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def put_in() -> None:
    """The entries, published, each in its own language."""
    moment = now()
    for entry in read("find_entries.jsonl"):
        language = entry["language"]
        texts = {name: {language: entry[name]} for name in ("title", "summary", "description")}
        moments = dict.fromkeys(("owned_since", "made_at", "published_at", "updated_at"), moment)
        address = f"https://{entry['id']}.example/"
        app = App(slug=entry["id"], kind=Kind.SITE, state=State.PUBLISHED, language=language, address=address)
        for name, value in {**texts, **moments, "languages": [language]}.items():
            setattr(app, name, value)
        keep(app)


def ask(search: Search, queries: str = TUNED) -> list[Asked]:
    """Every query of a set."""
    return [
        Asked(
            one["language"],
            one["query"],
            one["kind"],
            frozenset(one["right"]),
            tuple(search(one["query"], one["language"])[:MANY]),
        )
        for one in read(queries)
    ]


def ours(words: str, language: str) -> list[str]:
    """As the list of the store finds, for a reader of this language."""
    with override(language):
        return [row.slug for row in list_public(VISITOR, Wanted(words=words), limit=MANY).rows]


def built_in(configuration: str, *, any_word: bool = False) -> Search:
    """As PostgreSQL finds by itself: names weigh more, all words wanted or any, ranked by cover density; entries in the
    reader's language first, as with ours."""
    joined = "replace(plainto_tsquery(%(own)s, %(words)s)::text, '&', '|')::tsquery"
    query = joined if any_word else "websearch_to_tsquery(%(own)s, %(words)s)"
    sql = f"""with written as (
        select slug, language, setweight(to_tsvector(%(own)s, title->>language), 'A')
            || setweight(to_tsvector(%(own)s, concat_ws(' ', summary->>language, description->>language)), 'C') as said
          from store_app)
        select slug from written, (select {query} as query) as asked
         where said @@ query order by language = %(reader)s desc, ts_rank_cd(said, query) desc, slug limit %(most)s"""

    def search(words: str, language: str) -> list[str]:
        with connection.cursor() as cursor:
            given: dict[str, Any] = {"words": words, "reader": language, "most": MANY}
            cursor.execute(sql.replace("%(own)s", f"'{configuration}'"), given)
            return [row[0] for row in cursor.fetchall()]

    return search


def by_language(asked: Sequence[Asked]) -> dict[str, tuple[float, float]]:
    """precision@5 and recall@20 of each language, and of all."""
    groups = {language: [one for one in asked if one.language == language] for language in LANGUAGES}
    return {name: _means(group) for name, group in {**groups, "all": [*asked]}.items()}


def _means(group: Sequence[Asked]) -> tuple[float, float]:
    return fmean(one.precision for one in group), fmean(one.recall for one in group)


def main() -> None:
    """Put in, ask both sets, print; with --misses every query of the first that is not answered wholly."""
    put_in()
    print("The set by whose misses the search was improved")
    report(TUNED, misses="--misses" in sys.argv)
    print("\nA set that was written afterwards, and that nothing was improved by")
    report(HELD_OUT, misses=False)


def report(queries: str, *, misses: bool) -> None:
    """Ask a set in all ways, and print."""
    found = ask(ours, queries)
    table = {"Meydan": by_language(found)}
    for name in CONFIGURATIONS:
        table[name] = by_language(ask(built_in(name), queries))
    own = {name: ask(built_in(name), queries) for name in set(OWN.values())}
    loose = {name: ask(built_in(name, any_word=True), queries) for name in set(OWN.values())}
    table["the language's own"] = by_language(chosen(own))
    table["own, any of the words"] = by_language(chosen(loose))
    best = {name: _best(found, name) for name in (*LANGUAGES, "all")}
    print_table(found, table, best)
    if misses:
        for one in found:
            if one.recall < 1 or one.precision < one.best_precision:
                print(f"{one.language} {one.kind}: {one.query} | {sorted(one.right)} | {list(one.found[:6])}")


def chosen(by_configuration: Mapping[str, Sequence[Asked]]) -> list[Asked]:
    """Of each language what its own configuration found."""
    return [one for name, asked in by_configuration.items() for one in asked if OWN[one.language] == name]


def _best(asked: Sequence[Asked], language: str) -> float:
    return fmean(one.best_precision for one in asked if language in (one.language, "all"))


def print_table(
    found: Sequence[Asked], table: Mapping[str, Mapping[str, tuple[float, float]]], best: Mapping[str, float]
) -> None:
    """Precision and recall of each way to search, by language; ours by kind of query."""
    names = (*LANGUAGES, "all")
    print(f"{len(found)} queries, {len(read('find_entries.jsonl'))} entries; precision@5 recall@20\n")
    print(f"{'':24}" + "".join(f"{name:>14}" for name in names))
    for way, means in table.items():
        print(f"{way:24}" + "".join(f"{means[name][0]:8.3f}{means[name][1]:6.3f}" for name in names))
    print(f"{'at most':24}" + "".join(f"{best[name]:8.3f}{1:6.3f}" for name in names))
    print("\nours, by how a query is spelt")
    for kind in sorted({one.kind for one in found}):
        group = [one for one in found if one.kind == kind]
        precision, recall = _means(group)
        print(
            f"{kind:16}{len(group):4}{precision:8.3f} of {fmean(one.best_precision for one in group):.3f}{recall:8.3f}"
        )


if __name__ == "__main__":
    main()
