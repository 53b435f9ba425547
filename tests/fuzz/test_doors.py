"""Malformed requests to every address: no fault of ours, nothing of our insides shown, every refusal with a reason.

`derandomize`: the same requests each time, so that a failure is a change of ours.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from meydan.accounts.models import Grant, Person
from meydan.kernel import limits
from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.config import config
from meydan.reports.actions import issue_api_key
from meydan.reports.tests.cast import make_city, make_report
from tests.fuzz.doors import DOORS, Door, is_allauths, parts_of, routes
from tests.fuzz.judge import judge
from tests.fuzz.malformed import Wrong, requests

pytestmark = pytest.mark.django_db

FUZZ = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # no shrinking: a request is small, and the time is better spent on more of them
    suppress_health_check=list(HealthCheck),
)


def test_every_address_has_a_way_to_be_tried() -> None:
    known = set(routes())
    missing = sorted(route for route in known - set(DOORS) if not is_allauths(route))
    assert not missing, f"say in tests/fuzz/doors.py how these are tried: {missing}"
    assert not set(DOORS) - known, f"take these out of tests/fuzz/doors.py: {sorted(set(DOORS) - known)}"


@pytest.fixture(autouse=True)
def _scene(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A small city; no rate limits, which would hide what lies behind; passwords that cost nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    free = config().model_copy(update={"rate_limits": False})
    monkeypatch.setattr(limits, "config", lambda: free)
    make_city()
    issue_api_key(SYSTEM, name="fuzz", key="fuzz-key")
    yield


def make_client(role: str) -> Client:
    """A browser in which somebody of this role is signed in."""
    client = Client()
    if role != "visitor":
        person = Person.objects.create(username=role, name=role.title(), email=f"{role}@demo.example")
        if role != "citizen":
            department = "roads" if role == "officer" else None
            Grant.objects.create(person=person, role=role, department_id=department)
        client.force_login(person, backend="meydan.accounts.pages.backend.PersonBackend")
    return client


def send(client: Client, wrong: Wrong) -> None:
    response = client.generic(
        wrong.method,
        wrong.path,
        wrong.body,
        wrong.kind,
        QUERY_STRING=wrong.query,
        **wrong.headers,  # type: ignore[arg-type]  # the environment of WSGI takes any text
    )
    judge(response, method=wrong.method)


def fill_in(door: Door) -> Door:
    """The door with the numbers that the scene has."""
    number = str(make_report(VISITOR).pk)
    person = str(Person.objects.create(username="somebody").pk)
    known = {"NUMBER": number, "PERSON": person}
    return replace(door, rights=tuple(known.get(right, right) for right in door.rights))


@pytest.mark.parametrize("route", DOORS)
def test_malformed_requests(route: str) -> None:
    door = fill_in(DOORS[route])
    client = make_client(door.role)
    session = client.cookies.copy()

    @settings(FUZZ, max_examples=door.tries)
    @given(requests(parts_of(route), door.method, door.fields, door.rights))
    def attack(wrong: Wrong) -> None:
        client.cookies = session.copy()
        send(client, wrong)

    attack()


def test_malformed_requests_to_an_open311_list() -> None:
    """Its address also takes POST, which is tried above."""
    door = replace(DOORS["open311/v2/requests.<slug:form>"], method="GET")
    client = make_client("visitor")

    @settings(FUZZ, max_examples=500)
    @given(requests(parts_of("open311/v2/requests.<slug:form>"), "GET", door.fields, door.rights))
    def attack(wrong: Wrong) -> None:
        send(client, wrong)

    attack()


@pytest.mark.parametrize("role", ["visitor", "citizen"])
def test_malformed_requests_to_allauths_addresses(role: str) -> None:
    client = make_client(role)
    session = client.cookies.copy()
    fields = {"code": ["123456"], "email": ["a@b.example"], "password": ["x"], "password1": ["x"], "action_add": [""]}
    addresses = [route for route in routes() if is_allauths(route)]

    @settings(FUZZ, max_examples=1000)
    @given(
        st.sampled_from(addresses).flatmap(
            lambda route: st.sampled_from(("GET", "POST")).flatmap(
                lambda method: requests(parts_of(route), method, fields, ("1",))
            )
        )
    )
    def attack(wrong: Wrong) -> None:
        client.cookies = session.copy()
        send(client, wrong)

    attack()
