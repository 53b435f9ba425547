"""How much counts for whom, by a rule: said once, for one person, for everybody and for a rule that is only tried."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_noop

from meydan.accounts.public import names_of
from meydan.club.models import MOST_NEEDED, Award, Badge, Contribution, Rule
from meydan.club.policies import may_set_badges
from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand

MOST_NAMED = 50
# A day's surplus goes first, then a week's; days and weeks are the city's own, weeks begin on Monday.
_COUNT = """
  with days as (
         select person_id, (at at time zone %(zone)s)::date as day, least(count(*), %(per_day)s) as counted
           from club_contribution
          where dropped_at is null and kind = any(%(kinds)s) and (%(person)s::uuid is null or person_id = %(person)s)
          group by 1, 2),
       weeks as (
         select person_id, date_trunc('week', day) as week, least(sum(counted), %(per_week)s) as counted
           from days group by 1, 2)
  select person_id, sum(counted)::bigint from weeks
    join accounts_person person on person.id = person_id and person.is_active
   group by 1 order by 2 desc, 1"""


def count_for(person: UUID, rule: Rule) -> int:
    """How much counts for one person by this rule."""
    rows = _counted(rule, person)
    return rows[0][1] if rows else 0


def _counted(rule: Rule, person: UUID | None = None) -> list[tuple[UUID, int]]:
    values: dict[str, Any] = {
        "zone": config().time_zone,
        "kinds": rule.kinds,
        "person": person,
        "per_day": rule.per_day or MOST_NEEDED,
        "per_week": rule.per_week or MOST_NEEDED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return list(cursor.fetchall())


def level_for(count: int, levels: Sequence[int]) -> int:
    """The level that so many reach; 0 for none."""
    return sum(1 for needed in levels if count >= needed)


def earners(rule: Rule) -> list[UUID]:
    """Everybody who reaches a level by this rule."""
    return [person for person, count in _counted(rule) if level_for(count, rule.levels)]


def list_uncounted(badge: str) -> list[str]:
    """The kinds of a badge's rule of which nothing has counted for anybody yet."""
    rule = Rule.objects.filter(pk__in=Badge.objects.filter(pk=badge).values("rule")).first()
    kinds = rule.kinds if rule else []
    counted = Contribution.objects.filter(kind__in=kinds).values_list("kind", flat=True).distinct()
    return sorted({*kinds} - {*counted})


@dataclass(frozen=True)
class Earner:
    """Somebody who would reach a level: how much counts, and the level they hold now."""

    person: UUID
    name: str
    count: int
    level: int
    held: int


@dataclass(frozen=True)
class Trial:
    """What a rule would do: how many would reach exactly each level, how many hold it now, and the first of them."""

    would: list[int]
    held: list[int]
    earners: list[Earner]

    @property
    def total(self) -> int:
        """How many would hold the badge at all."""
        return sum(self.would)


@reveals(
    gettext_noop("how often you have contributed, to try out a rule of the club"),
    persons=lambda trial: [one.person for one in trial.earners],
    subject=lambda _trial: "club:trial",
)
def try_rule(actor: Actor, rule: Rule) -> Trial:
    """Who would hold the badge by a rule that need not be stored, for administrators. Nothing changes; those who are
    named see that they were looked at."""
    demand(may_set_badges(actor), actor)
    counted = [(person, count, level_for(count, rule.levels)) for person, count in _counted(rule)]
    reached = [one for one in counted if one[2]]
    held = _held_levels(rule.badge_id)
    would, now = Counter(level for _person, _count, level in reached), Counter(held.values())
    shown = reached[:MOST_NAMED]
    names = names_of([person for person, _count, _level in shown])
    steps = range(1, max(len(rule.levels), *held.values(), 1) + 1)
    return Trial(
        [would[step] for step in steps],
        [now[step] for step in steps],
        [Earner(person, names.get(person, ""), count, level, held.get(person, 0)) for person, count, level in shown],
    )


def _held_levels(badge: str) -> dict[UUID, int]:
    """The highest level that each holder has now."""
    rows = Award.objects.filter(badge=badge, revoked_at=None, person__is_active=True).order_by("level")
    return dict(rows.values_list("person_id", "level"))
