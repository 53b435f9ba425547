"""Which categories fit somebody's words, how sure that is, and what there is to learn it from."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from django.db.models import Count, Max
from django.db.models.functions import Left
from django.utils.translation import gettext

from meydan.kernel.actor import Actor
from meydan.kernel.i18n import format_number
from meydan.kernel.policy import demand
from meydan.reports.models import Categorizer, Category, Example, Report, State
from meydan.reports.policies import may_arrange
from meydan.reports.queries.learning import MAX_LETTERS, Model, Sample, load_model, train
from meydan.reports.queries.measuring import LIKELY, VERY_LIKELY, Answer
from meydan.reports.queries.words import searchable

MODEL_SECONDS = 10  # a process looks for a newer model after so long
LEAST = 0.1  # what is less sure than this is not worth saying
SUGGESTED = 3
LEARNED_REPORTS = 20_000  # the newest ones, and of each category at most:
LEARNED_OF_EACH = 200
HELD_OUT = 0.2  # of the city's reports, the newest, when the model is measured on them


class Described(Protocol):
    """What a category says of itself, in the database or in a pack."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Mapping[str, str]: ...
    @property
    def description(self) -> Mapping[str, str]: ...
    @property
    def keywords(self) -> Mapping[str, Sequence[str]]: ...


D = TypeVar("D", bound=Described)


@dataclass(frozen=True)
class Suggestion:
    """A category that fits the words. `sureness` is a probability; None where no model was made yet and only a keyword
    was found."""

    category: Category
    sureness: float | None


@dataclass(frozen=True)
class Material:
    """What a model is trained on: the categories' own words (`pack` is their digest) and the city's reports."""

    described: tuple[Sample, ...]
    reports: tuple[Sample, ...]  # the newest first
    reported: Counter[str]
    pack: str

    def train(self) -> Model:
        """The model that this makes."""
        return train((*self.described, *balance(self.reports)), self.reported)


def suggest_categories(categories: Sequence[Category], words: str) -> list[Suggestion]:
    """The few of these categories that fit the words, the surest first. Until a model is made: by keywords."""
    model = newest_model()
    if model is None:
        return [Suggestion(category, None) for category in match_keywords(categories, words)[:SUGGESTED]]
    by_code = {category.code: category for category in categories}
    found = (guess for guess in model.guess(words) if guess.category in by_code and guess.sureness >= LEAST)
    return [Suggestion(by_code[guess.category], guess.sureness) for guess in found][:SUGGESTED]


def say_sureness(sureness: float | None) -> str:
    """How sure a suggestion is, in the reader's words and as a number; "" when that is not known."""
    if sureness is None:
        return ""
    percent = format_number(min(99, round(100 * sureness)))
    if sureness >= VERY_LIKELY:
        return gettext("Very likely (%(percent)s %%)") % {"percent": percent}
    if sureness >= LIKELY:
        return gettext("Likely (%(percent)s %%)") % {"percent": percent}
    return gettext("Maybe (%(percent)s %%)") % {"percent": percent}


def match_keywords(categories: Sequence[D], words: str) -> list[D]:
    """The categories whose keywords or names stand in the words, the best match first."""
    said = searchable(words)
    scores = [(sum(word in said for word in _keywords(one)), one) for one in categories] if said else []
    return [one for score, one in sorted(scores, key=lambda pair: -pair[0]) if score]


def _keywords(category: Described) -> set[str]:
    words = [word for several in category.keywords.values() for word in several]
    return {found for word in [*words, *category.name.values()] if len(found := searchable(word)) > 2}


def newest_model() -> Model | None:
    """The model as it was at most `MODEL_SECONDS` ago; None when none was made yet."""
    newest = _newest(int(time.monotonic() // MODEL_SECONDS))
    return None if newest is None else _load(newest)


def forget_model() -> None:
    """Look for the newest model at the next request of this process."""
    _newest.cache_clear()


@lru_cache(maxsize=1)
def _newest(_moment: int) -> int | None:
    return Categorizer.objects.values_list("pk", flat=True).first()


@lru_cache(maxsize=1)
def _load(pk: int) -> Model | None:
    stored = Categorizer.objects.filter(pk=pk).values_list("stored", flat=True).first()
    return None if stored is None else load_model(bytes(stored))


def samples_of(category: Described) -> Iterator[Sample]:
    """What a category says of itself, as samples."""
    for text in (*category.name.values(), *category.description.values()):
        yield Sample(text, category.code)
    for words in category.keywords.values():
        yield from (Sample(word, category.code) for word in words)


def words_are_learned() -> bool:
    """Whether the newest model knows the categories, and their examples, as they are now."""
    categories = list(Category.objects.filter(active=True))
    return not categories or Categorizer.objects.values_list("pack", flat=True).first() == _digest(categories)


def _digest(categories: Sequence[Category]) -> str:
    words = [[one.code, one.private, one.name, one.description, one.keywords] for one in categories]
    examples = Example.objects.aggregate(count=Count("pk"), newest=Max("pk"))
    return hashlib.sha256(json.dumps([words, examples], sort_keys=True).encode()).hexdigest()


def gather_material(actor: Actor) -> Material:
    """All there is to learn from: the active categories' words and examples, and the words of the newest public reports
    that were solved, under the category that they had in the end. Private categories learn from no report."""
    demand(may_arrange(actor), actor)
    categories = list(Category.objects.filter(active=True))
    words = tuple(sample for category in categories for sample in samples_of(category))
    examples = Example.objects.filter(category__active=True).order_by("pk").values_list("text", "category_id")
    described = (*words, *(Sample(text, category) for text, category in examples))
    rows = (
        Report.objects.filter(state__in=(State.SOLVED, State.CONFIRMED), public=True, category__active=True)
        .order_by("-number")
        .values_list(Left("description", MAX_LETTERS), "category_id")[:LEARNED_REPORTS]
    )
    reports = tuple(Sample(text, category) for text, category in rows)
    return Material(described, reports, Counter(one.category for one in reports), _digest(categories))


def list_without_examples(actor: Actor) -> set[str]:
    """The codes of the categories that have no example sentences yet."""
    demand(may_arrange(actor), actor)
    return set(Category.objects.filter(examples__isnull=True).values_list("pk", flat=True))


def balance(reports: Sequence[Sample]) -> list[Sample]:
    """The newest reports of each category, as many as are learned from."""
    seen: Counter[str] = Counter()
    kept = []
    for one in reports:
        seen[one.category] += 1
        if seen[one.category] <= LEARNED_OF_EACH:
            kept.append(one)
    return kept


def measure_on_reports(actor: Actor) -> list[Answer]:
    """What a model that knows only the older reports says of the newest fifth of them; none for fewer than ten."""
    material = gather_material(actor)
    cut = int(len(material.reports) * HELD_OUT)
    if cut < 2:
        return []
    older = material.reports[cut:]
    model = Material(material.described, older, Counter(one.category for one in older), material.pack).train()
    return [Answer(one.category, tuple(model.guess(one.text))) for one in material.reports[:cut]]
