"""Programs are told at least once, signed, in order, whatever their address does; and nothing that is private."""

import ipaddress
import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from django.test import Client
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from meydan.accounts.public import Person
from meydan.kernel import fetch, jobs, reactions
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.reactions import run_reaction
from meydan.notifications.models import Mail
from meydan.reports import actions as reports
from meydan.reports.models import Category
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.georeport_server import running
from meydan.reports.tests.test_pages import signed_in
from meydan.webhooks import actions
from meydan.webhooks.models import Delivery, Hook, Kind, Step
from meydan.webhooks.plugins import http
from meydan.webhooks.tests.receiver import Receiver

pytestmark = pytest.mark.django_db
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
EVERYTHING = [kind.value for kind in Kind]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(LOOPBACK,)))
    monkeypatch.setattr(http, "TIMEOUT", 0.5)
    make_city()
    with running(Receiver()) as made:
        yield made


def admin() -> Actor:
    actor = make_actor("admin", Role.ADMIN)
    Person.objects.get(pk=str(actor.person_id)).grants.create(role=Role.ADMIN)
    return actor


def hook_to(receiver: Receiver, actor: Actor = SYSTEM) -> tuple[Hook, str]:
    """An address that has agreed, and its secret."""
    hook, secret = actions.add_hook(actor, name="Map", url=receiver.url, kinds=EVERYTHING)
    actions.ask_address(hook=str(hook.pk))
    hook.refresh_from_db()
    return hook, secret


def react() -> None:
    """What the worker does with what has happened."""
    while jobs.run_waiting(run_reaction.name, reactions.run_many):
        continue


def deliver(hook: Hook) -> None:
    """The worker's next turn, as if all pauses were over."""
    Delivery.objects.filter(hook=hook, step=Step.WAITING).update(next_at=now())
    Hook.objects.filter(pk=hook.pk).update(quiet_until=None)
    actions.deliver(hook=str(hook.pk))
    hook.refresh_from_db()


def types_of(receiver: Receiver) -> list[str]:
    return [got.event["type"] for got in receiver.got]


def test_an_event_is_a_cloudevent_with_a_standard_signature(receiver: Receiver) -> None:
    hook, secret = hook_to(receiver)
    report = make_report(make_actor("amina"), contact_email="amina@example.org", contact_phone="0600")
    react()
    deliver(hook)
    filed = next(got for got in receiver.got if got.event["type"] == "meydan.report.filed")
    assert Webhook(secret).verify(filed.body.decode(), filed.headers)["subject"] == str(report.number)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(filed.body.decode() + " ", filed.headers)
    event = from_http_event(HTTPMessage(headers=filed.headers, body=filed.body))
    assert event.get_specversion() == "1.0" and event.get_id() == filed.headers["webhook-id"]
    assert event.get_data()["category"] == "pothole" and event.get_data()["lat"] == 33.59  # type: ignore[index,call-overload]  # a dict
    assert "amina" not in filed.body.decode().lower() and "0600" not in filed.body.decode()


def test_the_story_of_a_report_comes_in_its_order(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    report = make_report(VISITOR)
    reports.accept_report(SYSTEM, report.number)
    reports.ask_reporter(SYSTEM, report.number, text="A private question?")
    reports.close_as_solved(SYSTEM, report.number, text="Done")
    reports.hide_report(SYSTEM, report.number, text="A face")
    reports.show_report(SYSTEM, report.number)
    react()
    deliver(hook)
    assert types_of(receiver) == [
        f"meydan.report.{name}" for name in ("filed", "routed", "accepted", "asked", "solved", "hidden", "filed")
    ]
    sequences = [got.event["sequence"] for got in receiver.got]
    assert sequences == sorted(sequences)
    assert "private" not in str([got.body for got in receiver.got])


def test_what_is_private_is_told_to_nobody(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    make_report(VISITOR, category="abuse")
    react()
    deliver(hook)
    assert not receiver.got and not Delivery.objects.exists()


def test_what_was_hidden_meanwhile_is_withheld(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    report = make_report(VISITOR)
    react()
    reports.hide_report(SYSTEM, report.number, text="A face")
    react()
    deliver(hook)
    assert [got.event["data"] for got in receiver.got] == [{"number": report.number}]
    assert set(Delivery.objects.exclude(kind=Kind.HIDDEN).values_list("step", "body")) == {(Step.WITHHELD, "")}


def test_a_coarse_place_stays_coarse(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    Category.objects.filter(pk="lamp").update(coarse=True)
    make_report(VISITOR, category="lamp", address="4, Rue des Orangers")
    react()
    deliver(hook)
    data = receiver.got[0].event["data"]
    assert data["place"] is None and data["lat"] != 33.59 and abs(data["lat"] - 33.59) < 0.001
    assert "Orangers" not in str(receiver.got)


@pytest.mark.parametrize("mood", ["late", "noise", "drops", "500", "404", "301", "429"])
def test_what_fails_comes_again_under_the_same_id(receiver: Receiver, mood: str) -> None:
    hook, _secret = hook_to(receiver)
    make_report(VISITOR)
    react()
    receiver.mood = mood
    deliver(hook)
    failed = [got.headers["webhook-id"] for got in receiver.got]
    assert len(failed) == 1, "a later event of the same report does not overtake it"
    assert hook.failing_since and hook.failures == 1
    receiver.mood = ""
    deliver(hook)
    deliver(hook)
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert (
        ids[1] == failed[0]
        and len(ids) == 3
        and types_of(receiver)[1:] == ["meydan.report.filed", "meydan.report.routed"]
    )
    assert receiver.got[0].body == receiver.got[1].body
    assert hook.failing_since is None and {one.step for one in Delivery.objects.all()} == {Step.DELIVERED}


@pytest.mark.parametrize("mood", ["huge", "drips"])
def test_an_answer_that_does_not_end_still_counts(receiver: Receiver, mood: str) -> None:
    hook, _secret = hook_to(receiver)
    make_report(VISITOR)
    react()
    receiver.mood = mood
    deliver(hook)
    assert {one.step for one in Delivery.objects.all()} == {Step.DELIVERED}


def test_a_silent_address_does_not_hold_the_worker_up(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    for _number in range(5):
        make_report(VISITOR)
    react()
    receiver.mood = "late"
    deliver(hook)
    assert len(receiver.got) == 1 and hook.quiet_until and hook.quiet_until > now()
    receiver.mood = ""
    actions.deliver(hook=str(hook.pk))
    assert len(receiver.got) == 1, "it is left alone for a while"
    deliver(hook)
    assert {one.step for one in Delivery.objects.all()} == {Step.DELIVERED}


def test_one_worker_at_a_time(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    make_report(VISITOR)
    react()
    Hook.objects.filter(pk=hook.pk).update(busy_until=now() + timedelta(minutes=1))
    actions.deliver(hook=str(hook.pk))
    assert not receiver.got
    Hook.objects.filter(pk=hook.pk).update(busy_until=now() - timedelta(seconds=1))
    actions.deliver(hook=str(hook.pk))
    assert len(receiver.got) == 2


@pytest.mark.parametrize(
    ("consent", "agrees"), [("*", True), ("127.0.0.1", True), ("", False), ("evil.example", False)]
)
def test_nothing_is_sent_without_consent(receiver: Receiver, consent: str, agrees: bool) -> None:
    receiver.consent = consent
    hook, _secret = hook_to(receiver)
    make_report(VISITOR)
    react()
    deliver(hook)
    assert receiver.asked == ["127.0.0.1"]
    assert (bool(receiver.got), bool(hook.agreed_at), bool(hook.asked_said)) == (agrees, agrees, not agrees)
    receiver.consent = "*"
    actions.ask_address(hook=str(hook.pk))
    deliver(hook)
    assert receiver.got


def test_the_rate_that_was_allowed_is_kept(receiver: Receiver) -> None:
    receiver.rate = "3"
    hook, _secret = hook_to(receiver)
    for _number in range(3):
        make_report(VISITOR)
    react()
    deliver(hook)
    assert len(receiver.got) == 3 and hook.quiet_until
    deliver(hook)
    assert len(receiver.got) == 6


def test_after_days_of_failure_it_is_stopped_and_its_maker_told(receiver: Receiver) -> None:
    actor = admin()
    hook, _secret = hook_to(receiver, actor)
    make_report(VISITOR)
    react()
    receiver.mood = "500"
    deliver(hook)
    Hook.objects.filter(pk=hook.pk).update(failing_since=now() - timedelta(days=6))
    deliver(hook)
    assert hook.stopped_at and Mail.objects.get(to="admin@example.org").subject == "A webhook was stopped: Map"
    before = len(receiver.got)
    deliver(hook)
    assert len(receiver.got) == before
    receiver.mood = ""
    actions.change_hook(actor, hook.pk, name="Map", url=receiver.url, kinds=EVERYTHING, active=True)
    deliver(hook)
    assert types_of(receiver)[before:] == ["meydan.report.filed", "meydan.report.routed"], "what waited was not lost"


def test_an_address_that_is_gone_is_stopped_at_once(receiver: Receiver) -> None:
    hook, _secret = hook_to(receiver)
    make_report(VISITOR)
    react()
    receiver.mood = "410"
    deliver(hook)
    assert hook.stopped_at


def test_two_secrets_sign_for_a_day(receiver: Receiver) -> None:
    hook, old = hook_to(receiver)
    new = actions.change_secret(SYSTEM, hook.pk)
    make_report(VISITOR)
    react()
    deliver(hook)
    got = receiver.got[0]
    for secret in (old, new):
        assert Webhook(secret).verify(got.body.decode(), got.headers)
    assert old not in hook.secret and new not in Hook.objects.get().secret


@pytest.mark.parametrize("url", ["ftp://a.example/x", "https://u:p@a.example/", "nonsense", "https://"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        actions.add_hook(SYSTEM, name="x", url=url, kinds=EVERYTHING)


def test_the_citys_own_network_is_not_reached(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=()))
    hook, _secret = hook_to(receiver)
    assert not receiver.asked and hook.asked_said and not hook.agreed_at


def test_the_pages(receiver: Receiver) -> None:
    actor = admin()
    client = signed_in(actor)
    form = {"name": "Map", "url": receiver.url, "kinds": ["report.filed"], "active": "on"}
    page = client.post("/webhooks/new", form).content.decode()
    assert "whsec_" in page
    hook = Hook.objects.get()
    assert "whsec_" not in client.get(f"/webhooks/{hook.pk}").content.decode()
    client.post(f"/webhooks/{hook.pk}/do/ask")
    make_report(VISITOR)
    react()
    deliver(hook)
    delivery = Delivery.objects.get()
    address = f"/webhooks/{hook.pk}/again/{delivery.pk}"
    assert address in client.get(f"/webhooks/{hook.pk}").content.decode()
    assert client.post(address).status_code == 302
    deliver(hook)
    assert [got.headers["webhook-id"] for got in receiver.got] == [str(delivery.pk)] * 2
    assert client.post("/webhooks/new", {**form, "kinds": []}).status_code == 422
    assert client.post(f"/webhooks/{hook.pk}", {**form, "url": "x://y/zzzzzz"}).status_code == 422
    assert client.post(f"/webhooks/{hook.pk}/do/remove").status_code == 302 and not Hook.objects.exists()


def test_the_json_door(receiver: Receiver) -> None:
    client = signed_in(admin())
    made = client.post("/api/webhooks", json.dumps({"name": "Map", "url": receiver.url}), "application/json")
    assert (
        made.status_code == 201
        and made.json()["secret"].startswith("whsec_")
        and len(made.json()["kinds"]) == len(Kind)
    )
    assert "secret" not in str({k: v for k, v in client.get("/api/webhooks").json()["hooks"][0].items() if v})
    assert client.delete(f"/api/webhooks/{made.json()['id']}").status_code == 200
    assert Client().get("/api/webhooks").status_code == 401


def test_who_may_not(receiver: Receiver) -> None:
    with pytest.raises(Refused):
        actions.add_hook(make_actor("citizen"), name="x", url=receiver.url, kinds=EVERYTHING)
    hook: Any = hook_to(receiver)[0]
    with pytest.raises(Refused):
        actions.remove_hook(make_actor("officer", Role.OFFICER), hook.pk)
    actions.stop_hook(SYSTEM, hook.pk, gone=True)
    with pytest.raises(Conflict):
        actions.stop_hook(SYSTEM, hook.pk, gone=True)
