"""What thieves try between two steps: codes from before a freeze, a hold that is to be shortened, two at one moment."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from meydan.accounts.public import Person
from meydan.identity.actions import applying, checking, desk, guarding, outcomes
from meydan.identity.actions.identities import end_identity, establish_identity, freeze_identity, thaw_identity
from meydan.identity.actions.offering import offer_credential
from meydan.identity.models import (
    NO_LEVEL,
    Application,
    Credential,
    Desk,
    FaceRecord,
    Identity,
    Offer,
    Paper,
    Purpose,
    State,
    digest_of,
)
from meydan.identity.models.enrolment import FACE_FAILURES_TOGETHER, MOST_FACE_FAILURES
from meydan.identity.models.faces import draw_poses
from meydan.identity.queries import cards
from meydan.identity.queries.sign_ins import level_of
from meydan.identity.reactions import withdraw_idle_thaw
from meydan.identity.tests.cast import (
    CLAIMS,
    GIVEN,
    FakeEngine,
    a_face,
    actor_of,
    apply_until_picture,
    browser,
    film,
    known,
    make_clerk,
    make_identity,
    make_jpeg,
    make_person,
    work,
    world,
)
from meydan.identity.tests.holders import OurWallet
from meydan.identity.tokens.jose import new_key
from meydan.kernel import clock
from meydan.kernel.actor import SYSTEM, Actor, Assurance
from meydan.kernel.errors import Conflict, MeydanError, NotFound, TooMany
from meydan.kernel.facts import facts_of_person

PIN = "280911"
LOCKED_SECONDS = 20.0


def bring_over(person: Person) -> Identity:
    """An identity that came over from another account, and waits a day."""
    before = make_identity(make_person(f"before-{person.username}"))
    end_identity(SYSTEM, before.pk, why="moved")
    return establish_identity(SYSTEM, person_id=person.pk, claims=CLAIMS, level="light", came_from=before)


def see(clerk: Actor, code: str) -> None:
    guarding.see_person(clerk, code, document="card", pin=PIN, again=PIN)


def begin_thaw(monkeypatch: pytest.MonkeyPatch, actor: Actor) -> Application:
    """An application of the frozen identity's own account, up to the picture; the registry knows them."""
    with world(monkeypatch, known(make_jpeg())):
        application = applying.begin_application(actor, purpose=Purpose.THAW)
        applying.answer_biometrics(actor, application.pk, agrees=True)
        applying.give_number(actor, application.pk, number=CLAIMS.number)
        applying.give_document(actor, application.pk, given=GIVEN, photo=b"")
    return application


# What came over from another account


@pytest.mark.django_db
def test_a_freeze_and_a_thaw_do_not_shorten_a_hold() -> None:
    thief = make_person("thief")
    identity = bring_over(thief)
    opens_at = identity.opens_at
    freeze_identity(actor_of(thief), identity.pk, why="holder")
    thaw_identity(SYSTEM, identity.pk, way="remote")
    identity.refresh_from_db()
    assert identity.frozen_at is None and identity.opens_at >= opens_at
    assert actor_of(thief).assurance == Assurance.SELF_DECLARED


@pytest.mark.django_db
def test_what_came_over_is_worth_nothing_before_its_hold_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    thief = make_person("thief")
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor_of(thief))
        applying.give_picture(actor_of(thief), application.pk, still=make_jpeg())
        work(application)
    wallet = OurWallet()
    wallet.redeem(offer_credential(actor_of(thief)))  # while it is decided, one may be set up
    identity = bring_over(thief)
    Application.objects.update(state=State.ACCEPTED, locked_given="", locked_claims="")
    answer = wallet.request([new_key()])
    assert answer.status_code == 202 and "transaction_id" in answer.json()
    assert not Credential.objects.exists()
    assert level_of(thief.pk) == NO_LEVEL, "at relying parties neither"
    with pytest.raises(Conflict):
        offer_credential(actor_of(thief))
    with pytest.raises(Conflict):
        guarding.print_paper(actor_of(thief), identity.pk)
    assert "came from another account" in browser(thief).get("/id/wallet").content.decode()
    moment = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(cards, "now", lambda: moment)
    delivered = wallet.post_json("/id/deferred", {"transaction_id": answer.json()["transaction_id"]})
    assert len(delivered.json()["credentials"]) == 1


@pytest.mark.django_db
def test_a_paper_says_in_person_only_once_those_powers_are_open() -> None:
    owner = make_person("owner")
    identity = make_identity(owner, in_person=True)
    code = guarding.print_paper(actor_of(owner), identity.pk)
    assert "seen at the counter" not in Client().get(f"/verify/papers/{code}").content.decode()
    Identity.objects.update(opens_at=clock.now())
    assert "seen at the counter" in Client().get(f"/verify/papers/{code}").content.decode()


# The counter


@pytest.mark.django_db
def test_a_freeze_takes_the_counters_code_and_the_papers_along() -> None:
    owner, clerk = make_person("owner"), make_clerk("clara")
    identity = make_identity(owner, in_person=True)
    paper = guarding.print_paper(actor_of(owner), identity.pk)
    code = guarding.make_counter_code(actor_of(owner), identity.pk)  # perhaps it was the thief who made it
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    with pytest.raises(NotFound):
        see(clerk, code)
    see(clerk, guarding.make_counter_code(actor_of(owner), identity.pk))
    assert Paper.objects.get(digest=digest_of(paper)).revoked_at is not None, "a thaw brings no paper back"


@pytest.mark.django_db
def test_a_code_that_has_run_out_is_no_hindrance_and_one_that_counts_is_nobody_elses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = make_person("first"), make_person("second")
    one, other = make_identity(first), make_identity(second, CLAIMS.model_copy(update={"number": "ZZ 9"}))
    drawn = iter([11111111, 11111111, 22222222, 11111111])
    monkeypatch.setattr(secrets, "randbelow", lambda _most: next(drawn))
    assert guarding.make_counter_code(actor_of(first), one.pk) == "11111111"
    assert guarding.make_counter_code(actor_of(second), other.pk) == "22222222"
    Desk.objects.filter(identity=one).update(code_until=clock.now())
    assert guarding.make_counter_code(actor_of(second), other.pk) == "11111111"


def at_the_same_moment(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """`second` begins while `first` has done its work and not committed it yet; what came of it, or its refusal."""

    def run() -> Any:
        try:
            return second()
        except MeydanError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            later = pool.submit(run)
            deadline = time.monotonic() + LOCKED_SECONDS
            while not (later.done() or _somebody_waits()):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        return later.result(LOCKED_SECONDS)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where not granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed")
def test_a_code_that_was_used_a_moment_ago_thaws_nothing() -> None:
    owner, clerk, other = make_person("owner"), make_clerk("clara"), make_clerk("karim")
    identity = make_identity(owner)
    code = guarding.make_counter_code(actor_of(owner), identity.pk)

    def use_it_and_freeze() -> None:
        see(clerk, code)
        freeze_identity(SYSTEM, identity.pk, why="theft")

    assert isinstance(at_the_same_moment(use_it_and_freeze, lambda: see(other, code)), NotFound)
    assert Identity.objects.get().frozen_at is not None


@pytest.mark.usefixtures("committed")
def test_an_offer_that_is_made_while_a_freeze_is_under_way_is_none() -> None:
    owner = make_person("owner")
    identity = make_identity(owner)
    actor = actor_of(owner)
    frozen = at_the_same_moment(
        lambda: freeze_identity(SYSTEM, identity.pk, why="theft"), lambda: offer_credential(actor)
    )
    assert isinstance(frozen, Conflict) and not Offer.objects.exists()


# Thaws from afar


@pytest.mark.django_db
def test_what_the_counter_has_raised_meanwhile_is_not_thawed_from_afar(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, clerk = make_person("owner"), make_clerk("clara")
    identity = make_identity(owner)
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    application = begin_thaw(monkeypatch, actor_of(owner))
    see(clerk, guarding.make_counter_code(actor_of(owner), identity.pk))
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    engine, _poses = film(actor_of(owner), application)
    with world(monkeypatch, known(make_jpeg()), engine), pytest.raises(Conflict) as refused:
        work(application)
    assert refused.value.code == "counter"
    assert Identity.objects.get().frozen_at is not None
    withdraw_idle_thaw(facts_of_person(owner.pk, name="identity.thawed")[0])
    assert Application.objects.get().state == State.WITHDRAWN


# The machine


@pytest.mark.django_db
def test_of_two_who_take_one_number_at_once_the_second_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other's identity is there when this one's is made, and was not when the verdict was thought over."""
    actor = actor_of(make_person("amina"))
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
    engine, _poses = film(actor, application)
    make_identity(make_person("other"))
    with world(monkeypatch, known(make_jpeg()), engine):
        with monkeypatch.context() as patch:
            patch.setattr(checking, "holder_of", lambda _number: None)
            patch.setattr(outcomes, "lock_holder_of", lambda _number: None)
            with pytest.raises(Conflict):  # so the job comes again
                work(application)
        application = work(application)
    assert (application.state, application.reasons) == (State.DESK, ["number_taken"])


def fail_once(monkeypatch: pytest.MonkeyPatch, actor: Actor, application: Application) -> Application:
    applying.give_picture(actor, application.pk, still=make_jpeg())
    with world(monkeypatch, known(make_jpeg()), FakeEngine([a_face(), a_face(2.0)])):
        return work(application)


@pytest.mark.django_db
def test_who_withdraws_and_begins_anew_is_still_paused_told_of_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, thief = make_person("owner"), make_person("thief")
    make_identity(owner)
    actor = actor_of(thief)

    def begin() -> Application:
        with world(monkeypatch, known(make_jpeg())):
            return apply_until_picture(actor)

    application = begin()
    for _try in range(FACE_FAILURES_TOGETHER - 1):
        fail_once(monkeypatch, actor, application)
    applying.withdraw_application(actor, application.pk)
    application = begin()
    fail_once(monkeypatch, actor, application)
    with pytest.raises(TooMany):
        applying.draw_challenge(actor, application.pk)
    assert facts_of_person(owner.pk, name="identity.failures_burst"), "and whoever holds the number hears of it"
    applying.withdraw_application(actor, application.pk)
    application = begin()
    with pytest.raises(TooMany):
        applying.draw_challenge(actor, application.pk)
    Application.objects.filter(pk=application.pk).update(face_failures=MOST_FACE_FAILURES - FACE_FAILURES_TOGETHER - 1)
    Application.objects.update(face_waits_until=None)
    assert fail_once(monkeypatch, actor, application).state == State.DESK


def test_a_challenge_always_asks_for_what_a_printed_photo_cannot_do() -> None:
    assert all({"left", "right"} & set(draw_poses()) for _draw in range(300))


@pytest.mark.django_db
def test_nobody_draws_challenges_until_the_right_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    thief = make_person("thief")
    client = browser(thief)
    with world(monkeypatch, known(make_jpeg())):
        apply_until_picture(actor_of(thief))

    def draw() -> int:
        return int(client.post("/api/identity/challenge", "{}", content_type="application/json").status_code)

    told = [draw() for _draw in range(61)]
    assert told == [200] * 60 + [429]


@pytest.mark.django_db
def test_officers_cannot_accept_what_the_registry_has_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    actor, clerk = actor_of(make_person("amina")), make_clerk("clara")
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor, number="NOBODY9")
        applying.give_picture(actor, application.pk, still=make_jpeg())
        application = work(application)
    assert application.state == State.DESK and "registry_says_no" in application.reasons
    with pytest.raises(Conflict):
        desk.accept_application(clerk, application.pk)
    desk.refuse_application(clerk, application.pk, reason="registry_says_no", words="")
    assert not Identity.objects.exists() and not FaceRecord.objects.exists()
