"""Fills a city's store with so many published entries in five languages, for `bench square`, and asks it.

Started by `harness.run_in_django` in a migrated database. Words fall as words do: the n-th most common one n times as
seldom as the first. Arguments: how many entries, and the file that the answers of the searches are written to.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from meydan.accounts.public import Person
from meydan.kernel.actor import VISITOR
from meydan.kernel.analyser import fold_letters, fold_words
from meydan.site import prepare
from meydan.store.models import Kind
from meydan.store.queries import Wanted, list_categories, list_public, suggest

STEMS = {
    "en": "library market school garden museum harbour station theatre bakery clinic court bridge square river beach",
    "fr": "bibliothèque marché école jardin musée gare théâtre boulangerie clinique mairie pont place plage quartier",
    "ar": "مكتبة سوق مدرسة حديقة متحف ميناء محطة مسرح مخبزة مصحة محكمة قنطرة ساحة شاطئ بلدية",
    "fa": "کتابخانه بازار مدرسه باغ موزه بندر ایستگاه تئاتر نانوایی درمانگاه دادگاه پل میدان ساحل شهرداری",
    "tg": "китобхона бозор мактаб боғ осорхона бандар истгоҳ театр нонвойхона дармонгоҳ суд пул майдон соҳил шаҳрдорӣ",
}
RARE = 4000
BODY = 45
ROUNDS = 200
START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("slug", "kind", "state", "stage", "language", "title", "summary", "description", "shown", "category_id", "tags"),
    *("languages", "address", "source_address", "privacy_address", "release_address", "licence", "manifest", "package"),
    *("signer", "reasons", "answers", "pending", "owner_id", "developer", "owned_since", "made_at", "changed_at"),
    *("published_at", "updated_at", "downloads", "trend", "title_words", "body_words", "title_folded"),
)


def main() -> None:
    """Fill, then ask."""
    prepare.lay_out_static()
    prepare.seed()
    dice = random.Random(1311)
    fill(dice, int(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(ask(dice)), "utf-8")


def vocabulary(language: str) -> list[str]:
    """The language's common words, then many rare ones made of them."""
    stems = STEMS[language].split()
    return stems + [f"{stems[n % len(stems)]}{stems[(n * 7 + 3) % len(stems)][:4]}{n}" for n in range(RARE)]


def fill(dice: random.Random, count: int) -> None:
    """The entries, by COPY; indexes are built as rows come."""
    owner = Person.objects.get(username="developer")
    categories = [one.code for one in list_categories()]
    words = {language: vocabulary(language) for language in STEMS}
    weights = [1 / (rank + 1) for rank in range(len(words["en"]))]
    with connection.cursor() as cursor:
        names = ", ".join(COLUMNS)
        with cursor.copy(f"copy store_app ({names}) from stdin") as copy:
            for number in range(count):
                language = list(STEMS)[number % len(STEMS)]
                said = dice.choices(words[language], weights, k=BODY)
                copy.write_row(row_of(number, language, said, owner, dice.choice(categories), dice))
        cursor.execute("vacuum (analyze) store_app")


def row_of(number: int, language: str, said: list[str], owner: Person, category: str, dice: random.Random) -> list[Any]:
    """One entry as a row."""
    title, summary, description = " ".join(said[:3]), " ".join(said[3:15]), " ".join(said[15:])
    moment = START + timedelta(seconds=number)
    texts = [json.dumps({language: text}) for text in (title, summary, description, f"<p>{description}</p>")]
    downloads = int(10_000 * dice.random() ** 6)
    return [
        *(f"bench-{number}", dice.choice(list(Kind)).value, "published", "none", language, *texts, category, []),
        *([language], "https://app.example/", "", "", "", "", "{}", "", "", "{}", "{}", "{}", owner.pk, owner.name),
        *(moment, moment, moment, moment, moment, downloads, downloads * dice.random()),
        *(vector(title), vector(f"{summary} {description}"), fold_letters(title)),
    ]


def vector(text: str) -> str:
    """The words as PostgreSQL writes a tsvector."""
    return " ".join(f"'{word}'" for word in sorted({*fold_words(text), *fold_letters(text).split()}))


def ask(dice: random.Random) -> dict[str, list[float]]:
    """The searches: p50 and p95 of each kind, in ms."""
    common = [word for words in STEMS.values() for word in words.split()]
    rare = [vocabulary(language)[dice.randrange(1000, RARE)] for language in STEMS for _each in range(40)]
    pairs = [
        f"{dice.choice(words.split())} {dice.choice(words.split())}" for words in STEMS.values() for _each in range(9)
    ]
    return {
        "one common word": timed(common, _search),
        "two common words": timed(pairs, _search),
        "one rare word": timed(rare, _search),
        "mistyped": timed([word[:-2] + word[-1] for word in common if len(word) > 5], _search),
        "suggestions": timed([word[:length] for word in common for length in (1, 2, 3, 4)], _suggest),
    }


def _search(words: str) -> object:
    return list_public(VISITOR, Wanted(words=words))


def _suggest(words: str) -> object:
    return suggest(VISITOR, words)


def timed(questions: Sequence[str], work: Callable[[str], object]) -> list[float]:
    """The median and the 95th of a hundred, after a first round that warms up."""
    for question in questions[:20]:
        work(question)
    taken = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        work(questions[number % len(questions)])
        taken.append(1000 * (time.perf_counter() - start))
    return [statistics.median(taken), statistics.quantiles(taken, n=20)[-1]]


if __name__ == "__main__":
    main()
