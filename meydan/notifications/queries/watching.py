"""The areas that people watch, which of them hold a report, and what is new in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.places import Point, box_around, in_box, metres_between
from meydan.kernel.policy import demand
from meydan.notifications.models import MOST_RADIUS, News, Notice, Talk, Watch, Wish
from meydan.notifications.policies import may_watch
from meydan.reports.public import PublicReport, find_several

NEWS_SHOWN = 30
MOST_COUNTED = 99
MOST_TOLD = 10_000
_SALT = "meydan.notifications.stop"


def list_watches(actor: Actor) -> list[Watch]:
    """The actor's own areas."""
    demand(may_watch(actor), actor)
    return list(Watch.objects.filter(person=actor.person_id))


def lock_watch(actor: Actor, key: UUID) -> Watch:
    """One of them, locked; for the system anybody's. Raises `NotFound`."""
    rows = Watch.objects.select_for_update().filter(pk=key)
    found = (rows if actor.is_system else rows.filter(person=actor.person_id)).first()
    if found is None:
        raise NotFound
    return found


def stop_token(watch: UUID) -> str:
    """What stands in the link that ends a watch without signing in."""
    return signing.dumps(str(watch), salt=_SALT)


def find_by_token(token: str) -> Watch | None:
    """The watch of such a link; None when it is gone. Raises `NotFound` when the link is none of ours."""
    try:
        key = UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound from error
    return Watch.objects.filter(pk=key).first()


@dataclass(frozen=True)
class Matched:
    """Somebody who watches the place of a report, and by which of their areas."""

    watch: UUID
    person: UUID
    email: str
    language: str
    daily: bool
    district: str
    """The district (a code) that they watch; "" where it is a place."""


def list_matching(report: PublicReport) -> list[Matched]:
    """Who watches the place of a public report: by the index of places, not by a look at every area. The place is the
    one that everybody may see, so an area tells no more of a coarse one. Each person once, at once before daily."""
    rows = Watch.objects.filter(Q(category="") | Q(category=report.category))
    return _matched(rows, (report.district,) if report.district else (), report.point)


def list_watching(districts: Sequence[str], point: Point | None = None, *, all_kinds: bool = False) -> list[Matched]:
    """Who watches one of these districts (codes), or an area with this point; `all_kinds`: only those who watch for
    whatever there is, not for one kind of problem."""
    return _matched(Watch.objects.filter(category="") if all_kinds else Watch.objects.all(), districts, point)


def _matched(rows: QuerySet[Watch], districts: Sequence[str], point: Point | None) -> list[Matched]:
    rows = rows.filter(person__is_active=True)
    columns = ("pk", "person_id", "person__email", "person__language", "daily", "district_id")
    found: list[dict[str, Any]] = []
    if districts:
        found += rows.filter(district__code__in=districts).values(*columns)[:MOST_TOLD]
    if point:
        near = in_box(rows.filter(lat__isnull=False), box_around(point, MOST_RADIUS)).values(
            *columns, "lat", "lon", "radius"
        )
        found += [one for one in near[:MOST_TOLD] if _is_within(one, point)]
    persons: dict[UUID, Matched] = {}
    for one in sorted(found, key=lambda row: not row["daily"]):  # the last one counts: at once
        key, person, email, language, daily, district = (one[name] for name in columns)
        persons[person] = Matched(key, person, email or "", language, daily, district or "")
    return list(persons.values())


def _is_within(row: dict[str, Any], point: Point) -> bool:
    return metres_between(Point(row["lat"], row["lon"]), point) <= float(row["radius"])


def count_news(actor: Actor) -> int:
    """How many the actor has not read yet, at most `MOST_COUNTED`."""
    if actor.person_id is None:
        return 0
    news, notices = (
        rows.filter(person=actor.person_id, read_at=None).order_by().values_list("pk")[:MOST_COUNTED]
        for rows in (News.objects, Notice.objects)
    )
    return min(MOST_COUNTED, len(news.union(notices, all=True)))


def list_notices(actor: Actor) -> list[Notice]:
    """What the actor was told lately, newest first."""
    demand(may_watch(actor), actor)
    return list(Notice.objects.filter(person=actor.person_id).order_by("-id")[:NEWS_SHOWN])


def talk_wish(actor: Actor) -> str:
    """How the actor hears of talk."""
    demand(may_watch(actor), actor)
    return Wish.objects.filter(person=actor.person_id).values_list("talk", flat=True).first() or Talk.INBOX


def list_news(actor: Actor, *, before: int | None = None) -> list[tuple[News, PublicReport]]:
    """What is new in the actor's areas, newest first, as far as it is still public."""
    demand(may_watch(actor), actor)
    rows = News.objects.filter(person=actor.person_id).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:NEWS_SHOWN])
    reports = find_several([one.report for one in found])
    return [(one, reports[one.report]) for one in found if one.report in reports]
