"""Who watches an area hears of an event there, and that a district is open: once, in the inbox."""

from datetime import date, timedelta
from typing import Any

import pytest

from meydan.accounts.public import Person
from meydan.events.actions import hide_event
from meydan.events.tests.cast import make_event, make_moderator, react
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.city import city_today
from meydan.kernel.facts import facts_about
from meydan.notifications import actions
from meydan.notifications.models import Mail, Notice
from meydan.reports.tests.cast import CENTRE, make_actor, make_city
from meydan.reports.tests.test_pages import page_of, signed_in
from meydan.rollout.actions import announce_openings
from meydan.rollout.public import set_opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina() -> Actor:
    make_city()
    return make_actor("amina")


def published(organiser: Actor, **changes: Any) -> int:
    """An event in the city's middle that has become public, of which the worker has told."""
    where = {"lat": CENTRE.lat, "lon": CENTRE.lon, **changes}
    number = make_event(organiser, make_moderator(), **where).pk
    react()
    return number


def told(actor: Actor, kind: Notice.Kind) -> list[str]:
    """What stands in somebody's inbox."""
    rows = Notice.objects.filter(person=actor.person_id, kind=kind).order_by("id")
    return [f"{one.title} {one.path}" for one in rows]


def test_an_event_where_somebody_watches_is_told(amina: Actor) -> None:
    quiet, elsewhere, lamps = make_actor("quiet"), make_actor("elsewhere"), make_actor("lamps")
    organiser = make_actor("organiser")
    actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    actions.add_watch(amina, district="anfa", daily=True)
    actions.add_watch(quiet, district="anfa", daily=True)
    actions.add_watch(elsewhere, district="maarif", daily=False)
    actions.add_watch(lamps, district="anfa", category="lamp", daily=False)
    actions.add_watch(organiser, district="anfa", daily=False)
    number = published(organiser)
    (said,) = told(amina, Notice.Kind.EVENT)
    assert said.endswith(f" /events/{number}")
    assert told(quiet, Notice.Kind.EVENT) == [said]
    assert not any(told(one, Notice.Kind.EVENT) for one in (elsewhere, lamps, organiser))
    (mail,) = Mail.objects.filter(body__contains=f"/events/{number}")
    assert mail.to == "amina@example.org"
    assert f'href="/events/{number}"' in page_of(signed_in(quiet), "/me/news")


def test_an_event_that_was_taken_off_meanwhile_is_told_to_nobody(amina: Actor) -> None:
    actions.add_watch(amina, district="anfa", daily=False)
    event = make_event(make_actor("organiser"), make_moderator())
    hide_event(SYSTEM, event.pk)
    react()
    actions.announce_event("event:0")
    assert not Notice.objects.exists()


def test_a_district_that_opens_is_told_once(amina: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    Person.objects.filter(pk=str(amina.person_id)).update(language="ar")
    set_opening(SYSTEM, "anfa", opens_on=None)
    actions.add_watch(amina, district="anfa", category="lamp", daily=True)
    day = city_today() + timedelta(days=1)
    set_opening(SYSTEM, "anfa", opens_on=day)
    assert opened() == 0
    at(monkeypatch, day)
    announce_openings()
    announce_openings()
    assert opened() == 1
    react()
    (said,) = told(amina, Notice.Kind.OPENED)
    assert said.endswith(" /districts/#anfa")
    assert not Mail.objects.exists()


def test_what_was_open_does_not_open_again(amina: Actor) -> None:
    set_opening(SYSTEM, "anfa", opens_on=city_today())
    announce_openings()
    set_opening(SYSTEM, "anfa", opens_on=city_today() - timedelta(days=1))
    announce_openings()
    assert opened() == 0, "nobody had closed it"
    set_opening(SYSTEM, "anfa", opens_on=None)
    set_opening(SYSTEM, "anfa", opens_on=city_today())
    announce_openings()
    assert opened() == 1


def opened() -> int:
    return sum(one.name == "rollout.district_opened" for one in facts_about("district:anfa"))


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("meydan.rollout.queries.city_today", lambda: day)
