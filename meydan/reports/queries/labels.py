"""Names of categories, districts and departments; the categories that can be chosen."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from meydan.accounts.public import Department
from meydan.kernel.actor import Actor
from meydan.kernel.i18n import text_of
from meydan.kernel.models import District
from meydan.kernel.policy import demand
from meydan.reports.models import ApiKey, Category, Dimension, Team
from meydan.reports.policies import may_arrange

LABELS_SECONDS = 10
NOT_PUBLIC = "(not public)"
"""Stands in figures for all categories together whose reports are never public."""


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: two readings are two
class Labels:
    """The city's names by code, each a dict by language; `icons` by category; `holders` are the managers of
    offices whose names the city has made public; `coarse` are the categories whose places are published roughly."""

    categories: Mapping[str, Mapping[str, str]]
    icons: Mapping[str, str]
    districts: Mapping[str, Mapping[str, str]]
    departments: Mapping[str, Mapping[str, str]]
    teams: Mapping[str, Mapping[str, str]]
    holders: Mapping[str, str]
    coarse: frozenset[str]


def labels() -> Labels:
    """The names, as read at most `LABELS_SECONDS` ago: a clerk's change shows after that."""
    return _labels(int(time.monotonic() // LABELS_SECONDS))


def forget_labels() -> None:
    """Read them anew at the next request of this process."""
    _labels.cache_clear()


@lru_cache(maxsize=1)
def _labels(_moment: int) -> Labels:
    categories = list(Category.objects.values_list("code", "name", "icon", "coarse"))
    return Labels(
        categories={code: name for code, name, _icon, _coarse in categories},
        icons={code: icon for code, _name, icon, _coarse in categories},
        coarse=frozenset(code for code, _name, _icon, coarse in categories if coarse),
        districts=dict(District.objects.values_list("code", "name")),
        departments=dict(Department.objects.values_list("code", "name")),
        teams=dict(Team.objects.values_list("code", "name")),
        holders=dict(
            Team.objects.filter(holder_public=True, holder__is_active=True).values_list("code", "holder__name")
        ),
    )


def label_of(dimension: Dimension, code: str) -> str:
    """What figures are called by, in the reader's language."""
    known = labels()
    if code == NOT_PUBLIC:
        return _("Kinds that are not public")
    names, nobody = {
        Dimension.DEPARTMENT: (known.departments, _("Nobody yet")),
        Dimension.TEAM: (known.teams, _("No office yet")),
        Dimension.DISTRICT: (known.districts, _("Outside the districts")),
        Dimension.CATEGORY: (known.categories, ""),
    }[dimension]
    return text_of(names.get(code, {})) or code or nobody


def list_api_keys(actor: Actor) -> list[ApiKey]:
    """The programs that have, or had, a key for Open311, by name. The keys themselves nobody knows."""
    demand(may_arrange(actor), actor)
    return list(ApiKey.objects.order_by("name"))


def list_categories(actor: Actor) -> list[Category]:
    """The kinds of problems that can be reported now, in the city's order."""
    return list(Category.objects.filter(active=True))


def find_category(actor: Actor, code: str) -> Category | None:
    """The category with this code, if it can be chosen now; whatever somebody sent as one."""
    return next((one for one in list_categories(actor) if one.code == code), None) if code else None
