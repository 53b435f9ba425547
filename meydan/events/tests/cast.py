"""The scene: a small city, somebody who announces, a moderator, and what they do through the real actions."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from meydan.articles.tests.cast import approve, make_moderator, react, signed_in
from meydan.events import actions
from meydan.events import public as _door
from meydan.events.models import Event, Occurrence, Plan
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.places import upsert_districts
from meydan.reports.tests.cast import make_actor, square

CHECKS = ("technology", "charter")
__all__ = ["make_actor", "make_moderator", "react", "signed_in"]
assert _door.Event is Event


def make_outline() -> None:
    """A city of two districts."""
    upsert_districts(
        {"type": "FeatureCollection", "features": [square("anfa", -7.7, 33.5), square("maarif", -7.6, 33.5)]}
    )


def soon(days: int = 7, hour: int = 18) -> datetime:
    """An hour of a day to come, by the city's clock."""
    day = timezone.localtime(now()).replace(tzinfo=None) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def plan(**changes: Any) -> Plan:
    starts = changes.pop("starts", soon())
    made = Plan(
        title="Repair evening",
        text="Bring what is broken, **and learn** to mend it. Everybody is welcome.",
        starts=starts,
        ends=starts + timedelta(hours=2),
        place="Library, rue Anfa 3",
        lat=33.55,
        lon=-7.65,
        topics=("culture",),
        about_technology=True,
    )
    return replace(made, **changes)


def make_event(organiser: Actor, moderator: Actor, **changes: Any) -> Event:
    """A public event."""
    event = actions.draft_event(organiser, plan=plan(**changes), language="en")
    actions.hand_in_event(organiser, event.pk)
    approve(moderator, event.reference, CHECKS)
    event.refresh_from_db()
    return event


def change(event: Event, organiser: Actor, moderator: Actor, **changes: Any) -> None:
    actions.save_event(organiser, event.pk, plan=plan(**changes))
    actions.hand_in_event(organiser, event.pk)
    approve(moderator, event.reference, CHECKS)
    event.refresh_from_db()


def first_date(event: Event) -> Occurrence:
    return event.occurrences.order_by("starts_at")[0]
