"""Names of categories, districts and departments; the categories that can be chosen."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from meydan.accounts.public import Department
from meydan.kernel.actor import Actor
from meydan.kernel.models import District
from meydan.kernel.policy import demand
from meydan.reports.models import ApiKey, Category, Team
from meydan.reports.policies import may_arrange
from meydan.reports.queries.words import searchable

LABELS_SECONDS = 10


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: two readings are two
class Labels:
    """The city's names by code, each a dict by language; `icons` and `groups` by category."""

    categories: Mapping[str, Mapping[str, str]]
    icons: Mapping[str, str]
    districts: Mapping[str, Mapping[str, str]]
    departments: Mapping[str, Mapping[str, str]]
    teams: Mapping[str, Mapping[str, str]]


def labels() -> Labels:
    """The names, as read at most `LABELS_SECONDS` ago: a clerk's change shows after that."""
    return _labels(int(time.monotonic() // LABELS_SECONDS))


def forget_labels() -> None:
    """Read them anew at the next request of this process."""
    _labels.cache_clear()


@lru_cache(maxsize=1)
def _labels(_moment: int) -> Labels:
    categories = list(Category.objects.values_list("code", "name", "icon"))
    return Labels(
        categories={code: name for code, name, _icon in categories},
        icons={code: icon for code, _name, icon in categories},
        districts=dict(District.objects.values_list("code", "name")),
        departments=dict(Department.objects.values_list("code", "name")),
        teams=dict(Team.objects.values_list("code", "name")),
    )


def list_api_keys(actor: Actor) -> list[ApiKey]:
    """The programs that have, or had, a key for Open311, by name. The keys themselves nobody knows."""
    demand(may_arrange(actor), actor)
    return list(ApiKey.objects.order_by("name"))


def list_categories(actor: Actor) -> list[Category]:
    """The kinds of problems that can be reported now, in the city's order."""
    return list(Category.objects.filter(active=True))


def suggest_categories(categories: Sequence[Category], words: str, *, limit: int = 3) -> list[Category]:
    """The categories whose keywords or names stand in the words, the best match first."""
    said = searchable(words)
    scores = [(sum(word in said for word in _keywords(category)), category) for category in categories] if said else []
    best = sorted((one for one in scores if one[0]), key=lambda one: -one[0])
    return [category for _score, category in best[:limit]]


def _keywords(category: Category) -> set[str]:
    words = [word for several in category.keywords.values() for word in several]
    return {found for word in [*words, *category.name.values()] if len(found := searchable(word)) > 2}
