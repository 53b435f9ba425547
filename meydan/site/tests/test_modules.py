"""A city opens its parts one by one: what is closed is not there, and nothing leads to it."""

from collections.abc import Iterator

import pytest
from django.test import Client

from meydan.kernel import city
from meydan.site import frame, modules
from meydan.site.modules import SiteRules

pytestmark = pytest.mark.django_db


@pytest.fixture
def without_events(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A city that has no events yet, and no club."""
    rules = SiteRules.model_validate({"closed": ["events", "club"]})
    monkeypatch.setattr(modules, "rules_of", lambda domain, kind: rules)
    frame.is_open.cache_clear()
    yield
    frame.is_open.cache_clear()


@pytest.mark.parametrize("path", ["/events/", "/events/month", "/events/calendar.ics", "/api/events", "/club/"])
def test_what_is_closed_is_not_there(client: Client, without_events: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "not open yet" in answer.content.decode()


def test_nothing_leads_there_and_the_rest_goes_on(client: Client, without_events: None) -> None:
    home = client.get("/").content.decode()
    assert 'href="/events/"' not in home
    assert 'href="/apps/"' in home
    assert client.get("/articles/").status_code == 200
    assert client.get("/search?q=events").status_code == 200


def test_everything_is_open_unless_the_pack_says_otherwise(client: Client) -> None:
    assert modules.closed_parts() == frozenset()
    assert client.get("/events/").status_code == 200


def test_a_pack_closes_only_what_can_be_closed() -> None:
    with pytest.raises(ValueError, match="closed"):
        SiteRules.model_validate({"closed": ["reports"]})
    assert city.rules_of("site", SiteRules).closed == frozenset()
