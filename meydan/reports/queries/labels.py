"""Names of categories, districts and departments; the categories that can be chosen."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from meydan.accounts.public import Department
from meydan.kernel.actor import Actor
from meydan.kernel.models import District
from meydan.kernel.policy import demand
from meydan.reports.models import ApiKey, Category
from meydan.reports.policies import may_arrange

LABELS_SECONDS = 10


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: two readings are two
class Labels:
    """The city's names by code, each a dict by language; `icons` and `groups` by category."""

    categories: Mapping[str, Mapping[str, str]]
    icons: Mapping[str, str]
    districts: Mapping[str, Mapping[str, str]]
    departments: Mapping[str, Mapping[str, str]]


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
    )


def list_api_keys(actor: Actor) -> list[ApiKey]:
    """The programs that have, or had, a key for Open311, by name. The keys themselves nobody knows."""
    demand(may_arrange(actor), actor)
    return list(ApiKey.objects.order_by("name"))


def list_categories(actor: Actor) -> list[Category]:
    """The kinds of problems that can be reported now, in the city's order."""
    return list(Category.objects.filter(active=True))
