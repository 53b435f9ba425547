"""From a flag to a block and its appeal."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused
from meydan.kernel.facts import facts_about
from meydan.moderation import actions
from meydan.moderation.actions import refuse_blocked
from meydan.moderation.facts import ThingTakenOff
from meydan.moderation.models import Block, Flag, Reason, Trace, Whom
from meydan.moderation.queries import list_cases
from meydan.notifications.models import Mail
from meydan.notifications.reactions import tell_the_blocked
from meydan.reports.actions import issue_api_key, limit_filing
from meydan.reports.models import Report
from meydan.reports.reactions import hide_what_was_taken_off
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.test_pages import form, signed_in

pytestmark = pytest.mark.django_db
PHONE = replace(VISITOR, device="d" * 64, address="192.0.2.7")


@pytest.fixture
def moderator() -> Actor:
    make_city()
    return make_actor("mina", Role.MODERATOR)


def flagged(sender: Actor, flagger: Actor = VISITOR) -> str:
    """A report that somebody finds insulting."""
    reference = make_report(sender).reference
    actions.flag_thing(replace(flagger, address="192.0.2.9"), reference=reference, reason=Reason.INSULT, words="Look")
    return reference


def last_fact(subject: str, kind: type[Any]) -> Any:
    return [stored.fact for stored in facts_about(subject) if isinstance(stored.fact, kind)][-1]


def test_a_flag_waits_with_the_thing_beside_it(moderator: Actor) -> None:
    reference = flagged(PHONE)
    (case,) = list_cases(moderator)
    assert case.thing is not None
    assert (case.reference, case.thing.text, case.flags[0].words) == (reference, "A deep hole", "Look")
    assert case.reach == [Whom.DEVICE, Whom.ADDRESS]
    with pytest.raises(Conflict):
        actions.flag_thing(replace(VISITOR, address="192.0.2.9"), reference=reference, reason=Reason.SPAM)
    with pytest.raises(Refused):
        list_cases(make_actor("user"))


def test_what_nobody_may_see_cannot_be_flagged(moderator: Actor) -> None:
    private = make_report(PHONE, category="abuse").reference
    for reference in (private, "report:999", "report:x", "person:1"):
        with pytest.raises(NotFound):
            actions.flag_thing(VISITOR, reference=reference, reason=Reason.FALSE)


def test_taken_off_means_hidden_with_the_reason(moderator: Actor) -> None:
    reference = flagged(PHONE)
    with pytest.raises(Invalid):
        actions.take_thing_off(moderator, reference=reference, words=" ")
    actions.take_thing_off(moderator, reference=reference, words="It names a neighbour.")
    with transaction.atomic():
        hide_what_was_taken_off(last_fact(reference, ThingTakenOff))
    report = Report.objects.get()
    assert report.public is False
    assert report.entries.get(kind="hidden").text == "It names a neighbour."
    assert list_cases(moderator) == []
    with pytest.raises(Conflict):
        actions.keep_thing(moderator, reference=reference)


def test_a_block_holds_for_programs_too(moderator: Actor, client: Client) -> None:
    phone = replace(PHONE, address="127.0.0.1")
    issue_api_key(SYSTEM, name="tests", key="a-key-for-tests")
    hole = {"api_key": "a-key-for-tests", "service_code": "pothole", "address_string": "Zellaqa"}
    assert client.post("/open311/v2/requests.json", hole).status_code == 201
    actions.block_sender(moderator, reference=flagged(phone), whom=Whom.ADDRESS, days=7, reason="Insults.")
    refused = client.post("/open311/v2/requests.json", hole)
    assert (refused.status_code, "Insults." in refused.content.decode()) == (403, True)


def test_kept_answers_all_flags(moderator: Actor) -> None:
    reference = flagged(PHONE)
    actions.flag_thing(make_actor("nadia"), reference=reference, reason=Reason.FALSE)
    actions.keep_thing(moderator, reference=reference)
    assert not Flag.objects.filter(decision=None).exists()
    assert Report.objects.get().public is True


@pytest.mark.parametrize(
    ("whom", "blocked", "free"),
    [
        (Whom.DEVICE, replace(PHONE, address="192.0.2.8"), replace(PHONE, device="e" * 64)),
        (Whom.ADDRESS, replace(PHONE, device="e" * 64), replace(PHONE, address="192.0.2.8")),
    ],
)
def test_a_block_reaches_whom_it_is_about(moderator: Actor, whom: Whom, blocked: Actor, free: Actor) -> None:
    actions.block_sender(moderator, reference=flagged(PHONE), whom=whom, days=7, reason="Insults.")
    with pytest.raises(Refused, match=r"Insults\..*/moderation/block"):
        limit_filing(blocked)
    refuse_blocked(free)
    with pytest.raises(Invalid):
        actions.block_sender(moderator, reference=flagged(PHONE), whom=Whom.PERSON, days=7, reason="No account.")


def test_an_appeal_is_decided_by_somebody_else_and_answered_by_mail(moderator: Actor) -> None:
    nadia, second = make_actor("nadia"), make_actor("second", Role.MODERATOR)
    block = actions.block_sender(moderator, reference=flagged(nadia), whom=Whom.PERSON, days=7, reason="Insults.")
    with pytest.raises(NotFound):
        actions.appeal_block(second, block.pk, words="Not mine")
    actions.appeal_block(nadia, block.pk, words="It was a joke among friends.")
    with pytest.raises(Conflict):
        actions.appeal_block(nadia, block.pk, words="Again")
    with pytest.raises(Refused, match="your own"):
        actions.decide_appeal(moderator, block.pk, lift=False, words="No.")
    actions.decide_appeal(second, block.pk, lift=True, words="You are right.")
    refuse_blocked(nadia)
    tell_the_blocked(facts_about(f"block:{block.pk}")[-1].fact)  # type: ignore[arg-type]  # the last one is AppealDecided
    letter = Mail.objects.get(to="nadia@example.org")
    assert "You are right." in letter.body


def test_the_blocked_one_sees_why_and_appeals_on_the_page(moderator: Actor, client: Client) -> None:
    assert client.post("/reports/new", form()).status_code == 302
    report = Report.objects.get()
    actions.block_sender(moderator, reference=report.reference, whom=Whom.ADDRESS, days=3, reason="Advertising.")
    refused = client.post("/reports/new", form())
    assert (refused.status_code, "Advertising." in refused.content.decode()) == (403, True)
    page = client.get("/moderation/block").content.decode()
    assert "Advertising." in page
    block = Block.objects.get()
    assert client.post("/moderation/block", {"block": block.pk, "text": ""}).status_code == 422
    sent = {"block": block.pk, "text": "I sell nothing.", "email": "me@example.org"}
    assert client.post("/moderation/block", sent).status_code == 302
    block.refresh_from_db()
    assert (block.appeal, block.appeal_email) == ("I sell nothing.", "me@example.org")


def test_traces_are_forgotten(moderator: Actor) -> None:
    make_report(PHONE)
    trace = Trace.objects.get()
    assert "192.0.2.7" not in trace.address
    assert actions.forget_traces() == 0
    Trace.objects.update(at=trace.at.replace(year=2020))
    assert actions.forget_traces() == 1


def moderator_client(username: str) -> Client:
    actor = make_actor(username, Role.MODERATOR)
    Person.objects.get(pk=str(actor.person_id)).grants.create(role=Role.MODERATOR)
    return signed_in(actor)


def test_the_queue_as_moderators_use_it(moderator: Actor, client: Client) -> None:
    first, second = moderator_client("first"), moderator_client("second")
    number = int(client.post("/reports/new", form()).url.rpartition("/")[2].partition("?")[0])  # type: ignore[attr-defined]  # a redirect has one
    about = f"report:{number}"
    flag = {"about": about, "reason": "insult", "text": "It names my neighbour"}
    assert Client().get(f"/moderation/flag?about={about}").status_code == 200
    assert Client().post("/moderation/flag", {"about": about}).status_code == 422
    assert Client().post("/moderation/flag", flag).status_code == 302
    page = first.get("/moderation").content.decode()
    assert "It names my neighbour" in page
    assert "A deep hole" in page
    assert first.post("/moderation/decide", {"about": about, "do": "take_off"}).status_code == 422
    blocking = {"about": about, "do": "block", "whom": "address", "days": "3", "text": "Names people."}
    assert first.post("/moderation/decide", blocking).status_code == 302
    assert client.get("/moderation/block").content.decode().count("Names people.") == 1
    key = Block.objects.get().pk
    client.post("/moderation/block", {"block": key, "text": "They asked me to."})
    assert "They asked me to." in second.get("/moderation").content.decode()
    answer = {"do": "stand", "text": "They did not."}
    assert first.post(f"/moderation/appeals/{key}", answer).status_code == 403
    assert second.post(f"/moderation/appeals/{key}", answer).status_code == 302
    assert "They did not." in client.get("/moderation/block").content.decode()
