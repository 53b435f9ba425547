"""What the stars amount to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from meydan.comments.models import RECENT_DAYS, Discussion, GivenRating
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now

FEWEST_RECENT = 5
"""Fewer recent ratings say nothing of their own."""
_STARS_SINCE = """select count(*) filter (where stars = 1), count(*) filter (where stars = 2),
       count(*) filter (where stars = 3), count(*) filter (where stars = 4), count(*) filter (where stars = 5)
    from comments_givenrating where about = %s and at >= %s"""


@dataclass(frozen=True)
class Rating:
    """`mean` of `count` ratings, 0.0 for none; `distribution`: how many gave one star, two, up to five."""

    count: int = 0
    mean: float = 0.0
    distribution: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def shares(self) -> tuple[int, ...]:
        """The distribution in per cent, as bars are drawn."""
        return tuple(round(100 * one / self.count) if self.count else 0 for one in self.distribution)


NONE = Rating()


def rating_from(distribution: tuple[int, int, int, int, int]) -> Rating:
    """What these numbers of stars amount to."""
    count = sum(distribution)
    total = sum(stars * number for stars, number in enumerate(distribution, start=1))
    return Rating(count, round(total / count, 2) if count else 0.0, distribution)


def rating_of(abouts: Iterable[str]) -> dict[str, Rating]:
    """The ratings of these things, in one query; things that nobody has rated have none of their own, but are in it."""
    wanted = list(abouts)
    rows = {row.pk: rating_from(row.distribution) for row in Discussion.objects.filter(pk__in=wanted)}
    return {about: rows.get(about, NONE) for about in wanted}


def comments_of(abouts: Iterable[str]) -> dict[str, int]:
    """How many comments are shown about these things, in one query."""
    wanted = list(abouts)
    rows = dict(Discussion.objects.filter(pk__in=wanted).values_list("about", "comments"))
    return {about: rows.get(about, 0) for about in wanted}


def recent_rating(discussion: Discussion | None) -> Rating | None:
    """What the last `RECENT_DAYS` days say, where enough people have rated in them."""
    if discussion is None or sum(discussion.distribution) < FEWEST_RECENT:
        return None
    since = now() - timedelta(days=RECENT_DAYS)
    if discussion.renewed_at is not None:
        since = max(since, discussion.renewed_at)
    with connection.cursor() as cursor:
        cursor.execute(_STARS_SINCE, [discussion.pk, since])
        one, two, three, four, five = cursor.fetchone()
    rating = rating_from((one, two, three, four, five))
    return rating if rating.count >= FEWEST_RECENT else None


def own_rating(actor: Actor, about: str) -> int:
    """The actor's own stars, 0 for none."""
    if actor.person_id is None:
        return 0
    return GivenRating.objects.filter(about=about, person=actor.person_id).values_list("stars", flat=True).first() or 0
