"""Actions, facts and reactions: what is said of them in docs/architecture.md, on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from meydan.kernel import jobs, reactions
from meydan.kernel.action import NoFactRecorded, action, action_on
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Refused, SignInFirst
from meydan.kernel.facts import Fact, fact, facts_about, facts_of_person, record, reveals
from meydan.kernel.ids import uuid7
from meydan.kernel.models import FactRecord, ReactionRun
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.kernel.reactions import reacts_to, run_reaction, run_reaction_alone

pytestmark = pytest.mark.django_db

PERSON = uuid7()
OFFICER = Actor(person_id=uuid7(), roles=frozenset({Role.OFFICER}), departments=frozenset({"roads"}))


@fact("tests.lamp_lit")
@dataclass(frozen=True, kw_only=True)
class LampLit(Fact):
    lamp: UUID
    watts: int = 40


@fact("tests.lamp_counted")
@dataclass(frozen=True, kw_only=True)
class LampCounted(Fact):
    """One whose reaction locks what others lock too."""


SEEN: list[LampLit] = []
COUNTED: list[LampCounted] = []
HANGING = 1234


@reacts_to(LampLit)
def remember_lamp(lit: LampLit) -> None:
    SEEN.append(lit)
    if lit.watts == HANGING:
        ReactionRun.objects.create(fact_id=-1, reaction="nobody's", ran_at=now())
    elif lit.watts > 1000:
        raise RuntimeError("the fuse blew")


@reacts_to(LampCounted, alone=True)
def count_lamp(counted: LampCounted) -> None:
    COUNTED.append(counted)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    SEEN.clear()
    COUNTED.clear()
    yield


def may_light(actor: Actor) -> Verdict:
    return (
        ALLOW if actor.has(Role.OFFICER) or actor.is_system else sign_in_first() if actor.is_visitor else refuse("no")
    )


@action(policy=may_light)
def light_lamp(actor: Actor, *, watts: int = 40, quietly: bool = False) -> UUID:
    lamp = uuid7()
    if not quietly:
        record(LampLit(subject=f"lamp:{lamp}", persons=(PERSON,), lamp=lamp, watts=watts))
    return lamp


@action(policy=may_light)
def count_lamps(actor: Actor) -> None:
    record(LampCounted(subject="lamp:all"))


@action_on(
    lambda actor, key: f"lamp {key}", policy=lambda actor, row: ALLOW if row == "lamp 1" else refuse("not that one")
)
def dim_lamp(actor: Actor, lamp: str, *, watts: int) -> str:
    record(LampLit(subject="lamp:1", lamp=PERSON, watts=watts))
    return f"{lamp} at {watts}"


def run_together() -> int:
    return jobs.run_waiting(run_reaction.name, reactions.run_many)


def run_jobs() -> None:
    for job in ProcrastinateJob.objects.filter(task_name="kernel.run_reaction").order_by("id"):
        run_reaction(**job.args)


def test_a_fact_is_stored_with_who_did_it() -> None:
    lamp = light_lamp(OFFICER)
    (stored,) = facts_about(f"lamp:{lamp}")
    assert stored.fact == LampLit(subject=f"lamp:{lamp}", persons=(PERSON,), lamp=lamp)
    assert (stored.actor, stored.roles, stored.departments) == (OFFICER.person_id, ("officer",), ("roads",))
    assert [one.id for one in facts_of_person(PERSON)] == [stored.id]


def test_an_action_without_a_fact_is_rolled_back() -> None:
    with pytest.raises(NoFactRecorded):
        light_lamp(OFFICER, quietly=True)


def test_a_refusal_says_why_and_stores_nothing() -> None:
    with pytest.raises(SignInFirst):
        light_lamp(VISITOR)
    with pytest.raises(Refused, match="no"):
        light_lamp(replace(OFFICER, roles=frozenset({Role.USER})))
    assert not FactRecord.objects.exists()


def test_an_action_on_a_row_gets_the_row_and_asks_about_it() -> None:
    assert dim_lamp(OFFICER, 1, watts=5) == "lamp 1 at 5"
    with pytest.raises(Refused, match="not that one"):
        dim_lamp(OFFICER, 2, watts=5)


def test_recording_outside_an_action_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match="@action"):
        record(LampLit(subject="lamp:1", lamp=PERSON))


def test_a_job_exists_exactly_if_its_transaction_was_committed() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        light_lamp(OFFICER)
        raise ZeroDivisionError
    assert not ProcrastinateJob.objects.filter(task_name="kernel.run_reaction").exists()
    light_lamp(OFFICER)
    assert ProcrastinateJob.objects.filter(task_name="kernel.run_reaction").count() == 1


def test_a_reaction_takes_effect_once_however_often_its_job_runs() -> None:
    light_lamp(SYSTEM)
    run_jobs()
    run_jobs()
    assert len(SEEN) == 1
    assert ReactionRun.objects.count() == 1


def test_a_reaction_that_fails_leaves_nothing_behind() -> None:
    light_lamp(SYSTEM, watts=2000)
    with pytest.raises(RuntimeError, match="fuse"), transaction.atomic():
        run_jobs()
    assert not ReactionRun.objects.exists()


def test_reactions_that_wait_are_done_together() -> None:
    for _lamp in range(jobs.MOST_TOGETHER + 5):
        light_lamp(SYSTEM)
    assert [run_together() for _time in range(3)] == [jobs.MOST_TOGETHER, 5, 0]
    assert len(SEEN) == ReactionRun.objects.count() == jobs.MOST_TOGETHER + 5
    assert not ProcrastinateJob.objects.filter(task_name=run_reaction.name).exists()


def test_one_that_runs_alone_is_never_among_others() -> None:
    light_lamp(SYSTEM)
    count_lamps(SYSTEM)
    assert (run_together(), len(SEEN), len(COUNTED)) == (1, 1, 0)
    (left,) = ProcrastinateJob.objects.filter(task_name=run_reaction_alone.name)
    for _twice in range(2):
        run_reaction_alone(**left.args)
    assert len(COUNTED) == 1


@pytest.mark.parametrize("watts", [2000, HANGING], ids=["it raises", "its foreign key hangs"])
def test_one_that_fails_holds_back_no_other_and_is_tried_by_itself(watts: int) -> None:
    lamps = [light_lamp(SYSTEM, watts=watts if index == 1 else 40) for index in range(3)]
    assert run_together() == 2
    assert [lit.lamp for lit in SEEN] == lamps
    assert ReactionRun.objects.count() == 2
    (left,) = ProcrastinateJob.objects.filter(task_name=run_reaction.name)
    assert left.scheduled_at is not None
    assert run_together() == 0
    with pytest.raises((RuntimeError, DatabaseError)), transaction.atomic(durable=False):
        run_reaction(**left.args)
        connection.check_constraints()


def test_what_ran_before_is_not_run_again_among_others() -> None:
    light_lamp(SYSTEM)
    run_jobs()
    assert run_together() == 1
    assert len(SEEN) == 1


@pytest.mark.parametrize("statement", ["update kernel_fact set name = 'x'", "delete from kernel_fact"])
def test_facts_cannot_be_changed(statement: str) -> None:
    light_lamp(OFFICER)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_fact_name_is_used_once() -> None:
    with pytest.raises(LookupError, match=r"tests\.lamp_lit"):

        @fact("tests.lamp_lit")
        @dataclass(frozen=True, kw_only=True)
        class Other(Fact):
            pass


@reveals("the lamp's owner", persons=lambda row: [PERSON], subject=lambda row: f"lamp:{row}")
def owner_of(actor: Actor, lamp: int) -> int:
    return lamp


def test_a_look_at_private_data_is_a_fact_unless_it_is_ones_own() -> None:
    owner_of(replace(OFFICER, person_id=PERSON), 7)
    owner_of(SYSTEM, 7)
    assert not facts_about("lamp:7")
    owner_of(OFFICER, 7)
    (shown,) = facts_of_person(PERSON, name="kernel.personal_data_shown")
    assert shown.actor == OFFICER.person_id
    assert shown.departments == ("roads",)


def test_reactions_are_known_by_name() -> None:
    assert f"{__name__}.remember_lamp" in reactions._REACTIONS
