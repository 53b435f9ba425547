"""Who is responsible for a report.

Of the rules that fit a report's category, district and moment, the most exact one wins. Exact is, in this order:

1. a rule that names the category, before one for any category;
2. a rule that names the district, before one for any district;
3. a rule for certain times, before one that always holds; and of these one with hours, before one for working days or
   days off, before one for fewer weekdays, before one for a season;
4. the rule that was made first.

Where no rule fits, the category's own department is responsible; where it has none, nobody is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from meydan.kernel.actor import Actor
from meydan.kernel.city import is_day_off
from meydan.kernel.policy import demand
from meydan.reports.models import EVERY_DAY, Category, RoutingRule
from meydan.reports.policies import may_arrange


class Miss(StrEnum):
    """Why a rule does not hold at a moment, or lost."""

    HOURS = "hours"
    DAYS_OFF = "days_off"
    WEEKDAY = "weekday"
    SEASON = "season"
    LESS_EXACT = "less_exact"


@dataclass(frozen=True)
class Route:
    """Where a report goes: codes; `department` is None when nobody is responsible, `rule` when the category decides."""

    department: str | None
    team: str | None = None
    rule: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A rule that concerns a category and a district; `miss` is None for the one that wins."""

    rule: RoutingRule
    miss: Miss | None


def find_route(category: str, district: str | None, moment: datetime) -> Route:
    """Where a report of this category (code) in this district (code, None when unknown) goes at this moment."""
    local = timezone.localtime(moment)
    return _route(category, _weigh(_rules_about(category, district), local))


def explain_route(actor: Actor, category: str, district: str | None, moment: datetime) -> tuple[Route, list[Candidate]]:
    """The same, with every rule that concerns this category and district: the winner first, then those that lost to
    it, then those that do not hold at this moment."""
    demand(may_arrange(actor), actor)
    rules = _rules_about(category, district).select_related("category", "district", "department", "team")
    weighed = _weigh(rules, timezone.localtime(moment))
    return _route(category, weighed), weighed


def _rules_about(category: str, district: str | None) -> QuerySet[RoutingRule]:
    return RoutingRule.objects.filter(
        Q(category=category) | Q(category__isnull=True), Q(district=district) | Q(district__isnull=True)
    )


def _route(category: str, weighed: Sequence[Candidate]) -> Route:
    if weighed and weighed[0].miss is None:
        rule = weighed[0].rule
        return Route(rule.department_id, rule.team_id, rule.pk)
    return Route(Category.objects.filter(code=category).values_list("department", flat=True).first())


def _weigh(rules: QuerySet[RoutingRule], local: datetime) -> list[Candidate]:
    misses = [(rule, _miss(rule, local)) for rule in rules]
    fitting = sorted((rule for rule, miss in misses if miss is None), key=_exactness)
    others = sorted(((rule, miss) for rule, miss in misses if miss is not None), key=lambda one: _exactness(one[0]))
    first = [Candidate(rule, Miss.LESS_EXACT if place else None) for place, rule in enumerate(fitting)]
    return [*first, *(Candidate(rule, miss) for rule, miss in others)]


def _exactness(rule: RoutingRule) -> tuple[bool, bool, bool, bool, int, bool, int]:
    """Sorts the most exact rule first."""
    return (
        rule.category_id is None,
        rule.district_id is None,
        rule.starts is None,
        rule.holidays is None,
        rule.weekdays.bit_count(),
        not rule.season_starts,
        rule.pk,
    )


def _miss(rule: RoutingRule, local: datetime) -> Miss | None:
    """Why the rule does not hold at this moment of the city's clock; None when it does. A night that goes over midnight
    belongs to the day on which it began."""
    day, hour = local.date(), local.time()
    if rule.starts is not None and rule.ends is not None:
        if not _is_between(hour, rule.starts, rule.ends):
            return Miss.HOURS
        if rule.starts > rule.ends and hour < rule.ends:
            day -= timedelta(days=1)
    if rule.holidays is not None and rule.holidays is not is_day_off(day):
        return Miss.DAYS_OFF
    if rule.weekdays != EVERY_DAY and not rule.weekdays >> day.weekday() & 1:
        return Miss.WEEKDAY
    return None if _is_in_season(rule, day) else Miss.SEASON


def _is_between(hour: time, starts: time, ends: time) -> bool:
    return starts <= hour < ends if starts < ends else hour >= starts or hour < ends


def _is_in_season(rule: RoutingRule, day: date) -> bool:
    """Both ends belong to the season; one from "11-15" to "03-01" goes over New Year."""
    if not rule.season_starts:
        return True
    today, starts, ends = f"{day:%m-%d}", rule.season_starts, rule.season_ends
    return starts <= today <= ends if starts <= ends else today >= starts or today <= ends
