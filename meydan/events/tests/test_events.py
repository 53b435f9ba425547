"""Announcing, dates, seats and the waiting list, reminders, cancelling."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from meydan.articles.tests.cast import approve
from meydan.events import actions
from meydan.events.models import Event, Occurrence, Seat
from meydan.events.models.rules import EventRules
from meydan.events.policies import may_edit
from meydan.events.queries import Wanted, list_upcoming
from meydan.events.tests.cast import (
    CHECKS,
    change,
    first_date,
    make_actor,
    make_event,
    make_moderator,
    make_outline,
    plan,
    react,
    signed_in,
    soon,
)
from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.moderation.actions import flag_thing, take_thing_off
from meydan.moderation.models import Reason
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Actor:
    make_outline()
    return make_actor("nadia")


@pytest.fixture
def mina() -> Actor:
    return make_moderator()


def form(**changes: str) -> dict[str, str]:
    day = soon()
    return {
        "title": "Repair evening",
        "language": "en",
        "text": "Bring what is broken, and learn to mend it. Everybody is welcome.",
        "starts_on": f"{day:%Y-%m-%d}",
        "starts_at": "18:00",
        "ends_at": "20:00",
        "place": "Library, rue Anfa 3",
        "spot": "33.55, -7.65",
        "topics": "culture",
        "about_technology": "on",
        **changes,
    }


def test_from_the_form_to_the_calendar(nadia: Actor, mina: Actor, client: Client) -> None:
    organiser = signed_in(nadia)
    assert client.get("/events/new").status_code == 302
    answer = organiser.post("/events/new", form(do="hand_in"))
    event = Event.objects.get()
    assert answer["Location"] == f"/events/{event.pk}?done=handed_in"
    assert client.get(f"/events/{event.pk}").status_code == 404
    assert "in the queue" in organiser.get(f"/events/{event.pk}").content.decode()
    assert organiser.get(f"/events/{event.pk}/edit")["Location"] == f"/events/{event.pk}"  # there it is taken back
    approve(mina, event.reference, CHECKS)
    for address in (f"/events/{event.pk}", "/events/", "/events/?q=repair&district=anfa", "/events/map"):
        assert "Repair evening" in client.get(address).content.decode(), address
    assert "Repair evening" in client.get(f"/events/month?month={soon():%Y-%m}").content.decode()
    assert "Repair evening" not in client.get("/events/?district=maarif").content.decode()


def test_the_place_is_pressed_on_the_picture_and_must_lie_in_the_city(nadia: Actor) -> None:
    organiser = signed_in(nadia)
    pressed = organiser.post("/events/new", {**form(spot=""), "city.x": "80", "city.y": "60"}).content.decode()
    assert 'name="spot"' in pressed and 'value="33.5' in pressed and "Repair evening" in pressed
    assert not Event.objects.exists()
    outside = organiser.post("/events/new", form(spot="33.9, -6.9", do="hand_in"))
    assert (outside.status_code, "outside of the city" in outside.content.decode()) == (422, True)
    nowhere = organiser.post("/events/new", form(spot="somewhere", do="save"))
    assert "latitude and longitude" in nowhere.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "Short"}, "text"),
        ({"topics": ()}, "topics"),
        ({"about_technology": False}, "about_technology"),
        ({"starts": soon(days=-30), "ends": soon(days=-29)}, "starts"),
        ({"ends": soon() - timedelta(hours=1)}, "ends"),
        ({"ends": soon() + timedelta(days=20)}, "ends"),
        ({"repeats": "weekly"}, "until"),
        ({"repeats": "daily", "until": (soon() + timedelta(days=300)).date()}, "until"),
        ({"lat": None, "lon": None}, "spot"),
        ({"place": ""}, "place"),
    ],
)
def test_what_is_missing_is_named(nadia: Actor, changes: dict[str, object], field: str) -> None:
    event = actions.draft_event(nadia, plan=replace(plan(), **changes), language="en")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(Invalid) as refusal:
        actions.hand_in_event(nadia, event.pk)
    assert field in refusal.value.fields


def test_seats_and_the_waiting_list(nadia: Actor, mina: Actor) -> None:
    event = make_event(nadia, mina, registers=True, seats=1)
    date = first_date(event)
    first, second, third = (make_actor(name) for name in ("aya", "badr", "celia"))
    with pytest.raises(SignInFirst):
        actions.take_seat(VISITOR, date.pk)
    assert not actions.take_seat(first, date.pk).waiting
    assert actions.take_seat(second, date.pk).waiting
    assert actions.take_seat(third, date.pk).waiting
    with pytest.raises(Conflict):
        actions.take_seat(second, date.pk)
    assert "number 2 on the waiting list" in signed_in(third).get(f"/events/{event.pk}").content.decode()
    signed_in(first).post(f"/events/{event.pk}/stay-away", {"date": date.pk})
    assert Seat.objects.get(person=second.person_id).waiting is False
    assert Seat.objects.get(person=third.person_id).waiting is True
    react()
    assert "seat for you" in Mail.objects.get(to="badr@example.org").body
    change(event, nadia, mina, registers=True, seats=5)
    assert Seat.objects.get(person=third.person_id).waiting is False


def test_the_organiser_sees_who_comes_and_nobody_else(nadia: Actor, mina: Actor) -> None:
    event = make_event(nadia, mina, registers=True)
    guest = make_actor("aya")
    answer = signed_in(guest).post(f"/events/{event.pk}/come", {"date": first_date(event).pk})
    assert answer["Location"] == f"/events/{event.pk}?done=registered"
    assert "Aya" in signed_in(nadia).get(f"/events/{event.pk}/guests").content.decode()
    assert signed_in(guest).get(f"/events/{event.pk}/guests").status_code == 403
    assert "Repair evening" in signed_in(guest).get("/events/mine").content.decode()


def test_guests_are_reminded_once(nadia: Actor, mina: Actor) -> None:
    event = make_event(nadia, mina, registers=True)
    actions.take_seat(make_actor("aya"), first_date(event).pk)
    assert actions.remind_guests() == 0
    near = soon(days=0, hour=0) + timedelta(days=1)
    Occurrence.objects.update(
        starts_at=first_date(event).starts_at - (soon() - near), ends_at=first_date(event).ends_at
    )
    assert (actions.remind_guests(), actions.remind_guests()) == (1, 0)
    react()
    letter = Mail.objects.get(to="aya@example.org")
    assert "Repair evening" in letter.body and f"/events/{event.pk}" in letter.body


def test_a_date_that_moves_keeps_its_guests_who_hear_of_it(nadia: Actor, mina: Actor) -> None:
    until = (soon() + timedelta(days=21)).date()
    event = make_event(nadia, mina, registers=True, repeats="weekly", until=until)
    assert event.occurrences.count() == 4
    date = first_date(event)
    actions.take_seat(make_actor("aya"), date.pk)
    change(event, nadia, mina, registers=True, repeats="weekly", until=until, starts=soon(hour=20))
    assert (event.occurrences.count(), event.sequence) == (4, 1)
    date.refresh_from_db()
    assert date.at_clock.endswith("T20:00") and date.seats.count() == 1
    react()
    assert "another time or place" in Mail.objects.get(to="aya@example.org").body
    change(event, nadia, mina, registers=True, starts=soon(days=8))
    left = {(one.at_clock[:10], one.cancelled) for one in event.occurrences.all()}
    assert left == {(f"{soon():%Y-%m-%d}", True), (f"{soon(days=8):%Y-%m-%d}", False)}


def test_one_date_cancelled_and_then_all(nadia: Actor, mina: Actor) -> None:
    until = (soon() + timedelta(days=14)).date()
    event = make_event(nadia, mina, registers=True, repeats="weekly", until=until)
    dates = list(event.occurrences.order_by("starts_at"))
    actions.take_seat(make_actor("aya"), dates[1].pk)
    with pytest.raises(Refused):
        actions.cancel_event(mina, event.pk)
    signed_in(nadia).post(f"/events/{event.pk}/cancel", {"date": dates[0].pk})
    assert [one.cancelled for one in event.occurrences.order_by("starts_at")] == [True, False, False]
    signed_in(nadia).post(f"/events/{event.pk}/cancel")
    react()
    assert "does not take place" in Mail.objects.get(to="aya@example.org").body
    assert "This event is cancelled." in Client().get(f"/events/{event.pk}").content.decode()
    with pytest.raises(Conflict):
        actions.take_seat(make_actor("badr"), dates[2].pk)


def test_a_translation_is_looked_at_and_then_shown(nadia: Actor, mina: Actor) -> None:
    event = make_event(nadia, mina)
    beside = signed_in(nadia).get(f"/events/{event.pk}/translate?language=fr").content.decode()
    assert "Bring what is broken" in beside
    sent = {"language": "fr", "title": "Soirée réparation", "text": "Apportez ce qui est cassé."}
    assert signed_in(nadia).post(f"/events/{event.pk}/translate", sent).status_code == 302
    french = Client(headers={"accept-language": "fr"})
    assert "Soirée réparation" not in french.get(f"/events/{event.pk}").content.decode()
    actions.hand_in_event(nadia, event.pk)
    approve(mina, event.reference, CHECKS)
    assert "Soirée réparation" in french.get(f"/events/{event.pk}").content.decode()
    assert "Soirée réparation" in french.get("/events/").content.decode()
    assert [one.event_id for one in list_upcoming(VISITOR, Wanted(words="soiree"))] == [event.pk]


def test_hidden_and_forgotten(nadia: Actor, mina: Actor) -> None:
    event, draft = make_event(nadia, mina), actions.draft_event(nadia, plan=plan(), language="en")
    flag_thing(make_actor("aya"), reference=event.reference, reason=Reason.SPAM)
    take_thing_off(mina, reference=event.reference, words="It sells something.")
    react()
    assert Client().get(f"/events/{event.pk}").status_code == 404
    assert Client().get(f"/events/{event.pk}.ics").status_code == 404
    assert not may_edit(mina, event)
    actions.show_event(SYSTEM, event.pk)
    assert nadia.person_id is not None
    actions.forget_organiser(SYSTEM, person=nadia.person_id)
    assert not Event.objects.filter(pk=draft.pk).exists()
    assert "A former member" in Client().get(f"/events/{event.pk}").content.decode()
    assert facts_about(event.reference)


def test_what_is_not_theirs_is_not_found(nadia: Actor, mina: Actor) -> None:
    event, other = actions.draft_event(nadia, plan=plan(), language="en"), make_actor("aya")
    for verb in ("edit", "guests", "translate", "versions"):
        assert signed_in(other).get(f"/events/{event.pk}/{verb}").status_code == 404
    public = make_event(nadia, mina)
    assert signed_in(other).get(f"/events/{public.pk}/edit").status_code == 403
    with pytest.raises(NotFound):
        actions.save_event(other, event.pk, plan=plan())


def test_a_city_may_ask_for_neither_technology_nor_a_place_in_it(nadia: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    organiser = signed_in(nadia)
    elsewhere = form(spot="", place="", online="https://video.example/evening", about_technology="", do="hand_in")
    refused = organiser.post("/events/new", elsewhere).content.decode()
    assert 'href="#field-spot"' in refused and 'href="#field-about_technology"' in refused
    open_to_all = EventRules(technology_only=False, in_city=False)
    for module in ("actions.announcing", "pages.forms", "public"):
        monkeypatch.setattr(f"meydan.events.{module}.city_rules", lambda: open_to_all)
    assert "about_technology" not in organiser.get("/events/new").content.decode()
    assert "done=handed_in" in organiser.post("/events/new", elsewhere)["Location"]
