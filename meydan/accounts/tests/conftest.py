"""Persons and doors for the tests of accounts."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from meydan.accounts import actions
from meydan.accounts.models import Person
from meydan.accounts.queries import actor_for
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.facts import Fact, facts_of_person
from meydan.notifications.models import Mail

PASSWORD = "four ordinary words"
CHARTER = {"en": "# The charter\n\nBe kind.", "ar": "# الميثاق\n\nكن لطيفا."}


@pytest.fixture(autouse=True)
def outbox(settings: LazySettings) -> None:
    """Mail goes where the city's mail goes; Django's test runner would catch it."""
    settings.EMAIL_BACKEND = "meydan.notifications.public.OutboxBackend"


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests whose threads must see each other's commits: afterwards Django empties the tables, facts included."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_fact disable trigger kernel_fact_no_truncate")


@pytest.fixture
def charter(db: None) -> None:
    actions.publish_charter(SYSTEM, version="1", text=CHARTER)


@pytest.fixture
def roads(db: None) -> str:
    """The code of a department."""
    return actions.keep_department(SYSTEM, code="roads", name={"en": "Roads", "ar": "الطرق"}).code


def make_person(username: str = "amina", *roles: Role, department: str | None = None, language: str = "en") -> Person:
    """An account that is confirmed and has PASSWORD, made by the real actions."""
    person = actions.sign_up(
        SYSTEM,
        username=username,
        name=username.title(),
        email=f"{username}@example.org",
        password=PASSWORD,
        language=language,
        way="console",
    )
    actions.confirm_email(SYSTEM, person.pk, email=f"{username}@example.org")
    for role in roles:
        actions.grant_role(SYSTEM, person.pk, role=role, department=department if role is Role.OFFICER else None)
    return Person.objects.get(pk=person.pk)


def make_actor(person: Person) -> Actor:
    return actor_for(person, language=person.language)


@pytest.fixture
def sign_in(client: Client) -> Callable[[Person], Client]:
    """Sign a person in through the door, and hand back the client."""

    def through_the_door(person: Person) -> Client:
        answer = client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return through_the_door


def last_code(address: str) -> str:
    """The code in the latest letter to an address."""
    letter = Mail.objects.filter(to=address).latest("posted_at")
    return re.split(r"\s", letter.subject)[0]


def facts_of(person_id: UUID) -> list[Fact]:
    """What is recorded about a person, oldest first."""
    return [one.fact for one in reversed(facts_of_person(person_id))]
