"""What the stars amount to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from meydan.comments.models import RECENT_DAYS, Discussion, GivenRating
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now

FEWEST_RECENT = 5
"""Fewer recent ratings say nothing of their own."""


@dataclass(frozen=True)
class Rating:
    """`mean` of `count` ratings, 0.0 for none; `distribution`: how many gave one star, two, up to five."""

    count: int = 0
    mean: float = 0.0
    distribution: tuple[int, ...] = (0, 0, 0, 0, 0)

    @property
    def shares(self) -> tuple[int, ...]:
        """The distribution in per cent, as bars are drawn."""
        return tuple(round(100 * one / self.count) if self.count else 0 for one in self.distribution)


NONE = Rating()


def rating_from(distribution: tuple[int, ...]) -> Rating:
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


@dataclass(frozen=True)
class Tally:
    """What all that is said about a thing amounts to. `recent`: the ratings of the last `RECENT_DAYS` days, None where
    they are few; `renewed_at`: since when it is in other hands."""

    comments: int = 0
    rating: Rating = NONE
    recent: Rating | None = None
    renewed_at: datetime | None = None


TALLY: LiteralString = """
  talk.comments, json_build_array(talk.n1, talk.n2, talk.n3, talk.n4, talk.n5), talk.renewed_at,
  case when talk.n1 + talk.n2 + talk.n3 + talk.n4 + talk.n5 >= %(fewest)s then (
    select json_build_array(count(*) filter (where stars = 1), count(*) filter (where stars = 2),
                            count(*) filter (where stars = 3), count(*) filter (where stars = 4),
                            count(*) filter (where stars = 5))
      from comments_givenrating given
     where given.about = talk.about and given.at >= greatest(%(since)s, talk.renewed_at)) end"""
"""What `tally_from` reads, as JSON, of a discussion that is called `talk`."""


def tally_values() -> dict[str, Any]:
    """What `TALLY` is asked with."""
    return {"since": now() - timedelta(days=RECENT_DAYS), "fewest": FEWEST_RECENT}


def tally_from(comments: int, counts: Sequence[int], renewed_at: str | None, recently: Sequence[int] | None) -> Tally:
    """What `TALLY` amounts to."""
    recent = rating_from(tuple(recently)) if recently else NONE
    return Tally(
        comments,
        rating_from(tuple(counts)),
        recent if recent.count >= FEWEST_RECENT else None,
        datetime.fromisoformat(renewed_at) if renewed_at else None,
    )


def own_rating(actor: Actor, about: str) -> int:
    """The actor's own stars, 0 for none."""
    if actor.person_id is None:
        return 0
    return GivenRating.objects.filter(about=about, person=actor.person_id).values_list("stars", flat=True).first() or 0
