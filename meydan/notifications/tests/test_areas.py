"""Who watches an area hears of what is new there, once; and of nothing that is private."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.kernel.places import Point
from meydan.notifications import actions
from meydan.notifications.models import MAX_WATCHES, Mail, News, Watch
from meydan.notifications.queries import count_news, list_matching, stop_token
from meydan.reports.actions import hide_report
from meydan.reports.models import Category
from meydan.reports.public import find_public
from meydan.reports.tests.cast import CENTRE, make_actor, make_city, make_report
from meydan.reports.tests.test_pages import page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina() -> Actor:
    make_city()
    return make_actor("amina")


def announced(**values: Any) -> int:
    """A new report, of which the worker has told."""
    number = make_report(values.pop("by", VISITOR), **values).number
    actions.announce(number)
    return number


def test_a_place_is_watched_to_its_radius(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    inside = announced(point=Point(33.594, -7.61))
    announced(point=Point(33.596, -7.61))
    assert list(News.objects.values_list("report", flat=True)) == [inside]
    (mail,) = Mail.objects.all()
    assert mail.to == "amina@example.org" and f"/reports/{inside}" in mail.body
    assert "deep hole" not in mail.body


def test_a_district_and_a_kind(amina: Actor) -> None:
    actions.add_watch(amina, district="maarif", category="lamp", daily=False)
    announced(point=None, district="maarif")
    announced(point=None, district="anfa", category="lamp")
    wanted = announced(point=None, district="maarif", category="lamp")
    assert list(News.objects.values_list("report", flat=True)) == [wanted]


def test_nobody_hears_twice_nor_of_their_own(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    actions.add_watch(amina, district="anfa", daily=True)
    number = announced()
    actions.announce(number)
    announced(by=amina)
    assert News.objects.count() == 1 and Mail.objects.count() == 1


def test_nothing_private_and_no_coarse_place_leaks(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=100, daily=False)
    announced(category="abuse")
    assert not News.objects.exists()
    Category.objects.filter(pk="lamp").update(coarse=True)
    number = announced(category="lamp", address="4, Rue des Orangers")
    shown = find_public(number)
    assert shown and shown.point and shown.point != CENTRE
    assert not any("Orangers" in mail.body + mail.subject for mail in Mail.objects.all())
    told = {one.person for one in list_matching(shown)}
    Watch.objects.update(lat=shown.point.lat, lon=shown.point.lon)
    assert {one.person for one in list_matching(shown)} == {amina.person_id} >= told


def test_matching_reads_the_index_and_not_every_area(amina: Actor) -> None:
    person = Person.objects.get(pk=str(amina.person_id))
    far = [Watch(person=person, lat=-40 + i / 100, lon=-70, radius=500, made_at=now()) for i in range(2000)]
    Watch.objects.bulk_create(far)
    actions_report = find_public(make_report(VISITOR).number)
    assert actions_report
    with connection.cursor() as cursor:
        cursor.execute("analyze notifications_watch")
    with CaptureQueriesContext(connection) as queries:
        assert list_matching(actions_report) == []
    assert len(queries) == 2
    with connection.cursor() as cursor:
        cursor.execute(f"explain {queries[1]['sql']}")
        assert "notifications_watch_place" in "\n".join(row[0] for row in cursor.fetchall())


def test_the_days_letter_comes_once_and_only_with_what_is_still_public(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=500, daily=True)
    numbers = [announced() for _one in range(23)]
    hide_report(SYSTEM, numbers[0], text="A face")
    assert not Mail.objects.exists()
    tomorrow = timezone.localtime(now()) + timedelta(days=1)
    assert actions.send_digests(moment=tomorrow.replace(hour=8)) == 1
    assert actions.send_digests(moment=tomorrow.replace(hour=9)) == 0
    (mail,) = Mail.objects.all()
    assert mail.body.count("/reports/") == 20 and f"/reports/{numbers[-1]}" in mail.body and "And 2 more" in mail.body
    assert f"/reports/{numbers[0]}\n" not in mail.body


def test_before_the_hour_the_day_is_not_over(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=500, daily=True)
    announced()
    News.objects.update(at=timezone.localtime(now()).replace(hour=9, minute=0))
    today = timezone.localtime(now())
    assert actions.send_digests(moment=today.replace(hour=23)) == 0
    assert actions.send_digests(moment=(today + timedelta(days=1)).replace(hour=6)) == 0
    assert actions.send_digests(moment=(today + timedelta(days=1)).replace(hour=7, minute=1)) == 1


def test_one_click_ends_it_without_signing_in(amina: Actor) -> None:
    watch = actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    announced()
    headers = Mail.objects.get().headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + headers["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    strict = Client(enforce_csrf_checks=True)
    assert "<form" in strict.get(path).content.decode() and Watch.objects.exists(), "looking changes nothing"
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Watch.objects.exists()
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert strict.post("/alerts/stop/forged").status_code == 404
    assert [one.name for one in facts_about(f"watch:{watch.pk}")] == [
        "notifications.watch_set",
        "notifications.watch_removed",
    ]
    assert "33.5" not in str([one.fact for one in facts_about(f"watch:{watch.pk}")])
    assert parseaddr(Mail.objects.get().to)[1]


def test_news_are_marked_until_they_are_read(amina: Actor) -> None:
    actions.add_watch(amina, point=CENTRE, radius=500, daily=True)
    number = announced()
    client = signed_in(amina)
    assert count_news(amina) == 1
    assert 'class="unread"' in page_of(client, "/reports/") and 'href="/me/news"' in page_of(client, "/reports/")
    page = page_of(client, "/me/news")
    assert f'href="/reports/{number}"' in page
    assert count_news(amina) == 0 and 'class="unread"' not in page_of(client, "/reports/")
    hide_report(SYSTEM, number, text="A face")
    assert f'href="/reports/{number}"' not in page_of(client, "/me/news")


def test_the_pages(amina: Actor) -> None:
    client = signed_in(amina)
    form = {"lat": "33.59", "lon": "-7.61", "radius": "500", "daily": "false"}
    assert client.post("/me/areas", form).status_code == 302
    assert client.post("/me/areas", {"district": "anfa", "radius": "500", "daily": "true"}).status_code == 302
    for wrong in (
        {"lat": "", "lon": ""},
        {"radius": "5000"},
        {"lat": "95"},
        {"category": "none"},
        {"district": "none"},
    ):
        assert client.post("/me/areas", {**form, **wrong}).status_code == 422
    first = Watch.objects.order_by("made_at")[0]
    assert client.post(f"/me/areas/{first.pk}/daily").status_code == 302
    first.refresh_from_db()
    assert first.daily
    assert signed_in(make_actor("eve")).post(f"/me/areas/{first.pk}/remove").status_code == 404
    assert client.post(f"/me/areas/{first.pk}/remove").status_code == 302
    assert Watch.objects.count() == 1


def test_bounds_and_refusals(amina: Actor) -> None:
    for _number in range(MAX_WATCHES):
        actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    with pytest.raises(Conflict):
        actions.add_watch(amina, point=CENTRE, radius=500, daily=False)
    with pytest.raises(SignInFirst):
        actions.add_watch(VISITOR, point=CENTRE, radius=500, daily=False)
    with pytest.raises(Invalid):
        actions.add_watch(make_actor("b"), point=CENTRE, radius=50, daily=False)
    with pytest.raises(NotFound):
        actions.stop_by_link(stop_token(Watch.objects.all()[0].pk) + "x")
