"""The registry is asked again: death ends an identity, another address revokes what says the old one."""

from datetime import timedelta
from typing import Any

import pytest

from meydan.identity.actions import rechecking
from meydan.identity.models import Identity
from meydan.identity.plugins.registry import Entry
from meydan.identity.queries.enrolment import own_reads
from meydan.identity.tests.cast import CLAIMS, FakeRegistry, actor_of, known, make_identity, make_person
from meydan.kernel.clock import now
from meydan.kernel.facts import facts_of_person

pytestmark = pytest.mark.django_db


def recheck(monkeypatch: Any, registry: FakeRegistry | None) -> int:
    """A week later."""
    Identity.objects.update(checked_at=now() - timedelta(days=8))
    monkeypatch.setattr(rechecking, "connected", lambda: registry)
    return rechecking.recheck_some()


def test_requirement_07_death_ends_an_identity(monkeypatch: Any) -> None:
    person = make_person("amina")
    identity = make_identity(person)
    assert recheck(monkeypatch, known(alive=False)) == 1
    identity.refresh_from_db()
    assert identity.ended_at and not identity.locked_claims
    assert [one.fact.why for one in facts_of_person(person.pk, name="identity.ended")] == ["death"]  # type: ignore[attr-defined]  # the fact of this name


def test_requirement_07_another_address_is_taken_over_and_told(monkeypatch: Any) -> None:
    person = make_person("amina")
    identity = make_identity(person)
    moved = CLAIMS.model_copy(update={"address": "Rue Neuve 4"})
    assert recheck(monkeypatch, known(claims=moved)) == 1
    identity.refresh_from_db()
    assert identity.claims == moved
    (fact,) = facts_of_person(person.pk, name="identity.claims_changed")
    assert fact.fact.claims == ["address"]  # type: ignore[attr-defined]  # the fact of this name
    assert [one.kind for one in own_reads(actor_of(person))] == ["registry"], "each question is one that they see"


def test_it_is_asked_once_a_week_and_not_while_the_registry_is_silent(monkeypatch: Any) -> None:
    identity = make_identity(make_person("amina"))
    assert recheck(monkeypatch, FakeRegistry({CLAIMS.number: Entry(CLAIMS)}, down=1)) == 0
    assert recheck(monkeypatch, FakeRegistry({})) == 1, "a number that is lost there changes nothing by itself"
    assert rechecking.recheck_some() == 0 and recheck(monkeypatch, None) == 0
    identity.refresh_from_db()
    assert identity.ended_at is None
