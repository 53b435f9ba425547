"""The application, step by step: what the machine decides, and what goes to the desk."""

import pytest

from meydan.identity.actions import applying
from meydan.identity.actions.desk import accept_application, refuse_application
from meydan.identity.facts import RegistryRead, VerdictGiven
from meydan.identity.models import Application, Evidence, FaceRecord, Identity, Purpose, Registered, State
from meydan.identity.plugins.registry import RegistryDown
from meydan.identity.queries.enrolment import own_reads, show_desk_case
from meydan.identity.tests.cast import (
    CLAIMS,
    GIVEN,
    FakeEngine,
    FakeRegistry,
    a_face,
    actor_of,
    apply_until_picture,
    film,
    known,
    make_clerk,
    make_identity,
    make_jpeg,
    make_person,
    work,
    world,
)
from meydan.kernel.actor import Actor, Assurance
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from meydan.kernel.facts import facts_about

pytestmark = pytest.mark.django_db


def test_without_an_engine_two_officers_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person("amina")
    actor = actor_of(person)
    first, second = make_clerk("clara"), make_clerk("karim")
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor, photo=make_jpeg())
        applying.give_picture(actor, application.pk, still=make_jpeg())
        application = work(application)
    assert application.state == State.DESK
    assert set(application.reasons) == {"no_face_check", "no_challenge"}
    shown = show_desk_case(first, application.pk)
    assert set(shown.pictures) == {"selfie", "portrait", "document"}
    assert shown.said == CLAIMS
    assert accept_application(first, application.pk) is False
    with pytest.raises(Refused):
        accept_application(first, application.pk)
    assert accept_application(second, application.pk) is True
    identity = Identity.objects.get(person=person)
    assert identity.claims == CLAIMS and identity.level == "light"
    assert actor_of(person).assurance == Assurance.LIGHT
    assert not Evidence.objects.exists()
    ended = Application.objects.get(pk=application.pk)
    assert ended.locked_given == ended.locked_claims == ""
    kinds = {one.kind for one in own_reads(actor)}
    assert kinds == {"registry", "look"}


def test_machine_accepts_when_everything_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person("amina")
    actor = actor_of(person)
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
    engine, _poses = film(actor, application)
    with world(monkeypatch, known(make_jpeg()), engine):
        application = work(application)
    assert application.state == State.ACCEPTED
    assert Identity.objects.filter(person=person, level="light").exists()
    assert FaceRecord.objects.count() == 1 and not Evidence.objects.exists()
    verdicts = [one.fact for one in facts_about(application.reference) if isinstance(one.fact, VerdictGiven)]
    assert [(one.outcome, one.by) for one in verdicts] == [("accepted", "machine")]


@pytest.mark.parametrize(
    ("engine", "registry", "agrees", "reason"),
    [
        (None, known(make_jpeg()), True, "no_face_check"),
        (FakeEngine([a_face()]), known(make_jpeg()), False, "no_consent"),
        (FakeEngine([a_face()]), known(), True, "no_portrait"),
        (FakeEngine([a_face(), a_face(0.55)]), known(make_jpeg()), True, "face_between"),
        (FakeEngine([a_face()]), None, True, "registry_down"),
        (FakeEngine([a_face()]), known(make_jpeg(), alive=False), True, "not_alive"),
    ],
)
def test_what_goes_to_the_desk(
    monkeypatch: pytest.MonkeyPatch, engine: FakeEngine | None, registry: FakeRegistry | None, agrees: bool, reason: str
) -> None:
    actor = actor_of(make_person("amina"))
    with world(monkeypatch, registry, engine):
        application = apply_until_picture(actor, agrees=agrees)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        application = work(application)
    assert application.state == State.DESK
    assert reason in application.reasons
    assert not Identity.objects.exists()


@pytest.mark.parametrize("number", ["NOBODY1", CLAIMS.number])
def test_unknown_number_and_wrong_birth_date_are_answered_alike(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    actor = actor_of(make_person("amina"))
    given = (
        GIVEN if number != CLAIMS.number else GIVEN.model_copy(update={"birth_date": CLAIMS.birth_date.replace(day=1)})
    )
    with world(monkeypatch, known(make_jpeg()), FakeEngine([a_face()])):
        application = apply_until_picture(actor, number=number, given=given)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        application = work(application)
    assert (application.state, application.reasons, application.face_failures) == (State.SELFIE, [], 1)
    assert not Identity.objects.exists()


def test_a_registry_that_is_silent_is_asked_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_person("amina"))
    registry = known()
    registry.down = 99
    with world(monkeypatch, registry):
        application = apply_until_picture(actor)
        for _try in range(4):
            with pytest.raises(RegistryDown):
                work(application)
        application = work(application)
    assert application.registered == Registered.DOWN
    reads = [one.fact.outcome for one in facts_about(application.reference) if isinstance(one.fact, RegistryRead)]
    assert reads == ["silent"] * 4 + ["down"]


def test_a_number_that_another_account_stands_for_goes_to_the_desk_and_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = make_person("old"), make_person("new")
    before = make_identity(old)
    actor = actor_of(new)
    first, second = make_clerk("clara"), make_clerk("karim")
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        application = work(application)
    assert "number_taken" in application.reasons
    accept_application(first, application.pk)
    accept_application(second, application.pk)
    before.refresh_from_db()
    assert before.ended_at is not None and before.locked_claims == ""
    assert actor_of(old).assurance == Assurance.SELF_DECLARED
    assert actor_of(new).assurance == Assurance.SELF_DECLARED, "what came over from another account waits a day"


def test_a_face_like_another_identitys_goes_to_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    for username, claims in (("amina", CLAIMS), ("twice", CLAIMS.model_copy(update={"number": "ZZ9"}))):
        actor = actor_of(make_person(username))
        with world(monkeypatch, known(make_jpeg(), claims)):
            application = apply_until_picture(actor, number=claims.number)
        engine, _poses = film(actor, application)
        with world(monkeypatch, known(make_jpeg(), claims), engine):
            application = work(application)
    assert application.state == State.DESK
    assert application.reasons == ["duplicate"]


def test_steps_are_in_order_and_can_be_gone_back(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_person("amina"))
    application = applying.begin_application(actor, purpose=Purpose.ENROL)
    with pytest.raises(Conflict):
        applying.give_number(actor, application.pk, number="A1")
    with pytest.raises(Conflict):
        applying.begin_application(actor, purpose=Purpose.ENROL)
    applying.answer_biometrics(actor, application.pk, agrees=True)
    applying.give_number(actor, application.pk, number="A1 2")
    applying.go_back(actor, application.pk)
    applying.give_number(actor, application.pk, number="B2")
    applying.withdraw_application(actor, application.pk)
    row = Application.objects.get(pk=application.pk)
    assert row.state == State.WITHDRAWN and row.locked_given == ""
    with pytest.raises(Refused):
        applying.withdraw_application(actor, application.pk)


def test_an_application_is_ones_own() -> None:
    application = applying.begin_application(actor_of(make_person("amina")), purpose=Purpose.ENROL)
    with pytest.raises(NotFound):
        applying.answer_biometrics(actor_of(make_person("thief")), application.pk, agrees=True)


def test_a_challenge_counts_once_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_person("amina"))
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
    nonce, _poses = applying.draw_challenge(actor, application.pk)
    frames = [(0, make_jpeg())] * 5
    with pytest.raises(Invalid):
        applying.give_picture(actor, application.pk, still=make_jpeg(), nonce="other", frames=frames)
    with pytest.raises(Invalid):
        applying.give_picture(actor, application.pk, still=make_jpeg(), nonce=nonce, frames=[(0, b"GIF89a")])
    applying.give_picture(actor, application.pk, still=make_jpeg(), nonce=nonce, frames=frames)
    with world(monkeypatch, known(make_jpeg()), FakeEngine([a_face()])):
        assert work(application).state == State.SELFIE, "nobody moved"
    with pytest.raises(Invalid):
        applying.give_picture(actor, application.pk, still=make_jpeg(), nonce=nonce, frames=frames)
    assert not Evidence.objects.filter(kind="frame").exists()


def test_an_officer_refuses_with_reason_and_not_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = make_clerk("clara")
    actor = actor_of(make_person("amina"))
    with world(monkeypatch, known()):
        application = apply_until_picture(actor)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        work(application)
    with pytest.raises(Invalid):
        refuse_application(clerk, application.pk, reason="because", words="")
    refuse_application(clerk, application.pk, reason="other_person", words="The picture shows somebody else.")
    row = Application.objects.get(pk=application.pk)
    assert (row.state, row.reasons) == (State.REFUSED, ["other_person"])
    with pytest.raises(Refused):
        show_desk_case(actor, application.pk)
    own = apply_until_picture(clerk)
    with world(monkeypatch, known()):
        applying.give_picture(clerk, own.pk, still=make_jpeg())
        work(own)
    with pytest.raises(NotFound):
        show_desk_case(clerk, own.pk)
    with pytest.raises(Refused):
        accept_application(clerk, own.pk)


def fail(actor: Actor, application: Application, monkeypatch: pytest.MonkeyPatch) -> Application:
    applying.give_picture(actor, application.pk, still=make_jpeg())
    with world(monkeypatch, known(make_jpeg()), FakeEngine([a_face(), a_face(2.0)])):
        return work(application)


def test_after_failures_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_person("amina"))
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
    for _try in range(5):
        application = fail(actor, application, monkeypatch)
        assert application.state == State.SELFIE
    with pytest.raises(TooMany):
        applying.draw_challenge(actor, application.pk)
