"""Who may give roles, and what an administrator cannot do."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from meydan.accounts import actions
from meydan.accounts.facts import RoleGranted, RoleRevoked
from meydan.accounts.models import Grant, Person
from meydan.accounts.queries import actor_for, find_active_person, list_people, with_roles
from meydan.accounts.tests.conftest import facts_of, make_actor, make_person
from meydan.kernel.actor import SYSTEM, Role
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused
from meydan.kernel.facts import PersonalDataShown

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.mark.usefixtures("roads")
def test_an_admin_gives_and_takes_back_at_the_page(sign_in: SignIn) -> None:
    admin, omar = make_person("admin", Role.ADMIN), make_person("omar")
    client, address = sign_in(admin), f"/accounts/people/{omar.pk}"
    assert "omar@example.org" in client.get(address).content.decode()
    form = {"role": "officer", "department": "roads"}
    assert client.post(address, form).status_code == 302
    assert actor_for(omar).departments == {"roads"}
    assert client.post(address, form).status_code == 422
    assert client.post(f"{address}/revoke", form).status_code == 302
    assert not actor_for(omar).has(Role.OFFICER)
    kinds = [type(fact) for fact in facts_of(omar.pk)]
    assert {RoleGranted, RoleRevoked, PersonalDataShown} <= set(kinds)


def test_the_person_sees_that_an_admin_looked(sign_in: SignIn) -> None:
    admin, omar = make_person("admin", Role.ADMIN), make_person("omar")
    sign_in(admin).get(f"/accounts/people/{omar.pk}")
    other = Client()
    other.post("/accounts/login/", {"login": "omar", "password": "four ordinary words"})
    page = other.get("/me").content.decode()
    assert "your name, e-mail address and roles" in page and "administrator" in page


@pytest.mark.parametrize("role", [None, *(role for role in Role if role not in (Role.USER, Role.ADMIN))])
@pytest.mark.usefixtures("roads")
def test_nobody_else_comes_in(sign_in: SignIn, role: Role | None) -> None:
    person = make_person("omar", *([role] if role else []), department="roads")
    client = sign_in(person)
    for address in ("/accounts/people/", f"/accounts/people/{person.pk}"):
        assert client.get(address).status_code == 403
    assert client.post(f"/accounts/people/{person.pk}", {"role": "admin"}).status_code == 403
    assert client.post(f"/accounts/people/{person.pk}/revoke", {"role": "admin"}).status_code == 403


def test_a_search_that_cannot_be_is_refused_with_a_reason(sign_in: SignIn) -> None:
    client = sign_in(make_person("sara", Role.ADMIN))
    for query in ({"q": "a\0"}, {"after": "x" * 100}):
        answer = client.get("/accounts/people/", query)
        assert answer.status_code == 422
        assert "main" in answer.content.decode()


def test_strangers_do_not_learn_who_exists() -> None:
    omar, sara = make_person("omar"), make_person("sara")
    for key in (sara.pk, uuid4()):
        with pytest.raises(NotFound):
            actions.grant_role(make_actor(omar), key, role=Role.ADMIN)
    with pytest.raises(Refused):
        actions.grant_role(make_actor(omar), omar.pk, role=Role.ADMIN)


@pytest.mark.usefixtures("roads")
@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.OFFICER, None), (Role.OFFICER, "nowhere"), (Role.AUDITOR, "roads"), (Role.USER, None)],
)
def test_a_grant_makes_sense_or_is_refused(role: Role, department: str | None) -> None:
    with pytest.raises(Invalid):
        actions.grant_role(SYSTEM, make_person().pk, role=role, department=department)


def test_the_last_admin_stays() -> None:
    admin = make_person("admin", Role.ADMIN)
    with pytest.raises(Conflict):
        actions.revoke_role(make_actor(admin), admin.pk, role=Role.ADMIN)
    with pytest.raises(Conflict):
        actions.delete_account(make_actor(admin))
    second = make_person("second", Role.ADMIN)
    actions.revoke_role(make_actor(second), admin.pk, role=Role.ADMIN)
    assert Grant.objects.filter(role=Role.ADMIN).count() == 1


@pytest.mark.usefixtures("committed")
def test_two_admins_cannot_leave_at_the_same_moment() -> None:
    people = [make_person("one", Role.ADMIN), make_person("two", Role.ADMIN)]
    start = threading.Barrier(2)

    def leave(person: Person) -> None:
        start.wait()
        try:
            actions.revoke_role(make_actor(person), person.pk, role=Role.ADMIN)
        except Conflict:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Grant.objects.filter(role=Role.ADMIN).count() == 1


def test_finding_people() -> None:
    admin = make_actor(make_person("admin", Role.ADMIN))
    for number in range(35):
        actions.sign_up(
            SYSTEM,
            username=f"p{number:02}",
            name=f"Person {number}",
            email=None,
            password=None,
            language="en",
            way="seed",
        )
    first = list_people(admin)
    assert len(first.people) == 30 and first.next
    assert len(list_people(admin, after=first.next).people) == 6
    assert [one.username for one in list_people(admin, words="person 7").people] == ["p07"]
    assert [one.username for one in list_people(admin, words="admin@example.org").people] == ["admin"]
    assert not list_people(admin, words="%").people


@pytest.mark.usefixtures("roads")
def test_the_person_behind_a_session_is_the_same_person() -> None:
    """Plain SQL reads what the models would."""
    person = make_person("amina", Role.OFFICER, Role.MODERATOR, department="roads")
    found = find_active_person(person.pk)
    (same,) = with_roles(Person.objects.filter(pk=person.pk))
    assert found is not None
    fields = [field.attname for field in Person._meta.concrete_fields]
    assert {name: found.__dict__.get(name) for name in fields} == {name: getattr(same, name) for name in fields}
    assert actor_for(found) == actor_for(same)
    assert actor_for(found).departments == {"roads"}
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert find_active_person(person.pk) is None
