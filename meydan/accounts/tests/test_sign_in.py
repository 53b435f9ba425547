"""Signing in and out, and what guards it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meydan.accounts import actions
from meydan.accounts.facts import SessionEnded, SignedIn
from meydan.accounts.models import Person
from meydan.accounts.tests.conftest import PASSWORD, facts_of, make_actor, make_person
from meydan.kernel.actor import Role

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
CountQueries = Callable[[int], AbstractContextManager[CaptureQueriesContext]]


@pytest.mark.parametrize("login", ["amina", "AMINA", "amina@example.org", "Amina@Example.org"])
def test_by_username_or_address(client: Client, login: str) -> None:
    person = make_person()
    answer = client.post("/accounts/login/", {"login": login, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/me")
    fact = facts_of(person.pk)[-1]
    assert isinstance(fact, SignedIn) and fact.methods == ["password"]


def test_one_goes_on_where_one_came_from_but_never_elsewhere(client: Client) -> None:
    make_person()
    form = {"login": "amina", "password": PASSWORD}
    assert client.post("/accounts/login/", {**form, "next": "/me/history"})["Location"] == "/me/history"
    client.logout()
    assert client.post("/accounts/login/", {**form, "next": "https://evil.example/"})["Location"] == "/me"


def test_a_wrong_password_says_the_same_as_a_wrong_name(client: Client) -> None:
    make_person()
    pages = [
        client.post("/accounts/login/", {"login": login, "password": "wrong wrong wrong"}).content.decode()
        for login in ("amina", "nobody")
    ]
    assert all("The name or the password is wrong." in page for page in pages)


def test_attempts_are_counted_in_the_database(client: Client) -> None:
    make_person()
    for _attempt in range(6):
        page = client.post("/accounts/login/", {"login": "amina", "password": "wrong wrong wrong"}).content.decode()
    assert "Too many attempts" in page
    page = client.post("/accounts/login/", {"login": "amina", "password": PASSWORD}).content.decode()
    assert "Too many attempts" in page


def test_signing_out_leaves_a_fact(sign_in: SignIn) -> None:
    person = make_person()
    answer = sign_in(person).post("/accounts/logout/")
    assert answer["Location"] == "/"
    fact = facts_of(person.pk)[-1]
    assert isinstance(fact, SessionEnded) and fact.how == "signed_out"


def test_a_visitor_is_sent_to_sign_in_and_back(client: Client) -> None:
    assert client.get("/me")["Location"] == "/accounts/login/?next=/me"


def test_an_anonymous_page_asks_the_database_nothing_about_accounts(
    client: Client, django_assert_num_queries: CountQueries
) -> None:
    client.get("/offline")
    with django_assert_num_queries(0):
        client.get("/offline")


@pytest.mark.usefixtures("roads")
def test_the_actor_costs_one_query_beside_the_session(sign_in: SignIn, django_assert_num_queries: CountQueries) -> None:
    client = sign_in(make_person("omar", Role.OFFICER, department="roads"))
    client.get("/offline")
    with django_assert_num_queries(3) as queries:
        client.get("/offline")
    session, actor, news = (query["sql"] for query in queries)
    assert "django_session" in session
    assert "accounts_grant" in actor
    assert "notifications_news" in news, "the mark in the bar is no part of the actor"


def test_a_closed_account_is_a_visitor(sign_in: SignIn) -> None:
    person = make_person()
    client = sign_in(person)
    actions.delete_account(make_actor(person))
    assert client.get("/me").status_code == 302
    page = Client().post("/accounts/login/", {"login": "amina", "password": PASSWORD}).content.decode()
    assert "The name or the password is wrong." in page


def test_our_words_win_over_the_libraries(client: Client) -> None:
    client.cookies["language"] = "ar"
    page = client.get("/accounts/login/").content.decode()
    assert "كلمة السر" in page and "كلمة المرور" not in page
