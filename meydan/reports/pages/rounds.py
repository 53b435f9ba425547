"""An inspector's round: the cases of a walk, one after the other, each with what can be done on the spot."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.places import Point, metres_between
from meydan.kernel.policy import demand
from meydan.kernel.walks import MOST_STOPS
from meydan.reports.inputs import GoRound
from meydan.reports.models import ALLOWED, State, Verb
from meydan.reports.pages.drawing import draw_walk
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import picture, state_view, team_name, work_view
from meydan.reports.policies import may_go_round
from meydan.reports.queries import ALL, MINE, Row, labels, list_hands, list_round

ROUNDED = 3
"""Decimals of the device's position, about 100 m: enough to begin a walk, and it stands in an address."""


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """The round; its script keeps it on the device, and what is written there goes by the outbox."""
    actor = actor_of(request)
    demand(may_go_round(actor), actor)
    query = parse(GoRound, request.GET)
    rows = list_round(actor, whose=query.whose, district=query.district, start=query.start)
    _officers, teams = list_hands(actor, set(actor.departments))
    points = [Point(row["lat"], row["lon"]) for row in rows]
    context = {
        "stops": [_stop_view(row, metres) for row, metres in zip(rows, _legs(points, query.start), strict=True)],
        "query": query,
        "whose": [
            (MINE, _("Mine")),
            *((team.pk, team_name(team.pk)) for team in teams),
            (ALL, _("All of my departments")),
        ],
        "districts": options(labels().districts, _("Everywhere")),
        "walk": draw_walk(points),
        "most": MOST_STOPS,
        "decimals": ROUNDED,
        "new_token": uuid4,
    }
    return render(request, "reports/round.html", context)


def _legs(points: Sequence[Point], start: Point | None) -> list[int | None]:
    """Metres to each stop from the one before, as the crow flies; None where nobody knows from where."""
    first = round(metres_between(start, points[0])) if start and points else None
    legs: list[int | None] = [round(metres_between(one, other)) for one, other in pairwise(points)]
    return [first, *legs][: len(points)]


def _stop_view(row: Row, metres: int | None) -> dict[str, Any]:
    allowed = ALLOWED[State(row["state"])]
    return {
        **work_view({**row, "officer__name": "", "department_id": None}),
        "state": state_view(row["state"]),
        "metres": metres,
        "lat": row["lat"],
        "lon": row["lon"],
        "photo": picture(row["cover_id"]) if row["cover_id"] else None,
        "accepts": Verb.ACCEPT in allowed,
        "solves": Verb.SOLVE in allowed,
        "needs_photo": row["category__needs_after_photo"],
    }
