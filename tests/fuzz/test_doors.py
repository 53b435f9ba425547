"""Malformed requests to every address: no fault of ours, nothing of our insides shown, every refusal with a reason.

`derandomize`: the same requests each time, so that a failure is a change of ours.
"""

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie

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
from tests.fuzz.forms import REQUESTS
from tests.fuzz.judge import judge
from tests.fuzz.malformed import Wrong, requests

pytestmark = pytest.mark.django_db

SHORT = 25
"""Malformed requests to each address in the everyday suite; with `--long` there are 500."""

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
    """A small city; no rate limits, which would hide what lies behind."""
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


def attack(route: str, door: Door, most: int) -> None:
    """Send so many malformed requests to one address, each with the cookies that the first one had."""
    door = fill_in(door)
    client = make_client(door.role)
    session = client.cookies.output(header="")

    @settings(FUZZ, max_examples=min(door.tries, most))
    @given(requests(parts_of(route), door.method, door.fields, door.rights))
    def one(wrong: Wrong) -> None:
        client.cookies = SimpleCookie(session)
        send(client, wrong)

    one()


OPEN311_LIST = "open311/v2/requests.<slug:form>"
ALL_DOORS = [*DOORS.items(), (OPEN311_LIST, replace(DOORS[OPEN311_LIST], method="GET", fields=REQUESTS))]
NAMES = [f"{door.method} /{route}" for route, door in ALL_DOORS]


@pytest.mark.parametrize(("route", "door"), ALL_DOORS, ids=NAMES)
def test_malformed_requests(route: str, door: Door) -> None:
    attack(route, door, most=SHORT)


@pytest.mark.long
@pytest.mark.parametrize(("route", "door"), ALL_DOORS, ids=NAMES)
def test_five_hundred_malformed_requests(route: str, door: Door) -> None:
    attack(route, door, most=500)


@pytest.mark.parametrize("role", ["visitor", "citizen"])
def test_malformed_requests_to_allauths_addresses(role: str) -> None:
    """A library's own forms: they share the tries."""
    client = make_client(role)
    session = client.cookies.output(header="")
    fields = {"code": ["123456"], "email": ["a@b.example"], "password": ["x"], "password1": ["x"], "action_add": [""]}
    addresses = [route for route in routes() if is_allauths(route)]
    any_of_them = st.tuples(st.sampled_from(addresses), st.sampled_from(("GET", "POST"))).flatmap(
        lambda one: requests(parts_of(one[0]), one[1], fields, ("1",))
    )

    @settings(FUZZ, max_examples=3 * SHORT)
    @given(any_of_them)
    def one(wrong: Wrong) -> None:
        client.cookies = SimpleCookie(session)
        send(client, wrong)

    one()
