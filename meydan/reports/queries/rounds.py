"""An inspector's round: open cases with a place, in the order in which they are walked."""

from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.kernel.places import Point
from meydan.kernel.policy import demand
from meydan.kernel.walks import MOST_STOPS, order_stops
from meydan.reports.models import OPEN, Report
from meydan.reports.policies import may_go_round
from meydan.reports.queries.listing import LISTED, Row

MINE, ALL = "mine", "all"


def list_round(actor: Actor, *, whose: str = MINE, district: str = "", start: Point | None = None) -> list[Row]:
    """At most `MOST_STOPS` open cases, the most urgent ones, as a walk from `start`, or from the most urgent case.

    `whose`: the actor's own, those of a team (its code), or `ALL` of their departments'. Rows as of a list, with
    `lat`, `lon`, `description` and `needs_after_photo`."""
    demand(may_go_round(actor), actor)
    rows = Report.objects.filter(department__in=actor.departments, state__in=OPEN, lat__isnull=False)
    if whose == MINE:
        rows = rows.filter(officer=actor.person_id)
    elif whose != ALL:
        rows = rows.filter(team=whose)
    if district:
        rows = rows.filter(district_id=district)
    wanted = (*LISTED, "lat", "lon", "category__needs_after_photo")
    found = list(rows.order_by("due_on", "number").values(*wanted, summary=Left("description", 400))[:MOST_STOPS])
    order = order_stops([Point(row["lat"], row["lon"]) for row in found], start)
    return [found[index] for index in order]
