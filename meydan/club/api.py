"""The JSON door: the city's badges and how they are earned."""

from django.http import HttpRequest
from pydantic import BaseModel

from meydan.club.models import Badge
from meydan.club.queries.badges import count_holders, list_badges
from meydan.club.queries.credentials import address
from meydan.club.queries.keys import issuer_did
from meydan.kernel.http import actor_of, doors, json_door


class BadgeView(BaseModel):
    """A badge: `names` and `texts` by language, `levels` how many contributions of the `kinds` each level needs; of
    them at most `per_day` and `per_week` count (null: all)."""

    code: str
    names: dict[str, str]
    texts: dict[str, str]
    kinds: list[str]
    levels: list[int]
    per_day: int | None
    per_week: int | None
    version: int
    holders: int
    address: str


class BadgeList(BaseModel):
    """All badges that can be earned, and the DID that their credentials are issued by."""

    issuer: str
    badges: list[BadgeView]


def _view(badge: Badge, holders: int) -> BadgeView:
    rule = badge.rule
    return BadgeView(
        code=badge.pk,
        names=badge.name,
        texts=badge.text,
        kinds=rule.kinds if rule else [],
        levels=rule.levels if rule else [],
        per_day=rule.per_day or None if rule else None,
        per_week=rule.per_week or None if rule else None,
        version=rule.version if rule else 0,
        holders=holders,
        address=address("club:badge", code=badge.pk),
    )


@json_door(summary="The city's badges, and how they are earned", gives=BadgeList)
def listed(request: HttpRequest) -> BadgeList:
    """All of them."""
    actor = actor_of(request)
    holders = count_holders(actor)
    found = [_view(badge, holders.get(badge.pk, 0)) for badge in list_badges(actor) if badge.active]
    return BadgeList(issuer=issuer_did(), badges=found)


badges = doors(get=listed)
