"""The badges, who holds them, and what each stands on."""

from dataclasses import dataclass
from typing import LiteralString, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, QuerySet

from meydan.club.models import Award, Badge, Contribution, Member, Rule
from meydan.club.policies import may_see_own_badges, may_set_badges
from meydan.club.queries.counting import count_for, level_for
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

MOST_LEADERS = 20
MOST_SHOWN = 50
MOST_LINES = 100


def list_badges(actor: Actor) -> list[Badge]:
    """The badges that can be earned, in the city's order, with their rules; for administrators also the others."""
    rows = Badge.objects.select_related("rule").filter(rule__isnull=False)
    return list(rows if may_set_badges(actor) else rows.filter(active=True))


def find_badge(actor: Actor, code: str) -> Badge:
    """One badge with its rule. Raises `NotFound`. One that is not given any more is still there for its holders."""
    badge = Badge.objects.select_related("rule").filter(pk=code[:40], rule__isnull=False).first()
    if badge is None:
        raise NotFound
    return badge


def lock_badge(actor: Actor, code: str) -> Badge:
    """A badge to change, for administrators. Raises `NotFound`."""
    badge = Badge.objects.select_for_update().filter(pk=code[:40]).first() if may_set_badges(actor) else None
    if badge is None:
        raise NotFound
    return badge


def list_rules(_actor: Actor, badge: Badge) -> list[Rule]:
    """Every version of a badge's rule, the latest first: anybody may see how badges were earned, and since when."""
    return list(badge.rules.order_by("-version")[:MOST_SHOWN])


def count_holders(_actor: Actor) -> dict[str, int]:
    """How many people hold each badge, whatever the level."""
    rows = Award.objects.filter(revoked_at=None, person__is_active=True).values("badge")
    return dict(rows.annotate(holders=Count("person", distinct=True)).values_list("badge", "holders"))


class Leader(NamedTuple):
    """Somebody who shows their badges: the sum of their levels."""

    person: UUID
    name: str
    levels: int


def list_leaders(_actor: Actor, *, limit: int = MOST_LEADERS) -> list[Leader]:
    """Who holds most, of those who want to be seen."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADERS, [limit])
        return [Leader(*row) for row in cursor.fetchall()]


# Who has more than somebody is before them; equals stand in an order that says nothing of them, and stays the same.
_LEADERS = """
  select person.id, coalesce(nullif(person.name, ''), person.username), sum(best.level)::int as levels
    from (select award.person_id, award.badge_id, max(award.level) as level
            from club_award award join club_member member on member.person_id = award.person_id and member.shown
           where award.revoked_at is null group by 1, 2) best
    join accounts_person person on person.id = best.person_id and person.is_active
   group by 1, 2 order by levels desc, md5(person.id::text) limit %s"""


def list_holders(_actor: Actor, badge: Badge) -> list[Leader]:
    """Those who hold a badge and want to be seen, the highest level first."""
    rows = _shown_awards().filter(badge=badge).values("person_id", "person__name", "person__username")
    found = rows.annotate(highest=Max("level")).order_by("-highest", "person__name")[:MOST_SHOWN]
    return [Leader(one["person_id"], one["person__name"] or one["person__username"], one["highest"]) for one in found]


def _shown_awards() -> QuerySet[Award]:
    shown = Member.objects.filter(shown=True).values("person")
    return Award.objects.filter(revoked_at=None, person__is_active=True, person__in=shown)


def is_shown(actor: Actor) -> bool:
    """Whether others see the actor's badges."""
    return actor.person_id is not None and Member.objects.filter(pk=actor.person_id, shown=True).exists()


def has_chosen(actor: Actor) -> bool:
    """Whether the club knows the actor, and so what they want others to see."""
    return actor.person_id is not None and Member.objects.filter(pk=actor.person_id).exists()


@dataclass(frozen=True)
class Progress:
    """How far somebody is with a badge. `next_at`: how many the next level needs; None after the last. `award`: that of
    the highest level."""

    badge: Badge
    count: int
    level: int
    next_at: int | None
    award: Award | None

    @property
    def percent(self) -> int:
        """How much of the next level is done."""
        return 100 if not self.next_at else min(100, 100 * self.count // self.next_at)


def list_progress(actor: Actor) -> list[Progress]:
    """The actor's way with every badge that can be earned or that they hold."""
    demand(may_see_own_badges(actor), actor)
    held = {award.badge_id: award for award in own_awards(actor).filter(revoked_at=None).order_by("level")}
    badges = Badge.objects.select_related("rule").filter(rule__isnull=False)
    return [_progress(actor, badge, held.get(badge.pk)) for badge in badges if badge.active or badge.pk in held]


def _progress(actor: Actor, badge: Badge, award: Award | None) -> Progress:
    rule = badge.rule
    if rule is None or actor.person_id is None:
        raise NotFound
    count = count_for(actor.person_id, rule)
    level = award.level if award else 0
    reached = max(level, level_for(count, rule.levels))
    ahead = rule.levels[reached] if badge.active and reached < len(rule.levels) else None
    return Progress(badge, count, level, ahead, award)


def own_awards(actor: Actor) -> QuerySet[Award]:
    """Everything the actor has ever been given."""
    return Award.objects.filter(person=actor.person_id).select_related("badge", "rule", "person")


def find_own_award(actor: Actor, key: UUID) -> Award:
    """An award of the actor's own that stands. Raises `NotFound`."""
    demand(may_see_own_badges(actor), actor)
    award = own_awards(actor).filter(pk=key, revoked_at=None).first()
    if award is None:
        raise NotFound
    return award


def list_own_contributions(actor: Actor) -> list[Contribution]:
    """What has counted for the actor, and what does no longer, the latest first."""
    demand(may_see_own_badges(actor), actor)
    return list(Contribution.objects.filter(person=actor.person_id).order_by("-at", "-pk")[:MOST_LINES])


@dataclass(frozen=True)
class PublicAward:
    """An award as anybody sees it who was given its address: the holder's name only where they want to be seen, or
    look themselves."""

    badge: Badge
    level: int
    levels: int
    earned_at: object
    revoked_at: object | None
    name: str


def find_award(actor: Actor, key: UUID) -> PublicAward:
    """An award by its number, which nobody can guess. Raises `NotFound`."""
    award = Award.objects.select_related("badge", "rule", "person").filter(pk=key).first()
    if award is None:
        raise NotFound
    is_open = award.person_id == actor.person_id or Member.objects.filter(pk=award.person_id, shown=True).exists()
    name = (award.person.name or award.person.username) if is_open and award.person.is_active else ""
    return PublicAward(award.badge, award.level, len(award.rule.levels), award.earned_at, award.revoked_at, name)


def marks_beside_name(person: LiteralString) -> LiteralString:
    """What stands beside a name, in SQL for `marks_names`: each badge's highest level, the highest first, of those who
    want to be seen; one's own always. Pages that many look at ask it along with what else they show."""
    return _MARKS.replace("PERSON", person)


_MARKS: LiteralString = """
  (select jsonb_agg(jsonb_build_array(mark.name, mark.code, mark.icon, mark.level) order by mark.level desc, mark.code)
     from (select badge.name, badge.code, badge.icon, max(award.level) as level
             from club_award award
             join club_badge badge on badge.code = award.badge_id
             join club_member member on member.person_id = award.person_id
            where award.person_id = PERSON and award.revoked_at is null
              and (member.shown or member.person_id = %(reader)s)
            group by badge.code order by level desc, badge.code limit 3) mark)"""
